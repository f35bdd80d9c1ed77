/* SPDX-License-Identifier: MIT */
/*
 * audit.c - audit's mmap, munmap and mremap: the host's call and answer, and beside it the account
 * of what the same call would have got. The model never changes what the program sees; a mapping
 * that it refuses is kept as a ghost, so that its end is no surprise.
 */
#include <errno.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "sys/internal.h"

void audit_ghost(uint64_t from, uint64_t len)
{
	struct view ghost = { from, from + page_align(len), VIEW_GHOST };

	if (sys.mm.views)
		views_add(sys.mm.views, &ghost);
}

static void ghost_part(uint64_t from, uint64_t to)
{
	if (from < to)
		audit_ghost(from, to - from);
}

/*
 * A view that the host's call takes only a part of. Whatever happens none is left that lies over
 * another: the index would lose both.
 */
static void forget_part(const struct view *view, uint64_t from, uint64_t to)
{
	uint32_t vma = view->vma;
	uint64_t start = view->start, end = view->end;
	uint32_t gone;

	if (vma == VIEW_GHOST) {
		views_remove(sys.mm.views, start);
		ghost_part(start, from);
		ghost_part(to, end);
		return;
	}
	if (mm_has_mmu(&sys.mm)) {
		uint64_t serial = mm_region(&sys.mm, mm_vma(&sys.mm, vma)->region)->serial;

		gone = mm_vma_cut(&sys.mm, vma, (uint32_t)((from - start) >> NOMMU_PAGE_SHIFT),
				  (uint32_t)((to - start) >> NOMMU_PAGE_SHIFT));
		if (gone)
			sys_record_release(serial, 0, gone);
		return;
	}
	/* The upper part first: what follows is then a cut at the end of the lower one. */
	if (from > start && to < end) {
		vma = mm_vma_split(&sys.mm, vma, (uint32_t)((to - start) >> NOMMU_PAGE_SHIFT));
		/* no record left: the model forgets it, the host has what remains */
		if (!vma) {
			sys_erase(view->vma);
			ghost_part(start, from);
			ghost_part(to, end);
			return;
		}
	}
	struct verdict v = { .action = ACT_SHRINK, .vma = vma };

	if (from > start)
		v.at = (uint32_t)((from - start) >> NOMMU_PAGE_SHIFT);
	else
		v.to = (uint32_t)((to - start) >> NOMMU_PAGE_SHIFT);
	sys_unmap(&v);
}

void audit_forget(uint64_t from, uint64_t to)
{
	const struct view *view;

	for (uint64_t at = from; at < to && (view = views_first(sys.mm.views, at, to));) {
		at = view->end;
		sys_bound_operation();
		if (view->start >= from && view->end <= to) {
			if (view->vma == VIEW_GHOST)
				views_remove(sys.mm.views, view->start);
			else
				sys_erase(view->vma);
		} else {
			forget_part(view, max_u64(view->start, from), min_u64(view->end, to));
		}
	}
}

/* What the program was refused by the host too is no matter of the MMU. */
static void drop_common_errors(struct verdict *v, long host)
{
	if (is_err(host) && v->result == host)
		v->rules = 0;
}

long audit_mmap(uint64_t site, struct mmap_request *r, int fd)
{
	struct event e = mmap_event(site, r, fd);
	struct place p = mmap_place(site, r);
	struct verdict v;

	e.result = raw_mmap(r->addr, r->len, (int)r->prot, (int)r->flags, fd, r->off);
	if (!sys_enter())
		return e.result;
	sys_decide_mmap(r, fd, site, &v);
	if (r->file.kind != FILE_NONE)
		p.flags = VMA_FILE | (v.flags & REGION_SHARED ? (uint32_t)VMA_SHARED : 0);
	p.kind = v.flags & (REGION_SHARED | REGION_OVERLAY) ? NOMMU_KIND_SHARED
		 : p.flags & VMA_FILE			    ? NOMMU_KIND_FILE
							    : NOMMU_KIND_MAPPING;
	if (v.result)
		sys_refused(&p, &v);
	if (!is_err(e.result)) {
		/*
		 * MAP_FIXED replaces what was there; the
		 * region that is to be shared stays meanwhile.
		 */
		uint32_t shared = v.result ? 0 : v.region;

		if (shared)
			set32(mm_journal(&sys.mm), &mm_region(&sys.mm, shared)->users,
			      mm_region(&sys.mm, shared)->users + 1);
		audit_forget((uint64_t)e.result, (uint64_t)e.result + page_align(r->len));
		p.view = (uint64_t)e.result;
		v.addr = p.view;
		if (v.result || !sys_map(&p, r, fd, &v))
			audit_ghost((uint64_t)e.result, r->len);
		if (shared)
			mm_region_put(&sys.mm, shared);
	}
	sys_leave();
	drop_common_errors(&v, e.result);
	sys_record(&e, &v);
	return e.result;
}

long audit_munmap(uint64_t site, uint64_t addr, uint64_t len)
{
	struct event e = { NOMMU_CALL_MUNMAP, site, { addr, len }, 0, NULL, false };
	const struct view *view;
	struct verdict v;
	bool known;

	/*
	 * The account first: once the host has given the range away another thread may be given it.
	 */
	if (!sys_enter())
		return raw_munmap(addr, len);
	policy_munmap(&sys.mm, addr, len, &v);
	view = views_first(sys.mm.views, addr, addr + page_align(len));
	known = view && view->vma != VIEW_GHOST;
	if (known && v.action == ACT_ERASE)
		use_judge_vma(v.vma);
	hosted_observe(addr, addr + page_align(len));
	e.result = raw_munmap(addr, len);
	if (!e.result)
		audit_forget(addr, addr + page_align(len));
	sys_leave();
	if (!known && !e.result)
		v = (struct verdict){ 0 };
	drop_common_errors(&v, e.result);
	sys_record(&e, &v);
	return e.result;
}

long audit_mremap(uint64_t site, uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
		  uint64_t new_addr)
{
	struct event e = { NOMMU_CALL_MREMAP,
			   site,
			   { addr, old_len, new_len, (uint64_t)flags, new_addr },
			   0,
			   NULL,
			   false };
	struct verdict v, room = { 0 };
	struct place p = { .kind = NOMMU_KIND_MAPPING, .site = site };

	if (!sys_enter())
		return raw_mremap(addr, old_len, new_len, flags, new_addr);
	policy_mremap(&sys.mm, addr, old_len, new_len, flags, new_addr, &v);
	e.result = raw_mremap(addr, old_len, new_len, flags, new_addr);
	if (!is_err(e.result)) {
		if (v.action == ACT_RESIZE && (uint64_t)e.result == addr) {
			mm_vma_resize(&sys.mm, v.vma, v.pages);
		} else {
			/* It grew or moved: what a program that maps anew would have got. */
			audit_forget(addr, addr + page_align(old_len));
			audit_forget((uint64_t)e.result, (uint64_t)e.result + page_align(new_len));
			policy_take(&sys.mm, page_align(new_len) >> NOMMU_PAGE_SHIFT, &room);
			room.flags = REGION_COPY;
			p.view = (uint64_t)e.result;
			if (room.result || !sys_take(&p, &room))
				audit_ghost((uint64_t)e.result, new_len);
		}
	}
	sys_leave();
	drop_common_errors(&v, e.result);
	sys_record(&e, &v);
	return e.result;
}
