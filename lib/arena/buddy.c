/* SPDX-License-Identifier: MIT */
/* buddy.c - see buddy.h: the lists, giving back, taking, and the check of all of it. */
#include "arena/buddy.h"

/* ---- lists ---- */

#define NONE BUDDY_LINK_MASK

static uint32_t next_of(const struct buddy_page *p)
{
	return (uint32_t)p->word & BUDDY_LINK_MASK;
}

static uint32_t prev_of(const struct buddy_page *p)
{
	return (uint32_t)(p->word >> BUDDY_LINK_BITS) & BUDDY_LINK_MASK;
}

static uint64_t page_word(uint32_t next, uint32_t prev, unsigned order)
{
	return next | (uint64_t)prev << BUDDY_LINK_BITS |
	       (uint64_t)(order + 1) << (2 * BUDDY_LINK_BITS);
}

static uint32_t first_of(const struct buddy_list *list)
{
	return (uint32_t)list->ends;
}

static uint32_t last_of(const struct buddy_list *list)
{
	return (uint32_t)(list->ends >> 32);
}

static uint64_t list_ends(uint32_t first, uint32_t last)
{
	return first | (uint64_t)last << 32;
}

static void set_next(const struct buddy_view *v, uint32_t page, uint32_t next)
{
	struct buddy_page *p = buddy_word(v, page);

	set64(&v->journal, &p->word, (p->word & ~(uint64_t)BUDDY_LINK_MASK) | next);
}

static void set_prev(const struct buddy_view *v, uint32_t page, uint32_t prev)
{
	const uint64_t mask = (uint64_t)BUDDY_LINK_MASK << BUDDY_LINK_BITS;
	struct buddy_page *p = buddy_word(v, page);

	set64(&v->journal, &p->word, (p->word & ~mask) | (uint64_t)prev << BUDDY_LINK_BITS);
}

static void list_remove(const struct buddy_view *v, uint32_t page, unsigned order, unsigned type)
{
	struct buddy_list *list = &v->b->list[type][order];
	uint32_t next = next_of(buddy_word(v, page)), prev = prev_of(buddy_word(v, page));
	uint64_t ends = list_ends(prev == NONE ? next : first_of(list),
				  next == NONE ? prev : last_of(list));

	if (prev != NONE)
		set_next(v, prev, next);
	if (next != NONE)
		set_prev(v, next, prev);
	if (ends != list->ends)
		set64(&v->journal, &list->ends, ends);
	set64(&v->journal, &buddy_word(v, page)->word, 0);
}

static void list_add(const struct buddy_view *v, uint32_t page, unsigned order, unsigned type,
		     bool to_tail)
{
	struct buddy_list *list = &v->b->list[type][order];
	uint32_t first = first_of(list), last = last_of(list);
	bool empty = first == NONE;

	if (to_tail) {
		set64(&v->journal, &buddy_word(v, page)->word, page_word(NONE, last, order));
		if (!empty)
			set_next(v, last, page);
		set64(&v->journal, &list->ends, list_ends(empty ? page : first, page));
	} else {
		set64(&v->journal, &buddy_word(v, page)->word, page_word(first, NONE, order));
		if (!empty)
			set_prev(v, first, page);
		set64(&v->journal, &list->ends, list_ends(page, empty ? page : last));
	}
}

static unsigned type_of(const struct buddy_view *v, uint32_t page)
{
	return v->block[page >> v->b->max_order].type;
}

static bool heads_free(const struct buddy_view *v, uint32_t page, unsigned order)
{
	return buddy_state(buddy_word(v, page)) == order + 1;
}

/* ---- giving back ---- */

/*
 * Frees the aligned block of 2^order pages. The kernel frees a mapping page by page; as blocks only
 * merge, freeing its aligned pieces in the same direction leaves the same lists.
 */
