/* SPDX-License-Identifier: MIT */
/* munmap.c - do_munmap() and do_mremap() of mm/nommu.c. */
#include "policy/judge.h"

#include <errno.h>
#include <sys/mman.h>

static void erase(struct verdict *v, uint32_t vma)
{
	v->action = ACT_ERASE;
	v->vma = vma;
}

/*
 * Where the range ends through which vma was found at or after `at`. It is not the
 * mapping's end: after mremap the range is longer than the mapping, and what another view
 * hides of it is not in it.
 */
static uint64_t behind(const struct mm *mm, uint32_t vma, uint64_t at, uint64_t end)
{
	while (at < end && mm_find(mm, at) != vma)
		at += NOMMU_PAGE_SIZE;
	while (at < end && mm_find(mm, at) == vma)
		at += NOMMU_PAGE_SIZE;
	return at;
}

/*
 * A file mapping goes whole. The kernel looks only that the range starts at or below the mapping
 * and ends with one: so it may start before it, and may end with a later mapping, which then is the
 * one that goes (nommu.c:1443-1451).
 */
static void unmap_file(const struct mm *mm, uint64_t start, uint64_t end, uint32_t vma,
		       struct verdict *v)
{
	const struct mm_vma *first = mm_vma(mm, vma);
	uint64_t at = start;

	while (vma) {
		const struct mm_vma *m = mm_vma(mm, vma);

		if (start > m->view)
			break;
		if (end == vma_end(m)) {
			if (m != first || start != m->view)
				v->result = mm_quirk(mm, QUIRK_UNMAP_BY_END)
						    ? 0
						    : meet(mm, v, RULE_NOT_ONE_MAPPING);
			if (!v->result)
				erase(v, vma);
			return;
		}
		at = behind(mm, vma, at > m->view ? at : m->view, end);
		vma = at < end ? mm_find_first(mm, at, end) : 0;
	}
	v->result = meet(mm, v,
			 end > vma_end(first) || start < first->view ? RULE_NOT_ONE_MAPPING
								     : RULE_PARTIAL_FILE_UNMAP);
}

static void unmap_anonymous(const struct mm *mm, uint64_t start, uint64_t end, uint32_t vma,
			    struct verdict *v)
{
	const struct mm_vma *m = mm_vma(mm, vma);

	v->vma = vma;
	if (start == m->view && end == vma_end(m)) {
		erase(v, vma);
		return;
	}
	if (start < m->view || end > vma_end(m) || !page_aligned(start)) {
		v->result = meet(mm, v, RULE_NOT_ONE_MAPPING);
		return;
	}
	v->at = (uint32_t)((start - m->view) >> NOMMU_PAGE_SHIFT);
	v->pages = (uint32_t)((end - start) >> NOMMU_PAGE_SHIFT);
	if (start != m->view && end != vma_end(m)) {
		v->result = meet(mm, v, RULE_HOLE);
		v->action = v->result ? ACT_NONE : ACT_SPLIT;
		return;
	}
	v->result = meet(mm, v, RULE_TRIM_MAPPING);
	v->action = v->result ? ACT_NONE : ACT_SHRINK;
	v->to = v->pages; /* at is 0 for the lower end: then [to, ...) stays */
}

void linux_munmap(const struct mm *mm, uint64_t addr, uint64_t len, struct verdict *v)
{
	uint64_t pages = page_align(len), end = addr + pages;
	uint32_t vma = 0;

	*v = (struct verdict){ 0 };
	if (pages && end > addr)
		vma = mm_find_first(mm, addr, end);
	if (!vma)
		v->result = meet(mm, v, RULE_NOT_ONE_MAPPING);
	else if (mm_vma(mm, vma)->flags & VMA_FILE)
		unmap_file(mm, addr, end, vma, v);
	else
		unmap_anonymous(mm, addr, end, vma, v);
}

/*
 * Pages of the region from the mapping's start: more than
 * 0 were cut off only of what a forked process sees too.
 */
static uint64_t room(const struct mm_vma *v, const struct mm_region *r)
{
	return v->start == NO_PAGE ? r->pages : r->pages - (v->start - r->start);
}

void linux_mremap(const struct mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
		  uint64_t new_addr, struct verdict *v)
{
	uint64_t old_pages = page_align(old_len) >> NOMMU_PAGE_SHIFT;
	uint64_t new_pages = page_align(new_len) >> NOMMU_PAGE_SHIFT;
	const struct mm_region *r;
	uint32_t vma;

	*v = (struct verdict){ 0 };
	if (!old_pages || !new_pages || !page_aligned(addr)) {
		v->result = meet(mm, v, RULE_REMAP_NOT_EXACT);
		return;
	}
	if (flags & MREMAP_FIXED && new_addr != addr) {
		v->result = meet(mm, v, RULE_REMAP_FIXED);
		return;
	}
	vma = mm_find(mm, addr);
	if (!vma || mm_vma(mm, vma)->view != addr || mm_vma(mm, vma)->pages != old_pages) {
		v->result = meet(mm, v, RULE_REMAP_NOT_EXACT);
		return;
	}
	r = mm_region(mm, mm_vma(mm, vma)->region);
	if (region_shareable(r)) {
		v->result = meet(mm, v, RULE_REMAP_SHARED);
		return;
	}
	if (new_pages > room(mm_vma(mm, vma), r)) {
		v->result = meet(mm, v, RULE_REMAP_GROW);
		v->order = pages_order(new_pages);
		return;
	}
	v->action = ACT_RESIZE;
	v->vma = vma;
	v->pages = (uint32_t)new_pages;
}
