/* SPDX-License-Identifier: MIT */
/*
 * buddy_setup.c - the allocator at the start: one clean run, or free lists as a board shows them.
 *
 * /proc/buddyinfo says how many blocks there are, not where. Where they lie decides later answers:
 * a request that finds nothing unmovable takes a whole pageblock, with all free blocks in it. So
 * they are dealt out to the pageblocks that a booted kernel leaves, as the free lists in the memory
 * of 6.12 guests of 16 to 128 MiB showed them.
 */
#include "arena/buddy.h"

#include <string.h>

/* The pageblocks that a booted kernel has used a part of, as they lie in memory, and all others. */
enum site {
	SITE_IMAGE,   /* the kernel's image ends here */
	SITE_KERNEL,  /* unmovable: where the kernel's records are */
	SITE_PROGRAM, /* unmovable: the first program, where the one before did not do */
	SITE_MIDDLE,  /* of RAM: a few pages in use at its start, so one block of each order */
	SITE_TOP,     /* of RAM: its last pages describe all others */
	SITE_ANY,
	SITES
};

/*
 * A gap: 2^order pages that hold nothing yet. room is the largest block that may be put in as a
 * whole: one order less where the gap's buddy is a free block, or the two would merge.
 */
struct gap {
	enum site site;
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
	const uint32_t *free;
	unsigned max_order;
	uint32_t block[SITES]; /* each site's pageblock, a number; SITE_ANY: the next to begin */
	uint32_t blocks;       /* begun, or before one that is */
	unsigned count;	       /* gaps in use */
	bool begun[SITES];
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

static void add_gap(struct layout *l, struct gap gap)
{
	if (l->count == GAPS) {
		memmove(&l->gap[0], &l->gap[1], (GAPS - 1) * sizeof l->gap[0]);
		l->count--;
	}
	l->gap[l->count++] = gap;
}

/* The smallest gap of the site that will do; its index, or l->count. */
static unsigned find_gap(const struct layout *l, enum site site, unsigned order)
{
	unsigned best = l->count;

	for (unsigned i = 0; i < l->count; i++)
		if (l->gap[i].site == site && l->gap[i].room >= order &&
		    (best == l->count || l->gap[i].order < l->gap[best].order))
			best = i;
	return best;
}

static uint32_t begin_block(struct layout *l, enum site site)
{
	uint32_t block = l->block[site];

	if (site == SITE_ANY) {
		while (block == l->block[SITE_MIDDLE] || block == l->block[SITE_TOP])
			block++;
		l->block[site] = block + 1;
	}
	l->begun[site] = true;
	if (l->blocks <= block)
		l->blocks = block + 1;
	return block << l->max_order;
}

/* The place of one more free block: of the site, or anywhere if it has no room there. */
static struct gap place(struct layout *l, enum site site, unsigned order)
{
	unsigned best = find_gap(l, site, order);
	struct gap found;

	if (best == l->count && l->begun[site]) {
		site = SITE_ANY;
		best = find_gap(l, site, order);
	}
	if (best < l->count) {
		found = l->gap[best];
		l->gap[best] = l->gap[--l->count];
	} else {
		found = (struct gap){ site, begin_block(l, site), l->max_order, l->max_order };
	}
	/* Of the halves that stay the block's own buddy may not become free as a whole. */
	for (unsigned half = order; half < found.order; half++)
		if (half > 0)
			add_gap(l, (struct gap){ found.site, found.page + (1u << half), half,
						 half == order ? half - 1 : half });
	return found;
}

/*
 * The site of the nth free block of an order: the letters' in turn, then any. Two halves of
 * pageblocks are usual, and a third where the program has a pageblock of its own; where there is
 * only one, no page in the middle is in use.
 */
static enum site site_of(const struct layout *l, unsigned order, uint32_t nth)
{
	static const char letters[] = "IKPMT"; /* enum site */
	static const char *const large[2][6] = {
		{ "", "MT", "KMIT", "MTT", "MTIT", "KMITIT" },
		{ "", "PMT", "PMIT", "KMTT", "MTIT", "PMITIT" },
	};
	static const char *const small[] = { "KTKM", "MTITIK", "MTIKTI", "MTIKT", "MTKIT" };
	unsigned below = l->max_order - order; /* a pageblock is so many orders larger */
	uint32_t halves = l->max_order ? l->free[l->max_order - 1] : 0;
	const char *sites = below < ARRAY_SIZE(large[0]) ? large[halves > 2][below]
			    : order < ARRAY_SIZE(small)	 ? small[order]
							 : small[ARRAY_SIZE(small) - 1];

