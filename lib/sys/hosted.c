/* SPDX-License-Identifier: MIT */
/*
 * hosted.c - run on a machine with an MMU. Memory is the host's, and protection, faults and
 * sharing with it; the model answers first, and what it refuses is not asked of the host. Shared
 * objects of files are put where the model has them, in a range of addresses that every process of
 * the machine keeps for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "sys/internal.h"

#define MOST_OBSERVED (1u << 18) /* pages of one mapping that are looked at: 1 GiB */

long hosted_keep_space(uint64_t from, uint64_t to)
{
	long got;

	from = max_u64(from, sys.base);
	to = min_u64(to, sys.end);
	if (from >= to)
		return 0;
	got = raw_mmap(from, to - from, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	return is_err(got) ? got : 0;
}

/* One more user of the region while what is mapped in the range goes, or it could go with it. */
static void replace(uint64_t at, uint64_t len, uint32_t region)
{
	struct mm_region *r = region ? mm_region(&sys.mm, region) : NULL;

	if (r)
		set32(mm_journal(&sys.mm), &r->users, r->users + 1);
	audit_forget(at, at + page_align(len));
}

static long map(const struct mmap_request *r, int fd, const struct verdict *v)
{
	uint64_t addr = v->addr ? v->addr : r->addr;
	int flags = (int)r->flags | (v->addr ? MAP_FIXED : 0);

	return raw_mmap(addr, r->len, (int)r->prot, flags, fd,
			r->file.kind == FILE_NONE ? 0 : r->off);
}

/* The host maps it and the account has it. */
static long enter(const struct mmap_request *r, int fd, struct place *p, struct verdict *v)
{
	long got = map(r, fd, v);
	uint32_t shared = v->region;

	if (is_err(got))
		return got;
	replace((uint64_t)got, r->len, shared);
	p->view = (uint64_t)got;
	if (!sys_map(p, r, fd, v))
		audit_ghost((uint64_t)got, r->len);
	if (shared)
		mm_region_put(&sys.mm, shared);
	return got;
}

long hosted_mmap(uint64_t site, struct mmap_request *r, int fd)
{
	struct event e = mmap_event(site, r, fd);
	struct place p = mmap_place(site, r);
	struct verdict v;

	if (!sys_enter())
		return raw_mmap(r->addr, r->len, (int)r->prot, (int)r->flags, fd, r->off);
	sys_decide_mmap(r, fd, site, &v);
	p.kind = v.flags & REGION_SHARED ? NOMMU_KIND_SHARED
		 : v.flags & REGION_FILE ? NOMMU_KIND_FILE
					 : NOMMU_KIND_MAPPING;
	e.result = v.result;
	if (v.result)
		sys_refused(&p, &v);
	else
		e.result = enter(r, fd, &p, &v);
	sys_leave();
	sys_record(&e, &v);
	return e.result;
}

long hosted_munmap(uint64_t site, uint64_t addr, uint64_t len)
{
	struct event e = { NOMMU_CALL_MUNMAP, site, { addr, len }, 0, NULL, false };
	uint64_t end = addr + page_align(len);
	struct verdict v;

	if (!sys_enter())
		return raw_munmap(addr, len);
	policy_munmap(&sys.mm, addr, len, &v);
	e.result = v.result;
	if (v.action == ACT_ERASE)
		use_judge_vma(v.vma);
	if (!v.result) {
		hosted_observe(addr, end);
		e.result = raw_munmap(addr, len);
	}
	if (!e.result) {
		audit_forget(addr, end);
		hosted_keep_space(addr, end);
	}
	sys_leave();
	sys_record(&e, &v);
	return e.result;
}

/* ---- pages that were written without a reservation ---- */

/* Pages of the mapping that are its own: neither untouched nor still the file's. */
static uint32_t written(int pagemap, const struct mm_vma *v)
{
	const uint64_t present = 1ULL << 63, swapped = 1ULL << 62, file = 1ULL << 61;
	uint64_t entry[256];
	uint32_t count = 0, pages = (uint32_t)min_u64(v->pages, MOST_OBSERVED);

	for (uint32_t done = 0; done < pages;) {
		uint64_t n = min_u64(pages - done, ARRAY_SIZE(entry));
		long got = raw_pread(
			pagemap, entry, n * sizeof *entry,
			(int64_t)(((v->view >> NOMMU_PAGE_SHIFT) + done) * sizeof *entry));

		if (got <= 0)
			break;
		for (uint64_t i = 0; i < (uint64_t)got / sizeof *entry; i++)
			count += entry[i] & (present | swapped) && !(entry[i] & file);
		done += (uint32_t)n;
	}
	return count;
}

/*
 * HP-UX reserves a page's swap when it is written first. Nobody tells us then; so it is
 * looked up before something depends on it, and where there is too little the finding says
 * what would have been SIGBUS.
 */
static void reserve_written(uint32_t vma, uint32_t count)
{
	struct mm_vma *v = mm_vma(&sys.mm, vma);
	const struct mm_region *r = mm_region(&sys.mm, v->region);
	struct event e = { .call = NOMMU_CALL_MMAP,
			   .site = v->site,
			   .args = { v->view, (uint64_t)v->pages << NOMMU_PAGE_SHIFT, 0,
				     MAP_NORESERVE },
			   .text = "pages written without reserve: SIGBUS" };
	uint32_t had = v->swap;
	struct verdict judged = { 0 };

	if (count > had)
		policy_take(&sys.mm, count - had, &judged);
	if (judged.result) {
		sys_record(&e, &judged);
	} else if (count != had) {
		mm_vma_reserve(&sys.mm, vma, count);
		if (count > had)
			sys_record_region(r->serial, 0, count - had, count - had, r->kind, v->site,
					  0);
		else
			sys_record_release(r->serial, 0, had - count);
	}
}

void hosted_observe(uint64_t from, uint64_t to)
{
	const struct view *view;
	int pagemap = -1;

	if (!mm_has_mmu(&sys.mm))
		return;
	for (; from < to && (view = views_first(sys.mm.views, from, to)); from = view->end) {
		if (view->vma == VIEW_GHOST || !(mm_vma(&sys.mm, view->vma)->flags & VMA_NORESERVE))
			continue;
		if (pagemap < 0)
			pagemap = (int)raw_openat(AT_FDCWD, "/proc/self/pagemap",
						  O_RDONLY | O_CLOEXEC, 0);
		if (pagemap < 0)
			return;
		sys_bound_operation();
		reserve_written(view->vma, written(pagemap, mm_vma(&sys.mm, view->vma)));
	}
	if (pagemap >= 0)
		raw_close(pagemap);
}