static void free_block(const struct buddy_view *v, uint32_t page, unsigned order, bool to_tail)
{
	unsigned type = type_of(v, page);
	uint32_t buddy;

	set32(&v->journal, &v->b->free_pages, v->b->free_pages + (1u << order));
	while (order < v->b->max_order) {
		buddy = page ^ (1u << order);
		if (!heads_free(v, buddy, order))
			break;
		list_remove(v, buddy, order, type);
		page &= buddy;
		order++;
	}
	/* A block whose parent's buddy is free will probably merge on: keep it from being taken. */
	if (!to_tail && order + 1 < v->b->max_order)
		to_tail = heads_free(v, (page & ~(1u << order)) ^ (2u << order), order + 1);
	list_add(v, page, order, type, to_tail);
}

static void free_range(const struct buddy_view *v, uint32_t start, uint32_t n, bool to_tail)
{
	while (n) {
		unsigned order = start ? (unsigned)__builtin_ctz(start) : v->b->max_order;

		if (order > v->b->max_order)
			order = v->b->max_order;
		while ((1u << order) > n)
			order--;
		free_block(v, start, order, to_tail);
		start += 1u << order;
		n -= 1u << order;
	}
}

void buddy_free(const struct buddy_view *v, uint32_t start, uint32_t n)
{
	free_range(v, start, n, false);
}

/* ---- taking ---- */

/* Takes the block's first 2^order pages; the rest goes to the lists of its type. */
static uint32_t split(const struct buddy_view *v, uint32_t page, unsigned from, unsigned order,
		      unsigned type)
{
	list_remove(v, page, from, type);
	while (from > order) {
		from--;
		list_add(v, page + (1u << from), from, type, false);
	}
	set32(&v->journal, &v->b->free_pages, v->b->free_pages - (1u << order));
	return page;
}

static uint32_t take_smallest(const struct buddy_view *v, unsigned order, unsigned type)
{
	for (unsigned from = order; from <= v->b->max_order; from++) {
		uint32_t page = first_of(&v->b->list[type][from]);

		if (page != NONE)
			return split(v, page, from, order, type);
	}
	return BUDDY_NONE;
}

/* Visits the free blocks of a pageblock. */
static uint32_t count_free_blocks(const struct buddy_view *v, uint32_t start)
{
	uint32_t end = start + (1u << v->b->max_order);
	uint32_t blocks = 0;

	for (uint32_t page = start; page < end;) {
		uint32_t state = buddy_state(buddy_word(v, page));

		blocks += state != 0;
		page += state ? 1u << (state - 1) : 1;
	}
	return blocks;
}

static void convert_pageblock(const struct buddy_view *v, uint32_t start)
{
	uint32_t end = start + (1u << v->b->max_order);

	for (uint32_t page = start; page < end;) {
		uint32_t state = buddy_state(buddy_word(v, page));

		if (!state) {
			page++;
			continue;
		}
		list_remove(v, page, state - 1, BUDDY_MOVABLE);
		list_add(v, page, state - 1, BUDDY_UNMOVABLE, true);
		page += 1u << (state - 1);
	}
	set32(&v->journal, &v->block[start >> v->b->max_order].type, BUDDY_UNMOVABLE);
}

/*
 * The largest movable block's pageblock becomes unmovable: pages in use count as unmovable, so the
 * kernel's test that half of the block is free or alike always holds here (mm/page_alloc.c:2023).
 */
static uint32_t claim(const struct buddy_view *v, unsigned order)
{
	/* stores to move a block; to finish the longest operation, sys_adopt() */
	enum { WORDS_A_BLOCK = 8, WORDS_ELSE = 3072 };
	uint64_t room = journal_room(&v->journal);

	for (unsigned from = v->b->max_order + 1; from-- > order;) {
		uint32_t page = first_of(&v->b->list[BUDDY_MOVABLE][from]);
		uint32_t start;

		if (page == NONE)
			continue;
		if (from == v->b->max_order && v->open && !v->open(v, page))
			return BUDDY_NONE;
		start = page & ~((1u << v->b->max_order) - 1);
		/*
		 * Only with huge pageblocks can it be too much
		 * for one operation: then take just the block.
		 */
		if (count_free_blocks(v, start) * WORDS_A_BLOCK + WORDS_ELSE > room)
			return take_smallest(v, order, BUDDY_MOVABLE);
		convert_pageblock(v, start);
		return take_smallest(v, order, BUDDY_UNMOVABLE);
	}
	return BUDDY_NONE;
}