	for (; *sites; sites++) {
		if (*sites == 'M' && halves < 2)
			continue;
		if (!nth--)
			return (enum site)(strchr(letters, *sites) - letters);
	}
	return SITE_ANY;
}

/* Numbers the pageblocks of the sites that get a block; wholly free ones surround the middle. */
static void number_sites(struct layout *l)
{
	bool used[SITES] = { false };
	uint32_t next = 0;

	for (unsigned order = 0; order < l->max_order; order++)
		for (uint32_t i = 0; i < l->free[order] && i < GAPS; i++)
			used[site_of(l, order, i)] = true;
	for (enum site site = SITE_IMAGE; site <= SITE_PROGRAM; site++)
		if (used[site])
			l->block[site] = next++;
	l->block[SITE_ANY] = next;
	l->block[SITE_MIDDLE] = used[SITE_MIDDLE] ? next + l->free[l->max_order] / 2 : UINT32_MAX;
	l->block[SITE_TOP] =
		used[SITE_TOP] ? next + l->free[l->max_order] + used[SITE_MIDDLE] : UINT32_MAX;
}

typedef void place_fn(struct buddy_view *v, uint32_t page, unsigned order);

/* One run from page 0: calls fn for each block; returns the pages in whole pageblocks. */
static uint32_t lay_out_run(uint64_t free_pages, unsigned max_order, place_fn *fn,
			    struct buddy_view *v)
{
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

/* As a board's free lists say. */
static uint32_t lay_out_lists(const uint32_t *free, unsigned max_order, place_fn *fn,
			      struct buddy_view *v)
{
	struct layout l = { .free = free, .max_order = max_order };
	uint32_t within = (1u << max_order) - 1;

	number_sites(&l);
	for (unsigned order = max_order + 1; order-- > 0;) {
		for (uint32_t i = 0; i < free[order]; i++) {
			struct gap at = place(&l, site_of(&l, order, i), order);

			if (!v)
				continue;
			if (at.site <= SITE_MIDDLE) /* what is in use lies below what is free */
				at.page ^= within & ~((1u << order) - 1);
			if (at.site == SITE_KERNEL || at.site == SITE_PROGRAM)
				v->block[at.page >> max_order].type = BUDDY_UNMOVABLE;
			fn(v, at.page, order);
		}
	}
	return l.blocks << max_order;
}

static uint32_t lay_out(uint64_t free_pages, const uint32_t *free, unsigned max_order, place_fn *fn,
			struct buddy_view *v)
{
	return free ? lay_out_lists(free, max_order, fn, v)
		    : lay_out_run(free_pages, max_order, fn, v);
}

uint64_t buddy_span(uint64_t free_pages, const uint32_t *free, unsigned max_order)
{
	return lay_out(free_pages, free, max_order, NULL, NULL);
}

static void start_free(struct buddy_view *v, uint32_t page, unsigned order)
{
	struct buddy_list *list = &v->b->list[v->block[page >> v->b->max_order].type][order];
	uint32_t last = (uint32_t)(list->ends >> 32);

	buddy_word(v, page)->word = BUDDY_LINK_MASK | (uint64_t)last << BUDDY_LINK_BITS |
				    (uint64_t)(order + 1) << (2 * BUDDY_LINK_BITS);
	if (last == BUDDY_LINK_MASK)
		list->ends = page;
	else
		buddy_word(v, last)->word =
			(buddy_word(v, last)->word & ~(uint64_t)BUDDY_LINK_MASK) | page;
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
		v->block[block] = (struct buddy_block){ .type = BUDDY_MOVABLE };
	lay_out(free_pages, free, v->b->max_order, start_free, v);
}
