/* SPDX-License-Identifier: MIT */
/*
 * swap.c - reservations of swap: arithmetic on one counter for the whole machine. Nothing
 * is ever written there; a reservation says that it could be. What is reserved is counted
 * like pages that are taken.
 */
#include "mm/mm.h"

bool mm_swap_take(const struct mm *mm, uint32_t pages, enum nommu_kind kind)
{
	struct ledger_header *h = mm->l->h;

	if (pages > h->swap_free)
		return false;
	set32(mm_journal(mm), &h->swap_free, h->swap_free - pages);
	mm_count_pages(mm, kind, pages, 0);
	return true;
}

void mm_swap_give(const struct mm *mm, uint32_t pages, enum nommu_kind kind)
{
	struct ledger_header *h = mm->l->h;

	set32(mm_journal(mm), &h->swap_free, h->swap_free + pages);
	mm_count_pages(mm, kind, 0, pages);
}
