/* SPDX-License-Identifier: MIT */
/*
 * vma.c - one process's mappings.
 *
 * The kernel keeps them in a tree by address, and what is in the tree decides what a later call
 * finds. Two things make an entry differ from its mapping: mremap moves a mapping's end but not its
 * entry, and mapping a shared region again overwrites the entries below it, whose mappings then
 * cannot be found any more (the rule mapped-twice). tree_at and tree_pages are the entry; an entry
 * that is cut in two gets an alias.
 */
#include "mm/mm.h"

static uint32_t *list_head(const struct mm *mm, const struct mm_vma *v)
{
	struct mm_proc *p = mm_proc(mm, v->proc);

	return v->flags & VMA_LISTED ? &p->shared : &p->private;
}

static void link_vma(const struct mm *mm, uint32_t index)
{
	const struct journal *j = mm_journal(mm);
	struct mm_vma *v = mm_vma(mm, index);
	uint32_t *head = list_head(mm, v);

	v->prev = 0;
	v->next = *head;
	if (*head)
		set32(j, &mm_vma(mm, *head)->prev, index);
	set32(j, head, index);
}

static void unlink_vma(const struct mm *mm, const struct mm_vma *v)
{
	const struct journal *j = mm_journal(mm);

	set32(j, v->prev ? &mm_vma(mm, v->prev)->next : list_head(mm, v), v->next);
	if (v->next)
		set32(j, &mm_vma(mm, v->next)->prev, v->prev);
}

static void count_vma(const struct mm *mm, const struct mm_vma *v, bool more)
{
	const struct journal *j = mm_journal(mm);
	const struct mm_region *r = mm_region(mm, v->region);
	struct mm_proc *p = mm_proc(mm, v->proc);
	uint32_t pages = mm_has_mmu(mm)		    ? v->swap
			 : r->flags & REGION_WINDOW ? 0
			 : region_shareable(r)	    ? v->pages
						    : r->top;

	set32(j, &p->count, more ? p->count + 1 : p->count - 1);
	set32(j, &p->pages, more ? p->pages + pages : p->pages - pages);
	if (p->pages > p->peak)
		set32(j, &p->peak, p->pages);
	if (r->object && mm_object(mm, r->object)->kind == OBJECT_SYSV) {
		struct mm_object *o = mm_object(mm, r->object);

		set32(j, &o->attached, more ? o->attached + 1 : o->attached - 1);
	}
}

static void set_start(const struct mm *mm, uint32_t page, uint32_t vma)
{
	const struct journal *j = mm_journal(mm);
	uint64_t *word = &mm->l->starts[page / 64];
	uint64_t bit = 1ULL << (page % 64);

	set64(j, word, vma ? *word | bit : *word & ~bit);
	if (vma)
		set32(j, &mm->l->owners[page], vma);
}

/* Takes pages [from, to) out of what the process's shared entries cover. */
static void cut_entries(const struct mm *mm, uint32_t proc, uint32_t from, uint32_t to)
{
	const struct journal *j = mm_journal(mm);
	uint32_t next;

	for (uint32_t e = mm_proc(mm, proc)->shared; e; e = next) {
		struct mm_vma *v = mm_vma(mm, e);
		uint32_t start = v->start + v->tree_at, end = start + v->tree_pages;

		next = v->next;
		if (v->start == NO_PAGE || !v->tree_pages || start >= to || end <= from)
			continue;
		if (start < from && end > to) {
			uint32_t rest = pool_take(mm->l, POOL_VMA);

			if (rest) {
				struct mm_vma *r = mm_vma(mm, rest);

				*r = *v;
				r->link = 0;
				r->flags |= VMA_ALIAS;
				r->of = v->flags & VMA_ALIAS ? v->of : e;
				r->tree_at = to - v->start;
				r->tree_pages = end - to;
				link_vma(mm, rest);
			}
		}
		if (start < from) {
			set32(j, &v->tree_pages, from - start);
		} else if (end > to) {
			set32(j, &v->tree_at, to - v->start);
			set32(j, &v->tree_pages, end - to);
		} else {
			/*
			 * Nothing finds it any more. A mapping stays
			 * in the list: its region is still used.
			 */
			set32(j, &v->tree_pages, 0);
			if (v->flags & VMA_ALIAS) {
				unlink_vma(mm, v);
				pool_give(mm->l, POOL_VMA, e);
			}
		}
	}
}

