/* SPDX-License-Identifier: MIT */
/* find.c - from addresses and ids to records. Nothing here changes anything. */
#include "mm/mm.h"

static uint64_t arena_end(const struct mm *mm)
{
	return mm->l->h->arena_base + ((uint64_t)mm->l->h->buddy.pages << NOMMU_PAGE_SHIFT);
}

static bool entry_covers(const struct mm_vma *v, uint32_t page)
{
	return page - v->start - v->tree_at < v->tree_pages && page >= v->start + v->tree_at;
}

static uint32_t resolve(const struct mm *mm, uint32_t entry)
{
	const struct mm_vma *v = mm_vma(mm, entry);

	return v->flags & VMA_ALIAS ? v->of : entry;
}

/* The last page at or below `page` at which a private mapping starts, or NO_PAGE. */
static uint32_t start_before(const struct mm *mm, uint32_t page)
{
	const uint64_t *starts = mm->l->starts;
	uint32_t word = page / 64;
	uint32_t lowest = page >> mm->l->h->buddy.max_order << mm->l->h->buddy.max_order;
	uint64_t bits = starts[word] & (~0ULL >> (63 - page % 64));

	/* No mapping crosses a block of the largest order. */
	while (!bits && word > lowest / 64)
		bits = starts[--word];
	return bits ? word * 64 + 63 - (uint32_t)__builtin_clzll(bits) : NO_PAGE;
}

/* The first page in [page, end) at which a private mapping starts, or NO_PAGE. */
static uint32_t start_after(const struct mm *mm, uint32_t page, uint32_t end)
{
	const uint64_t *starts = mm->l->starts;

	while (page < end) {
		uint64_t bits = starts[page / 64] >> (page % 64);

		if (bits) {
			page += (uint32_t)__builtin_ctzll(bits);
			return page < end ? page : NO_PAGE;
		}
		page = (page | 63) + 1;
	}
	return NO_PAGE;
}

static uint32_t private_at(const struct mm *mm, uint32_t page)
{
	uint32_t start = start_before(mm, page);
	uint32_t vma = start == NO_PAGE ? 0 : mm->l->owners[start];

	if (!vma || mm_vma(mm, vma)->proc != mm->self || !entry_covers(mm_vma(mm, vma), page))
		return 0;
	return vma;
}

uint32_t mm_find(const struct mm *mm, uint64_t addr)
{
	return mm_find_first(mm, addr, addr + 1);
}

/* The first private mapping that overlaps pages [from, to); *at is where. */
static uint32_t first_private(const struct mm *mm, uint32_t from, uint32_t to, uint32_t *at)
{
	uint32_t vma = private_at(mm, from);

	*at = from;
	while (!vma) {
		from = start_after(mm, from + 1, to);
		if (from == NO_PAGE)
			return 0;
		*at = from;
		vma = private_at(mm, from);
	}
	return vma;
}

static uint32_t first_shared(const struct mm *mm, uint32_t from, uint32_t to, uint32_t *at)
{
	uint32_t found = 0;

	for (uint32_t e = mm_proc(mm, mm->self)->shared; e; e = mm_vma(mm, e)->next) {
		const struct mm_vma *v = mm_vma(mm, e);
		uint32_t start = v->start + v->tree_at;

		/* One that nothing finds any more has no pages, and is still in the list. */
		if (v->start == NO_PAGE || !v->tree_pages || start >= to ||
		    start + v->tree_pages <= from)
			continue;
		if (start < from)
			start = from;
		if (!found || start < *at) {
			found = resolve(mm, e);
			*at = start;
		}
	}
	return found;
}

static uint32_t first_in_arena(const struct mm *mm, uint64_t from, uint64_t to, uint64_t *where)
{
	uint64_t base = mm->l->h->arena_base;
	uint32_t first = (uint32_t)((max_u64(from, base) - base) >> NOMMU_PAGE_SHIFT);
	uint32_t last = (uint32_t)((min_u64(to, arena_end(mm)) - base + NOMMU_PAGE_MASK) >>
				   NOMMU_PAGE_SHIFT);
	uint32_t private_where = first, shared_where = first;
	uint32_t private = first_private(mm, first, last, &private_where);
	uint32_t shared = first_shared(mm, first, last, &shared_where);

	if (shared && (!private || shared_where < private_where)) {
		private = shared;
		private_where = shared_where;
	}
	*where = base + ((uint64_t)private_where << NOMMU_PAGE_SHIFT);
	return private;
}

uint32_t mm_find_first(const struct mm *mm, uint64_t from, uint64_t to)
{
	const struct view *view = mm->views ? views_first(mm->views, from, to) : NULL;
	uint64_t where = UINT64_MAX;
	uint32_t vma = 0;

	if (!mm->l->h->hosted && from < arena_end(mm) && to > mm->l->h->arena_base)
		vma = first_in_arena(mm, from, to, &where);
	if (view && view->vma != VIEW_GHOST && (!vma || view->start < where))
		vma = view->vma;
	return vma;
}

uint32_t mm_proc_find(const struct mm *mm, uint32_t pid, uint64_t started)
{
	for (uint32_t p = mm->l->h->proc_first; p; p = mm_proc(mm, p)->next)
		if (mm_proc(mm, p)->pid == pid && (!started || mm_proc(mm, p)->started == started))
			return p;
	return 0;
}
