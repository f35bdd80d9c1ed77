/* SPDX-License-Identifier: MIT */
/* proc.c - the processes of the machine: joining, copying for a fork in audit, and going away. */
#include "mm/mm.h"

uint32_t mm_proc_new(const struct mm *mm, const struct mm_proc *init)
{
	const struct journal *j = mm_journal(mm);
	uint32_t index = pool_take(mm->l, POOL_PROC);
	struct ledger_header *h = mm->l->h;
	struct mm_proc *p;

	if (!index)
		return 0;
	p = mm_proc(mm, index);
	*p = *init;
	p->link = 0;
	p->prev = 0;
	p->next = h->proc_first;
	if (p->next)
		set32(j, &mm_proc(mm, p->next)->prev, index);
	set32(j, &h->proc_first, index);
	set32(j, &h->stats.live, h->stats.live + 1);
	return index;
}

uint32_t mm_proc_next(const struct mm *mm, uint32_t proc)
{
	struct mm_proc *p = mm_proc(mm, proc);

	for (uint32_t e = p->shared; e; e = mm_vma(mm, e)->next)
		if (mm_vma(mm, e)->flags & VMA_ALIAS)
			return e;
	return p->private ? p->private : p->shared;
}

void mm_proc_drop(const struct mm *mm, uint32_t index)
{
	const struct journal *j = mm_journal(mm);
	struct ledger_header *h = mm->l->h;
	struct mm_proc *p = mm_proc(mm, index);

	set32(j, p->prev ? &mm_proc(mm, p->prev)->next : &h->proc_first, p->next);
	if (p->next)
		set32(j, &mm_proc(mm, p->next)->prev, p->prev);
	set32(j, &h->stats.live, h->stats.live - 1);
	set32(j, &p->image, 0); /* whoever still holds the index sees that it is nobody */
	pool_give(mm->l, POOL_PROC, index);
}

/* A private mapping of a forked child is memory of its own, as soon as either writes. */
static bool own_region(const struct mm *mm, struct mm_vma *v)
{
	struct mm_region r = *mm_region(mm, v->region);

	set64(mm_journal(mm), &mm->l->h->serial, mm->l->h->serial + 1);
	r.serial = mm->l->h->serial;
	v->region = mm_region_new(mm, &r);
	return v->region;
}

static bool copy_list(const struct mm *mm, uint32_t first, uint32_t to)
{
	for (uint32_t e = first; e; e = mm_vma(mm, e)->next) {
		struct mm_vma copy = *mm_vma(mm, e);

		if (copy.flags & VMA_ALIAS)
			continue;
		copy.proc = to;
		if (mm_has_mmu(mm) && !(copy.flags & VMA_SHARED) && !own_region(mm, &copy))
			return false;
		copy.flags &= VMA_FILE | VMA_SHARED | VMA_NORESERVE;
		/*
		 * What is shared is reserved once, by who made it;
		 * in audit the host forks though there is no swap.
		 */
		if (copy.flags & VMA_SHARED || copy.swap > mm->l->h->swap_free)
			copy.swap = 0;
		if (!mm_vma_new(mm, &copy, false))
			return false;
		/*
		 * A process may have more mappings than one
		 * operation can hold; its record is not yet in use.
		 */
		journal_commit(mm_journal(mm));
	}
	return true;
}

bool mm_proc_copy(const struct mm *mm, uint32_t from, uint32_t to)
{
	return copy_list(mm, mm_proc(mm, from)->private, to) &&
	       copy_list(mm, mm_proc(mm, from)->shared, to);
}

static void add_views(const struct mm *mm, uint32_t first)
{
	for (uint32_t e = first; e; e = mm_vma(mm, e)->next) {
		const struct mm_vma *v = mm_vma(mm, e);
		struct view view = { v->view, vma_end(v), e };

		if (v->flags & VMA_VIEW && !(v->flags & VMA_ALIAS))
			views_add(mm->views, &view);
	}
}

void mm_views_rebuild(const struct mm *mm)
{
	if (!mm->views)
		return;
	views_clear(mm->views);
	add_views(mm, mm_proc(mm, mm->self)->private);
	add_views(mm, mm_proc(mm, mm->self)->shared);
}