uint32_t mm_vma_new(const struct mm *mm, const struct mm_vma *init, bool replaces)
{
	const struct mm_region *r = mm_region(mm, init->region);
	uint32_t index = pool_take(mm->l, POOL_VMA);
	struct mm_vma *v;

	if (!index)
		return 0;
	if (init->swap && !mm_swap_take(mm, init->swap, r->kind)) {
		pool_give(mm->l, POOL_VMA, index);
		return 0;
	}
	v = mm_vma(mm, index);
	*v = *init;
	v->link = 0;
	v->tree_at = 0;
	v->tree_pages = v->pages;
	if (region_shareable(r))
		v->flags |= VMA_LISTED;
	if (mm->l->h->hosted || v->start == NO_PAGE)
		v->flags |= VMA_VIEW;
	else if (!region_shareable(r))
		v->flags |= VMA_START;
	if (replaces && v->flags & VMA_LISTED && !(v->flags & VMA_VIEW))
		cut_entries(mm, v->proc, v->start, v->start + v->pages);
	link_vma(mm, index);
	set32(mm_journal(mm), &mm_region(mm, v->region)->users, r->users + 1);
	if (v->flags & VMA_START)
		set_start(mm, v->start, index);
	if (v->flags & VMA_VIEW && v->proc == mm->self && mm->views) {
		struct view view = { v->view, vma_end(v), index };

		views_add(mm->views, &view);
	}
	count_vma(mm, v, true);
	return index;
}

void mm_vma_erase(const struct mm *mm, uint32_t index, bool clears)
{
	struct mm_vma *v = mm_vma(mm, index);

	if (v->flags & VMA_ALIAS) {
		unlink_vma(mm, v);
		pool_give(mm->l, POOL_VMA, index);
		return;
	}
	count_vma(mm, v, false);
	if (v->swap)
		mm_swap_give(mm, v->swap, mm_region(mm, v->region)->kind);
	if (v->flags & VMA_START)
		set_start(mm, v->start, 0);
	if (v->flags & VMA_VIEW && v->proc == mm->self && mm->views)
		views_remove(mm->views, v->view);
	if (clears && v->flags & VMA_LISTED && !(v->flags & VMA_VIEW))
		cut_entries(mm, v->proc, v->start, v->start + v->pages);
	unlink_vma(mm, v);
	mm_region_put(mm, v->region);
	pool_give(mm->l, POOL_VMA, index);
}

/*
 * Pages of the region before the mapping: the head of
 * one that others shared was cut off the mapping only.
 */
static uint32_t pages_before(const struct mm_vma *v, const struct mm_region *r)
{
	return v->start == NO_PAGE ? 0 : v->start - r->start;
}

/* Moves the region's start up by `by` pages; its place in the list of regions is by start. */
static void raise_region(const struct mm *mm, uint32_t index, uint32_t by)
{
	const struct journal *j = mm_journal(mm);
	struct mm_region *r = mm_region(mm, index);

	mm_region_unlist(mm, index);
	if (r->start != NO_PAGE)
		set32(j, &r->start, r->start + by);
	set32(j, &r->pages, r->pages - by);
	set32(j, &r->top, r->top - by);
	set64(j, &r->pgoff, r->pgoff + by);
	mm_region_list(mm, index);
}

/* The mapping's start goes up by `by` pages, the view index aside. */
static void raise_vma(const struct mm *mm, uint32_t index, uint32_t by)
{
	const struct journal *j = mm_journal(mm);
	struct mm_vma *v = mm_vma(mm, index);

	if (v->flags & VMA_START) {
		set_start(mm, v->start, 0);
		set_start(mm, v->start + by, index);
	}
	if (v->start != NO_PAGE)
		set32(j, &v->start, v->start + by);
	set32(j, &v->pages, v->pages - by);
	set32(j, &v->tree_pages, v->tree_pages - by);
	set64(j, &v->view, v->view + ((uint64_t)by << NOMMU_PAGE_SHIFT));
	set64(j, &v->pgoff, v->pgoff + by);
}

/* The region's pages below the cut, as a region of their own; 0 if there is no room. */
static uint32_t cut_region(const struct mm *mm, const struct mm_vma *v, uint32_t at)
{
	struct mm_region low = *mm_region(mm, v->region);

	low.pages = pages_before(v, &low) + at;
	low.top = low.pages;
	return mm_region_new(mm, &low);
}

/* Whether the next mapping will have a record; asked before anything is changed. */
static bool have_record(const struct mm *mm)
{
	uint32_t index = pool_take(mm->l, POOL_VMA);

	if (index)
		pool_give(mm->l, POOL_VMA, index);
	return index;
}

uint32_t mm_vma_split(const struct mm *mm, uint32_t index, uint32_t at)
{
	struct mm_vma *v = mm_vma(mm, index);
	bool shared = mm_region(mm, v->region)->users > 1;
	struct mm_vma low = *v;

	/* What a forked process sees too stays one region, which both parts use. */
	if (!have_record(mm) || (!shared && !(low.region = cut_region(mm, v, at))))
		return 0;
	low.pages = at;
	low.flags = v->flags & (VMA_FILE | VMA_SHARED);
	/* The upper part first, so that the page and the view are free for the lower one. */
	if (v->flags & VMA_VIEW && mm->views)
		views_resize(mm->views, v->view, v->view + ((uint64_t)at << NOMMU_PAGE_SHIFT),
			     vma_end(v));
	count_vma(mm, v, false);
	if (!shared)
		raise_region(mm, v->region, mm_region(mm, low.region)->pages);
	raise_vma(mm, index, at);
	count_vma(mm, v, true);
	return mm_vma_new(mm, &low, false);
}

