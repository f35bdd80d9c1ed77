/* SPDX-License-Identifier: MIT */
/* region.c - pages, and the regions that own them. */
#include "mm/mm.h"

#include <string.h>

void mm_count_pages(const struct mm *mm, enum nommu_kind kind, uint32_t more, uint32_t less)
{
	struct ledger_stats *s = &mm->l->h->stats;
	const struct journal *j = mm_journal(mm);

	set32(j, &s->taken, s->taken + more - less);
	set32(j, &s->kind[kind], s->kind[kind] + more - less);
	if (s->taken > s->peak)
		set32(j, &s->peak, s->taken);
	if (s->kind[kind] > s->kind_peak[kind])
		set32(j, &s->kind_peak[kind], s->kind[kind]);
}

uint32_t mm_take_pages(const struct mm *mm, uint64_t pages, enum nommu_kind kind, uint32_t *kept)
{
	uint32_t start = buddy_alloc(&mm->l->buddy, pages, kept);

	if (start != BUDDY_NONE)
		mm_count_pages(mm, kind, *kept, 0);
	return start;
}

void mm_give_pages(const struct mm *mm, uint32_t start, uint32_t pages, enum nommu_kind kind)
{
	buddy_free(&mm->l->buddy, start, pages);
	mm_count_pages(mm, kind, 0, pages);
}

static bool is_below(const struct mm_region *a, const struct mm_region *b)
{
	return a->start != b->start ? a->start < b->start : a->addr < b->addr;
}

/*
 * The list of regions that may be shared is kept by
 * address: the kernel searches them in that order.
 */
void mm_region_list(const struct mm *mm, uint32_t index)
{
	const struct journal *j = mm_journal(mm);
	struct mm_region *r = mm_region(mm, index);
	uint32_t after = 0, next = mm->l->h->region_first;

	if (!region_shareable(r))
		return;
	while (next && is_below(mm_region(mm, next), r)) {
		after = next;
		next = mm_region(mm, next)->next;
	}
	set32(j, &r->next, next);
	set32(j, &r->prev, after);
	set32(j, after ? &mm_region(mm, after)->next : &mm->l->h->region_first, index);
	if (next)
		set32(j, &mm_region(mm, next)->prev, index);
}

void mm_region_unlist(const struct mm *mm, uint32_t index)
{
	const struct journal *j = mm_journal(mm);
	const struct mm_region *r = mm_region(mm, index);

	if (!region_shareable(r))
		return;
	set32(j, r->prev ? &mm_region(mm, r->prev)->next : &mm->l->h->region_first, r->next);
	if (r->next)
		set32(j, &mm_region(mm, r->next)->prev, r->prev);
}

uint32_t mm_region_new(const struct mm *mm, const struct mm_region *init)
{
	uint32_t index = pool_take(mm->l, POOL_REGION);
	struct mm_region *r;

	if (!index)
		return 0;
	r = mm_region(mm, index);
	*r = *init;
	r->link = 0;
	r->users = 0;
	mm_region_list(mm, index);
	if (r->object)
		set32(mm_journal(mm), &mm_object(mm, r->object)->users,
		      mm_object(mm, r->object)->users + 1);
	return index;
}

bool mm_region_put(const struct mm *mm, uint32_t index)
{
	struct mm_region *r = mm_region(mm, index);

	set32(mm_journal(mm), &r->users, r->users - 1);
	if (r->users)
		return false;
	mm_region_unlist(mm, index);
	if (r->object)
		set32(mm_journal(mm), &mm_object(mm, r->object)->users,
		      mm_object(mm, r->object)->users - 1);
	else if (r->start != NO_PAGE)
		mm_give_pages(mm, r->start, r->top, r->kind);
	pool_give(mm->l, POOL_REGION, index);
	return true;
}