static bool any_block(const struct buddy_view *v, unsigned order)
{
	return first_of(&v->b->list[BUDDY_UNMOVABLE][order]) != NONE ||
	       first_of(&v->b->list[BUDDY_MOVABLE][order]) != NONE;
}

enum buddy_answer buddy_would(const struct buddy_view *v, uint64_t n)
{
	unsigned order = pages_order(n);
	uint64_t block;

	if (order > v->b->max_order) /* up to 64 */
		return BUDDY_TOO_LARGE;
	block = 1ULL << order;
	if (v->b->free_pages < block || v->b->free_pages - (block - 1) <= v->b->reserve)
		return BUDDY_EMPTY;
	for (; order <= v->b->max_order; order++)
		if (any_block(v, order))
			return BUDDY_OK;
	return BUDDY_FRAGMENTED;
}

uint32_t buddy_alloc(const struct buddy_view *v, uint64_t n, uint32_t *kept)
{
	unsigned order = pages_order(n);
	uint32_t total = 1u << order;
	uint32_t page;

	if (buddy_would(v, n) != BUDDY_OK)
		return BUDDY_NONE;
	page = take_smallest(v, order, BUDDY_UNMOVABLE);
	if (page == BUDDY_NONE)
		page = claim(v, order);
	if (v->b->trim && total - n >= v->b->trim) {
		free_range(v, page + (uint32_t)n, total - (uint32_t)n, true);
		total = (uint32_t)n;
	}
	*kept = total;
	return page;
}

/* ---- looking ---- */

uint32_t buddy_blocks(const struct buddy_view *v, unsigned order)
{
	uint32_t blocks = 0;

	for (unsigned type = 0; type < BUDDY_TYPES; type++)
		for (uint32_t page = first_of(&v->b->list[type][order]); page != NONE;
		     page = next_of(buddy_word(v, page)))
			blocks++;
	return blocks;
}

uint32_t buddy_largest(const struct buddy_view *v)
{
	for (unsigned order = v->b->max_order + 1; order-- > 0;)
		if (any_block(v, order))
			return 1u << order;
	return 0;
}

static const char *check_list(const struct buddy_view *v, unsigned type, unsigned order,
			      uint64_t *free_pages)
{
	const struct buddy_list *list = &v->b->list[type][order];
	uint32_t prev = NONE, count = 0;

	for (uint32_t page = first_of(list); page != NONE; page = next_of(buddy_word(v, page))) {
		if (page >= v->b->pages || page & ((1u << order) - 1))
			return "a free block is not aligned or outside of the arena";
		if (!heads_free(v, page, order))
			return "a block is in the list of another order";
		if (prev_of(buddy_word(v, page)) != prev)
			return "a list's links do not match";
		if (type_of(v, page) != type)
			return "a block is in the list of another type";
		if (order < v->b->max_order && heads_free(v, page ^ (1u << order), order))
			return "two free buddies were not merged";
		if (++count > v->b->pages)
			return "a list runs in a circle";
		prev = page;
		*free_pages += 1u << order;
	}
	if (last_of(list) != prev)
		return "a list's end is wrong";
	return NULL;
}

const char *buddy_check(const struct buddy_view *v)
{
	uint64_t listed = 0, marked = 0;

	for (unsigned type = 0; type < BUDDY_TYPES; type++) {
		for (unsigned order = 0; order <= v->b->max_order; order++) {
			const char *wrong = check_list(v, type, order, &listed);

			if (wrong)
				return wrong;
		}
	}
	for (uint32_t page = 0; page < v->b->pages;) {
		uint32_t state = buddy_state(buddy_word(v, page));

		if (state > v->b->max_order + 1)
			return "a page has an impossible order";
		marked += state ? 1u << (state - 1) : 0;
		page += state ? 1u << (state - 1) : 1;
	}
	if (listed != v->b->free_pages || marked != listed)
		return "the number of free pages is wrong";
	return NULL;
}