uint32_t mm_vma_spare(const struct mm *mm, uint32_t index, uint32_t from, uint32_t to,
		      uint32_t *first)
{
	const struct mm_vma *v = mm_vma(mm, index);
	const struct mm_region *r = mm_region(mm, v->region);
	uint32_t before = pages_before(v, r);

	if (r->users != 1 || r->object || r->start == NO_PAGE)
		return 0;
	*first = from ? r->start + before + from : r->start;
	return from ? r->top - before - from : before + to;
}

void mm_vma_shrink(const struct mm *mm, uint32_t index, uint32_t from, uint32_t to)
{
	const struct journal *j = mm_journal(mm);
	struct mm_vma *v = mm_vma(mm, index);
	struct mm_region *r = mm_region(mm, v->region);
	uint64_t old_view = v->view;
	uint32_t first, freed = mm_vma_spare(mm, index, from, to, &first);

	count_vma(mm, v, false);
	if (freed)
		mm_give_pages(mm, first, freed, r->kind);
	if (from) {
		if (freed) {
			set32(j, &r->pages, first - r->start);
			set32(j, &r->top, first - r->start);
		}
		set32(j, &v->pages, from);
		set32(j, &v->tree_pages, from);
	} else {
		if (freed)
			raise_region(mm, v->region, freed);
		raise_vma(mm, index, to);
	}
	count_vma(mm, v, true);
	if (v->flags & VMA_VIEW && v->proc == mm->self && mm->views)
		views_resize(mm->views, old_view, v->view, vma_end(v));
}

void mm_vma_resize(const struct mm *mm, uint32_t index, uint32_t pages)
{
	struct mm_vma *v = mm_vma(mm, index);

	set32(mm_journal(mm), &v->pages, pages);
	if (v->flags & VMA_VIEW && v->proc == mm->self && mm->views)
		views_resize(mm->views, v->view, v->view, vma_end(v));
}

void mm_vma_leak(const struct mm *mm, uint32_t index)
{
	struct mm_vma *v = mm_vma(mm, index);
	struct mm_region *r = mm_region(mm, v->region);

	count_vma(mm, v, false);
	set32(mm_journal(mm), &r->flags, r->flags | REGION_LEAKED);
	if (v->flags & VMA_SHARED && v->pgoff + v->pages > r->lost_end)
		set64(mm_journal(mm), &r->lost_end, v->pgoff + v->pages);
	unlink_vma(mm, v);
	pool_give(mm->l, POOL_VMA, index);
}

/* ---- mappings of a machine with an MMU ---- */

/*
 * What goes with its lower `pages` pages; where only what
 * was written is reserved, that is taken to lie there.
 */
static uint32_t swap_of(const struct mm_vma *v, uint32_t pages)
{
	return v->swap < pages ? v->swap : pages;
}

/* The mapping keeps its first or last pages, and swap for these. */
static void keep(const struct mm *mm, uint32_t index, uint32_t from, uint32_t pages, uint32_t swap)
{
	struct mm_vma *v = mm_vma(mm, index);
	uint64_t old_view = v->view;

	count_vma(mm, v, false);
	mm_swap_give(mm, v->swap - swap, mm_region(mm, v->region)->kind);
	set32(mm_journal(mm), &v->swap, swap);
	if (from)
		raise_vma(mm, index, from);
	set32(mm_journal(mm), &v->pages, pages);
	set32(mm_journal(mm), &v->tree_pages, pages);
	count_vma(mm, v, true);
	if (v->proc == mm->self && mm->views)
		views_resize(mm->views, old_view, v->view, vma_end(v));
}

uint32_t mm_vma_cut(const struct mm *mm, uint32_t index, uint32_t from, uint32_t to)
{
	struct mm_vma upper = *mm_vma(mm, index);
	uint32_t had = upper.swap, below = swap_of(&upper, from), above;

	above = had - below < upper.pages - to ? had - below : upper.pages - to;
	if (!from) {
		keep(mm, index, to, upper.pages - to, above);
		return had - above;
	}
	keep(mm, index, 0, from, below);
	if (to == upper.pages)
		return had - below;
	upper.pages -= to;
	upper.swap = above;
	upper.view += (uint64_t)to << NOMMU_PAGE_SHIFT;
	upper.pgoff += to;
	upper.flags &= VMA_FILE | VMA_SHARED | VMA_NORESERVE;
	return had - below - (mm_vma_new(mm, &upper, false) ? above : 0);
}

bool mm_vma_reserve(const struct mm *mm, uint32_t index, uint32_t pages)
{
	struct mm_vma *v = mm_vma(mm, index);
	enum nommu_kind kind = mm_region(mm, v->region)->kind;

	if (pages > v->swap && !mm_swap_take(mm, pages - v->swap, kind))
		return false;
	if (pages < v->swap)
		mm_swap_give(mm, v->swap - pages, kind);
	count_vma(mm, v, false);
	set32(mm_journal(mm), &v->swap, pages);
	count_vma(mm, v, true);
	return true;
}
