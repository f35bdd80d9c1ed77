/* SPDX-License-Identifier: MIT */
/*
 * check.c - what must hold between operations, for the whole machine. Runs after every operation in
 * Debug, so it looks at everything once and no more.
 */
#include "mm/mm.h"

_Static_assert(sizeof(struct mm_region) <= 96, "ledger_plan.c plans 96 bytes");
_Static_assert(sizeof(struct mm_vma) <= 96, "ledger_plan.c plans 96 bytes");
_Static_assert(sizeof(struct mm_object) <= 256, "ledger_plan.c plans 256 bytes");
_Static_assert(sizeof(struct mm_proc) <= 192, "ledger_plan.c plans 192 bytes");
_Static_assert(offsetof(struct mm_proc, name) % 8 == 0 && offsetof(struct mm_proc, goal) % 8 == 0,
	       "names are stored by words");
_Static_assert(NOMMU_KINDS == LEDGER_KINDS, "figures by kind");

struct sums {
	uint64_t vmas;	/* mappings found */
	uint64_t users; /* of regions, by their own count */
};

static const char *check_vma(const struct mm *mm, uint32_t index, uint32_t proc)
{
	const struct mm_vma *v = mm_vma(mm, index);
	const struct mm_region *r = mm_region(mm, v->region);

	if (v->proc != proc)
		return "a mapping is in another process's list";
	if (!v->region || v->region > mm->l->h->pool[POOL_REGION].used || !r->users)
		return "a mapping has no region";
	if (v->flags & VMA_ALIAS)
		return NULL;
	if (!v->pages)
		return "a mapping is empty";
	if (v->start != NO_PAGE && r->users == 1 &&
	    (v->start < r->start || v->start + v->pages > r->start + r->top))
		return "a mapping sticks out of its region";
	if (v->swap > v->pages)
		return "more swap is reserved than a mapping has pages";
	if (v->flags & VMA_START && (!(mm->l->starts[v->start / 64] >> (v->start % 64) & 1) ||
				     mm->l->owners[v->start] != index))
		return "a private mapping is not found by its first page";
	if (r->pages > r->top)
		return "a region is larger than what it was given";
	return NULL;
}

static const char *check_list(const struct mm *mm, uint32_t first, uint32_t proc, struct sums *sums)
{
	uint32_t prev = 0;

	for (uint32_t e = first; e; e = mm_vma(mm, e)->next) {
		const char *wrong = check_vma(mm, e, proc);

		if (wrong)
			return wrong;
		if (mm_vma(mm, e)->prev != prev)
			return "a list of mappings is torn";
		if (!(mm_vma(mm, e)->flags & VMA_ALIAS))
			sums->vmas++;
		if (sums->vmas > mm->l->h->pool[POOL_VMA].live)
			return "a list of mappings runs in a circle";
		prev = e;
	}
	return NULL;
}

const char *mm_check(struct ledger *l)
{
	const struct mm mm = { .l = l };
	struct sums sums = { 0, 0 };
	uint64_t kinds = 0;
	uint32_t live = 0;

	for (uint32_t p = l->h->proc_first; p; p = mm_proc(&mm, p)->next) {
		const char *wrong = check_list(&mm, mm_proc(&mm, p)->private, p, &sums);

		if (!wrong)
			wrong = check_list(&mm, mm_proc(&mm, p)->shared, p, &sums);
		if (wrong)
			return wrong;
		if (++live > l->h->stats.live)
			return "there are more processes than counted";
	}
	if (live != l->h->stats.live)
		return "there are fewer processes than counted";
	for (unsigned kind = 0; kind < LEDGER_KINDS; kind++)
		kinds += l->h->stats.kind[kind];
	if (kinds != l->h->stats.taken)
		return "the pages by kind do not add up";
	if (l->h->has_mmu)
		return l->h->stats.taken + l->h->swap_free == l->h->swap_pages
			       ? NULL
			       : "reserved and free swap do not add up";
	if ((uint64_t)l->h->stats.taken + l->h->buddy.free_pages !=
	    l->h->conf.ram >> NOMMU_PAGE_SHIFT)
		return "taken and free pages do not add up";
	return NULL;
}
