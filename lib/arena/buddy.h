/* SPDX-License-Identifier: MIT */
/*
 * buddy.h - the kernel's page allocator over a caller's memory: no operating system, no lock, no
 * pointers that are stored. Blocks of 2^order pages, split on allocation, merged on free.
 *
 * Like Linux it groups by mobility, and that decides which block a request gets. A pageblock
 * (2^max_order pages) is of one type. All that programs ask for is unmovable; memory is movable at
 * boot, but for what the kernel itself and a first program took. A request takes the smallest block
 * of the unmovable lists; if there is none, the largest movable block, and its whole pageblock
 * becomes unmovable with it (mm/page_alloc.c:2188, 6.12). Lists are last in, first out, except that
 * a block whose merging is near goes to the end.
 */
#ifndef NOMMU_ARENA_BUDDY_H
#define NOMMU_ARENA_BUDDY_H

#include "arena/journal.h"
#include "base/types.h"

#define BUDDY_ORDERS 20	      /* orders 0..19 */
#define BUDDY_NONE UINT32_MAX /* no page, as a result */

enum buddy_type { BUDDY_UNMOVABLE, BUDDY_MOVABLE, BUDDY_TYPES };

/*
 * A list of free blocks, by their first pages; both
 * ends in one word, so that one store changes them.
 */
struct buddy_list {
	uint64_t ends; /* first | last << 32 */
};

/*
 * A page, in one word so that one journal entry holds it: next | prev << 28 | state << 56. Only the
 * first page of a free block carries anything: state is its order + 1, next and prev are its
 * list's; state 0 is a page in use or inside a free block.
 */
struct buddy_page {
	uint64_t word;
};

/* A pageblock. Its first page's word is here: what is free at the start is whole pageblocks. */
struct buddy_block {
	struct buddy_page head;
	uint32_t type; /* enum buddy_type */
	uint32_t pad;
};

#define BUDDY_LINK_BITS 28
#define BUDDY_LINK_MASK ((1u << BUDDY_LINK_BITS) - 1) /* also: no page. 2^28 pages are 1 TiB */

static inline uint32_t buddy_state(const struct buddy_page *p)
{
	return (uint32_t)(p->word >> (2 * BUDDY_LINK_BITS));
}

/* Everything but the pages; lies in shared memory. */
struct buddy {
	uint32_t pages;	     /* pages in all, a multiple of 2^max_order */
	uint32_t max_order;  /* largest block */
	uint32_t free_pages; /* pages in the lists */
	uint32_t reserve;    /* pages kept back: the min watermark */
	uint32_t trim;	     /* vm.nr_trim_pages */
	uint32_t pad;
	struct buddy_list list[BUDDY_TYPES][BUDDY_ORDERS];
};

/* One process's view of an allocator. */
struct buddy_view {
	struct buddy *b;
	struct buddy_page *page;   /* b->pages of them, those of pageblocks' first pages unused */
	struct buddy_block *block; /* one for each pageblock */
	/* Makes the words of a whole free pageblock exist before any is used; false: no room. */
	bool (*open)(const struct buddy_view *v, uint32_t page);
	struct journal journal;
};

/* The word of a page. */
static inline struct buddy_page *buddy_word(const struct buddy_view *v, uint32_t page)
{
	uint32_t inside = page & ((1u << v->b->max_order) - 1);

	return inside ? &v->page[page] : &v->block[page >> v->b->max_order].head;
}

enum buddy_answer { BUDDY_OK, BUDDY_TOO_LARGE, BUDDY_FRAGMENTED, BUDDY_EMPTY };

/*
 * Pages that --ram or free[] (blocks per order) need,
 * in whole pageblocks; free NULL: one clean run.
 */
uint64_t buddy_span(uint64_t free_pages, const uint32_t *free, unsigned max_order);

/* The min watermark for so many pages: int_sqrt(KiB * 16) KiB, as mm/page_alloc.c:6170 (6.12). */
uint32_t buddy_reserve(uint64_t free_pages);

/*
 * Fills an allocator: b->pages, max_order, reserve and trim are set, its pages are zero.
 * With free, blocks are laid out so that none merges with another; else free_pages pages
 * lie in one run from page 0.
 */
void buddy_setup(struct buddy_view *v, uint64_t free_pages, const uint32_t *free);

/* What a request of n > 0 pages would get. Changes nothing. */
enum buddy_answer buddy_would(const struct buddy_view *v, uint64_t n);

/*
 * Takes n pages side by side: a block of the next power of two, whose tail goes back if at least
 * `trim` pages would. *kept is how many pages stay taken. Returns the first page, or BUDDY_NONE
 * where buddy_would() is not BUDDY_OK, or open() failed.
 */
uint32_t buddy_alloc(const struct buddy_view *v, uint64_t n, uint32_t *kept);

/* Gives pages [start, start + n) back; they are in use. */
void buddy_free(const struct buddy_view *v, uint32_t start, uint32_t n);

/* Pages of the largest free block. */
uint32_t buddy_largest(const struct buddy_view *v);

/* Free blocks of an order, both types; counts them. */
uint32_t buddy_blocks(const struct buddy_view *v, unsigned order);

/* Every invariant; NULL if all hold, else what is wrong. */
const char *buddy_check(const struct buddy_view *v);

#endif
