/* SPDX-License-Identifier: MIT */
/*
 * use.c - what was reserved and what was touched: without an MMU a mapping costs all of its
 * pages at once, so one that is hardly touched is a finding. The host knows what was touched: a
 * page of anonymous memory is real from its first use on. In run that holds for pages that the
 * process has never had before.
 */
#include <string.h>

#include "base/raw.h"
#include "sys/internal.h"

#define LEAST_PAGES 64 /* smaller mappings are not worth a word: 256 KiB */
#define HARDLY 4       /* less than a quarter of it */
#define AT_ONCE 2048   /* pages asked for in one system call */

/* Pages of [addr, addr + pages) that are real; UINT64_MAX if the host does not say. */
static uint64_t real_pages(uint64_t addr, uint64_t pages)
{
	unsigned char resident[AT_ONCE];
	uint64_t real = 0;

	for (uint64_t done = 0; done < pages;) {
		uint64_t n = min_u64(pages - done, AT_ONCE);

		if (raw_call3(SYS_mincore, addr + (done << NOMMU_PAGE_SHIFT), n << NOMMU_PAGE_SHIFT,
			      resident) < 0)
			return UINT64_MAX;
		for (uint64_t i = 0; i < n; i++)
			real += resident[i] & 1;
		done += n;
	}
	return real;
}

void use_judge(uint64_t site, uint64_t addr, uint64_t pages, enum nommu_kind kind)
{
	struct nommu_record_use *r;
	struct event e = { .call = NOMMU_CALL_MMAP,
			   .site = site,
			   .args = { addr, pages << NOMMU_PAGE_SHIFT } };
	struct verdict v = { 0 };
	uint64_t real;

	if (!trace_active() || kind != NOMMU_KIND_MAPPING || pages < LEAST_PAGES)
		return;
	real = real_pages(addr, pages);
	if (real == UINT64_MAX)
		return;
	r = trace_claim(sizeof *r, sys.pid);
	if (r) {
		r->site = site;
		r->reserved = pages << NOMMU_PAGE_SHIFT;
		r->touched = real << NOMMU_PAGE_SHIFT;
		r->kind = kind;
		r->count = 1;
		trace_done(r, NOMMU_RECORD_USE);
	}
	if (real * HARDLY > pages)
		return;
	v.figure[0] = pages << NOMMU_PAGE_SHIFT;
	v.figure[1] = real << NOMMU_PAGE_SHIFT;
	e.result = (long)addr;
	meet(&sys.mm, &v, RULE_OVERCOMMIT);
	meet(&sys.mm, &v, RULE_SWAP_UNUSED);
	sys_record(&e, &v);
}

void use_judge_vma(uint32_t vma)
{
	const struct mm_vma *v = mm_vma(&sys.mm, vma);

	if (!(v->flags & VMA_NORESERVE))
		use_judge(v->site, v->view, v->pages, mm_region(&sys.mm, v->region)->kind);
}

/* The next of the process's own mappings behind *vma, as a copy; false at the end. */
static bool next_mapping(uint32_t *vma, struct mm_vma *copy, enum nommu_kind *kind)
{
	bool found = false;

	if (!sys_enter())
		return false;
	*vma = *vma ? mm_vma(&sys.mm, *vma)->next : mm_proc(&sys.mm, sys.mm.self)->private;
	if (*vma) {
		*copy = *mm_vma(&sys.mm, *vma);
		*kind = mm_region(&sys.mm, copy->region)->kind;
		found = copy->proc == sys.mm.self;
	}
	sys_leave();
	return found;
}

void use_judge_all(void)
{
	enum { MOST = 100000 }; /* an exiting process does not look longer */
	enum nommu_kind kind;
	struct mm_vma copy;
	uint32_t vma = 0;

	if (!trace_active())
		return;
	for (unsigned i = 0; i < MOST && next_mapping(&vma, &copy, &kind); i++)
		if (!(copy.flags & VMA_NORESERVE))
			use_judge(copy.site, copy.view, copy.pages, kind);
}
