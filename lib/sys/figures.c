/* SPDX-License-Identifier: MIT */
/* figures.c - what is asked of the machine: how much there is, and which mappings. */
#include <string.h>

#include "sys/internal.h"

uint64_t sys_ram_total(void)
{
	return sys.ledger.h->conf.ram;
}

/* What could be allocated now, of the RAM. */
uint64_t sys_ram_free(void)
{
	if (mm_has_mmu(&sys.mm))
		return min_u64(sys.ledger.h->conf.ram,
			       (uint64_t)__atomic_load_n(&sys.ledger.h->swap_free, __ATOMIC_RELAXED)
				       << NOMMU_PAGE_SHIFT);
	return (uint64_t)__atomic_load_n(&sys.ledger.h->buddy.free_pages, __ATOMIC_RELAXED)
	       << NOMMU_PAGE_SHIFT;
}

void sys_figures(struct sys_figures *f)
{
	const struct ledger_header *h = sys.ledger.h;

	memset(f, 0, sizeof *f);
	if (!h || !sys_enter())
		return;
	f->ram_pages = h->conf.ram >> NOMMU_PAGE_SHIFT;
	f->free_pages = h->has_mmu ? h->swap_free : h->buddy.free_pages;
	f->reserve_pages = h->buddy.reserve;
	f->swap_pages = h->swap_pages;
	f->peak_pages = h->stats.peak;
	f->largest_free = buddy_largest(&sys.ledger.buddy);
	f->attached = h->stats.attached;
	f->lost = h->stats.lost;
	f->live = h->stats.live;
	f->refused = h->stats.refused;
	f->errors = __atomic_load_n(&h->errors, __ATOMIC_RELAXED);
	f->last_error = (enum rule_id)(h->last_error >> 32);
	f->last_errno = (int)(h->last_error & 0xffff);
	for (unsigned order = 0; order <= h->buddy.max_order; order++)
		f->free_blocks[order] = buddy_blocks(&sys.ledger.buddy, order);
	for (unsigned kind = 0; kind < NOMMU_KINDS; kind++) {
		f->kind_pages[kind] = h->stats.kind[kind];
		f->kind_peak[kind] = h->stats.kind_peak[kind];
	}
	sys_leave();
}

static int visit(uint32_t first, const struct mm_proc *p,
		 int (*fn)(const struct sys_mapping *, void *), void *context)
{
	int result = 0;

	for (uint32_t e = first; e && !result; e = mm_vma(&sys.mm, e)->next) {
		const struct mm_vma *v = mm_vma(&sys.mm, e);
		const struct mm_region *r = mm_region(&sys.mm, v->region);
		struct sys_mapping m = {
			.start = v->view,
			.end = vma_end(v),
			.page = v->start,
			.users = r->users,
			.kind = r->kind,
			.pid = (int)p->pid,
			.shared = region_shareable(r),
			.inode = r->ino,
			.offset = v->pgoff << NOMMU_PAGE_SHIFT,
		};

		if (!(v->flags & VMA_ALIAS))
			result = fn(&m, context);
	}
	return result;
}

int sys_each_mapping(int pid, int (*fn)(const struct sys_mapping *, void *), void *context)
{
	int result = 0;

	if (!sys.ledger.h || !sys_enter())
		return 0;
	for (uint32_t i = sys.ledger.h->proc_first; i && !result; i = mm_proc(&sys.mm, i)->next) {
		const struct mm_proc *p = mm_proc(&sys.mm, i);

		if (pid && p->pid != (uint32_t)pid)
			continue;
		result = visit(p->private, p, fn, context);
		if (!result)
			result = visit(p->shared, p, fn, context);
	}
	sys_leave();
	return result;
}
