/* SPDX-License-Identifier: MIT */
/*
 * buddy_setup.c - the allocator at the start: either
 * one clean run, or free lists as a board shows them.
 *
 * /proc/buddyinfo says how many blocks there are, not where. They are laid out from the first page,
 * large ones first, each in the next gap in which it merges with nothing; what the gaps keep is the
 * kernel's. A kernel that has booted and loaded a program has made pageblocks unmovable and used a
 * part of them: what is left there is what the first requests get.
 */
#include "arena/buddy.h"

#include <string.h>

/*
 * A gap: 2^order pages that hold nothing yet. room is the largest block that may be put in as a
 * whole: one order less where the gap's buddy is a free block, or the two would merge.
 */
struct gap {
	uint32_t page;
	unsigned order;
	unsigned room;
};

/*
 * Gaps in use at a time: at most one of each order
 * per half-filled pageblock; the oldest are dropped.
 */
#define GAPS 256

struct layout {
	unsigned max_order;
	uint32_t next;	/* first page of the next untouched pageblock */
	unsigned count; /* gaps in use */
	struct gap gap[GAPS];
};

static uint32_t isqrt(uint64_t n)
{
	uint64_t r = 0;

	for (uint64_t bit = 1ULL << 31; bit; bit >>= 1)
		if ((r | bit) * (r | bit) <= n)
			r |= bit;
	return (uint32_t)r;
}

uint32_t buddy_reserve(uint64_t free_pages)
{
	uint64_t kib = isqrt((free_pages << (NOMMU_PAGE_SHIFT - 10)) * 16);

	return (uint32_t)(kib >> (NOMMU_PAGE_SHIFT - 10));
}

static void add_gap(struct layout *l, uint32_t page, unsigned order, unsigned room)
{
	if (l->count == GAPS) {
		memmove(&l->gap[0], &l->gap[1], (GAPS - 1) * sizeof l->gap[0]);
		l->count--;
	}
	l->gap[l->count++] = (struct gap){ page, order, room };
}

/* The place of one more free block; the smallest gap that will do, else a new pageblock. */
static uint32_t place(struct layout *l, unsigned order)
{
	struct gap found = { l->next, l->max_order, l->max_order };
	unsigned best = l->count;

	for (unsigned i = 0; i < l->count; i++)
		if (l->gap[i].room >= order &&
		    (best == l->count || l->gap[i].order < l->gap[best].order))
			best = i;
	if (best < l->count) {
		found = l->gap[best];
		l->gap[best] = l->gap[--l->count];
	} else {
		l->next += 1u << l->max_order;
	}
	/*
	 * The halves that stay: the block's own buddy may
	 * not become free as a whole, the others may.
	 */
	for (unsigned half = order; half < found.order; half++)
		if (half > 0)
			add_gap(l, found.page + (1u << half), half,
				half == order ? half - 1 : half);
	return found.page;
}

/*
 * Whether one free block of the order is unmovable at the start, as /proc/pagetypeinfo of
 * 6.12 guests of 20 to 64 MiB shows it after a first program was loaded: most of a pageblock,
 * cut where that program lies.
 */
static bool is_left_unmovable(unsigned order, unsigned max_order)
{
	return (order >= 2 && order <= 5 && order + 4 < max_order) ||
	       (order < max_order && order + 3 >= max_order);
}

/* Calls fn for every free block of the start. */
static uint32_t lay_out(uint64_t free_pages, const uint32_t *free, unsigned max_order,
			void (*fn)(struct buddy_view *, uint32_t, unsigned), struct buddy_view *v)
{
	struct layout l = { .max_order = max_order };

	if (!free) {
		uint64_t span = (free_pages + (1u << max_order) - 1) >> max_order;

		for (uint32_t page = 0; v && page < free_pages;) {
			unsigned order = max_order;

			while (page + (1ULL << order) > free_pages)
				order--;
			fn(v, page, order);
			page += 1u << order;
		}
		return (uint32_t)(span << max_order);
	}
	for (unsigned order = max_order; order-- > 0;) {
		uint32_t page;

		if (!free[order] || !is_left_unmovable(order, max_order))
			continue;
		page = place(&l, order);
		if (!v)
			continue;
		/* What is in use lies below what is free. */
		page = l.next - (1u << order) - (page & ((1u << max_order) - 1));
		v->type[page >> max_order] = BUDDY_UNMOVABLE;
		fn(v, page, order);
	}
	l.count = 0; /* the rest of that pageblock is in use */
	for (unsigned order = max_order + 1; order-- > 0;) {
		for (uint32_t i = is_left_unmovable(order, max_order); i < free[order]; i++) {
			uint32_t page = place(&l, order);

			if (v)
				fn(v, page, order);
		}
	}
	return l.next;
}

uint64_t buddy_span(uint64_t free_pages, const uint32_t *free, unsigned max_order)
{
	return lay_out(free_pages, free, max_order, NULL, NULL);
}

static void start_free(struct buddy_view *v, uint32_t page, unsigned order)
{
	struct buddy_list *list = &v->b->list[v->type[page >> v->b->max_order]][order];
	uint32_t last = (uint32_t)(list->ends >> 32);

	v->page[page].word = BUDDY_LINK_MASK | (uint64_t)last << BUDDY_LINK_BITS |
			     (uint64_t)(order + 1) << (2 * BUDDY_LINK_BITS);
	if (last == BUDDY_LINK_MASK)
		list->ends = page;
	else
		v->page[last].word = (v->page[last].word & ~(uint64_t)BUDDY_LINK_MASK) | page;
	list->ends = (list->ends & UINT32_MAX) | (uint64_t)page << 32;
	v->b->free_pages += 1u << order;
}

void buddy_setup(struct buddy_view *v, uint64_t free_pages, const uint32_t *free)
{
	v->b->free_pages = 0;
	for (unsigned type = 0; type < BUDDY_TYPES; type++)
		for (unsigned order = 0; order < BUDDY_ORDERS; order++)
			v->b->list[type][order].ends = BUDDY_LINK_MASK | (uint64_t)BUDDY_LINK_MASK
										 << 32;
	for (uint32_t block = 0; block < v->b->pages >> v->b->max_order; block++)
		v->type[block] = BUDDY_MOVABLE;
	lay_out(free_pages, free, v->b->max_order, start_free, v);
}
