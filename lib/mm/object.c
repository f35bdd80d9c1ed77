/* SPDX-License-Identifier: MIT */
/*
 * object.c - memory-backed files and segments. A segment is one object. A file has one for each
 * run of pages that lie side by side: what an ftruncate of the empty file took, and what was
 * written before or behind it.
 */
#include "mm/mm.h"

uint32_t mm_object_next(const struct mm *mm, uint32_t after, uint64_t dev, uint64_t ino)
{
	uint32_t o = after ? mm_object(mm, after)->next : mm->l->h->object_first;

	for (; o; o = mm_object(mm, o)->next)
		if (mm_object(mm, o)->kind == OBJECT_FILE && mm_object(mm, o)->ino == ino &&
		    mm_object(mm, o)->dev == dev)
			return o;
	return 0;
}

uint32_t mm_object_find(const struct mm *mm, uint64_t dev, uint64_t ino, uint64_t page)
{
	uint32_t o = 0;

	while ((o = mm_object_next(mm, o, dev, ino)))
		if (page >= mm_object(mm, o)->first &&
		    page - mm_object(mm, o)->first < mm_object(mm, o)->pages)
			return o;
	return 0;
}

uint32_t mm_object_new(const struct mm *mm, const struct mm_object *init)
{
	const struct journal *j = mm_journal(mm);
	uint32_t index = pool_take(mm->l, POOL_OBJECT);
	struct mm_object *o;

	if (!index)
		return 0;
	o = mm_object(mm, index);
	*o = *init;
	o->link = 0;
	o->prev = 0;
	o->taken = o->pages;
	o->next = mm->l->h->object_first;
	if (o->next)
		set32(j, &mm_object(mm, o->next)->prev, index);
	set32(j, &mm->l->h->object_first, index);
	return index;
}

void mm_object_extend(const struct mm *mm, uint32_t index, uint32_t pages)
{
	const struct journal *j = mm_journal(mm);
	struct mm_object *o = mm_object(mm, index);

	set32(j, &o->pages, o->pages + pages);
	set32(j, &o->taken, o->pages);
}

void mm_object_cut(const struct mm *mm, uint32_t index, uint32_t pages)
{
	const struct journal *j = mm_journal(mm);
	struct mm_object *o = mm_object(mm, index);

	if (pages < o->pages)
		set32(j, &o->pages, pages);
	if (!pages)
		set64(j, &o->ino, 0);
}

void mm_object_trim(const struct mm *mm, uint32_t index)
{
	struct mm_object *o = mm_object(mm, index);

	mm_give_pages(mm, o->start + o->pages, o->taken - o->pages, NOMMU_KIND_SHARED);
	set32(mm_journal(mm), &o->taken, o->pages);
}

void mm_object_drop(const struct mm *mm, uint32_t index)
{
	const struct journal *j = mm_journal(mm);
	struct mm_object *o = mm_object(mm, index);

	set32(j, o->prev ? &mm_object(mm, o->prev)->next : &mm->l->h->object_first, o->next);
	if (o->next)
		set32(j, &mm_object(mm, o->next)->prev, o->prev);
	if (o->taken && o->start == NO_PAGE)
		mm_swap_give(mm, o->taken, NOMMU_KIND_SHARED);
	else if (o->taken)
		mm_give_pages(mm, o->start, o->taken, NOMMU_KIND_SHARED);
	pool_give(mm->l, POOL_OBJECT, index);
}

static void cut_region(const struct mm *mm, uint32_t index, uint64_t pages)
{
	struct mm_region *r = mm_region(mm, index);

	if (r->pgoff < pages && r->pgoff + r->pages > pages)
		set32(mm_journal(mm), &r->pages, (uint32_t)(pages - r->pgoff));
}

void mm_file_cut(const struct mm *mm, uint64_t dev, uint64_t ino, uint64_t pages)
{
	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next) {
		const struct mm_region *r = mm_region(mm, i);

		if (r->lost_end && r->ino == ino && r->dev == dev)
			cut_region(mm, i, pages);
	}
	for (uint32_t p = mm->l->h->proc_first; p; p = mm_proc(mm, p)->next) {
		for (uint32_t e = mm_proc(mm, p)->shared; e; e = mm_vma(mm, e)->next) {
			const struct mm_vma *v = mm_vma(mm, e);
			const struct mm_region *r = mm_region(mm, v->region);

			if (v->flags & VMA_SHARED && r->ino == ino && r->dev == dev)
				cut_region(mm, v->region, pages);
		}
	}
}
