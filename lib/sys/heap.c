/* SPDX-License-Identifier: MIT */
/*
 * heap.c - pages for the heap and for thread stacks. In run they are the arena's. In audit,
 * and where there is an MMU, the host gives them, from one large reservation that is handed
 * out page by page without asking the kernel each time, and the model keeps its account of
 * the same requests beside.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "sys/internal.h"

#define HOST_ORDER 18	      /* largest block from the reservation: 1 GiB */
#define HOST_PAGES (1u << 24) /* 64 GiB of addresses */
/* released pages that are kept instead of given back to the host: 64 MiB */
#define MOST_KEPT (64u << 8)

/*
 * Audit's own page allocator over the reservation;
 * private to the process, guarded by the ledger's lock.
 */
static struct {
	struct buddy buddy;
	struct buddy_view view;
	uint64_t base;
	uint8_t *dirty; /* per page: was handed out, and not given back to the host since */
	uint32_t kept;	/* released pages that are dirty */
} host;

static bool host_ready(void)
{
	const int prot = PROT_READ | PROT_WRITE,
		  flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint64_t pages = HOST_PAGES * (sizeof(struct buddy_page) + 1) +
			 (HOST_PAGES >> HOST_ORDER) * sizeof(struct buddy_block);
	long tables, memory;

	if (host.base)
		return true;
	memory = raw_mmap(0, (uint64_t)HOST_PAGES << NOMMU_PAGE_SHIFT, prot, flags, -1, 0);
	if (is_err(memory))
		return false;
	tables = raw_mmap(0, pages, prot, flags, -1, 0);
	if (is_err(tables)) {
		raw_munmap((uint64_t)memory, (uint64_t)HOST_PAGES << NOMMU_PAGE_SHIFT);
		return false;
	}
	host.view.b = &host.buddy;
	host.view.block = (struct buddy_block *)tables;
	host.view.page = (struct buddy_page *)(host.view.block + (HOST_PAGES >> HOST_ORDER));
	host.dirty = (uint8_t *)(host.view.page + HOST_PAGES);
	host.buddy.pages = HOST_PAGES;
	host.buddy.max_order = HOST_ORDER;
	host.buddy.trim = 1;
	buddy_setup(&host.view, HOST_PAGES, NULL);
	host.base = (uint64_t)memory;
	return true;
}

static bool of_host(uint64_t addr)
{
	return host.base && addr - host.base < (uint64_t)HOST_PAGES << NOMMU_PAGE_SHIFT;
}

static uint64_t host_map(uint64_t len, uint32_t *first)
{
	uint32_t kept;

	*first =
		host_ready() ? buddy_alloc(&host.view, len >> NOMMU_PAGE_SHIFT, &kept) : BUDDY_NONE;
	if (*first != BUDDY_NONE) {
		for (uint64_t i = 0; i < len >> NOMMU_PAGE_SHIFT; i++)
			host.kept -= host.dirty[*first + i];
		return host.base + ((uint64_t)*first << NOMMU_PAGE_SHIFT);
	}
	long at = raw_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return is_err(at) ? 0 : (uint64_t)at;
}

static void host_clear(uint32_t first, uint32_t pages)
{
	for (uint32_t i = first; i < first + pages; i++) {
		if (host.dirty[i])
			memset((void *)(host.base + ((uint64_t)i << NOMMU_PAGE_SHIFT)), 0,
			       NOMMU_PAGE_SIZE);
		host.dirty[i] = 1;
	}
}

static void host_unmap(uint64_t addr, uint64_t len)
{
	uint32_t first = (uint32_t)((addr - host.base) >> NOMMU_PAGE_SHIFT);
	uint32_t pages = (uint32_t)(len >> NOMMU_PAGE_SHIFT);

	if (!of_host(addr)) {
		raw_munmap(addr, len);
		return;
	}
	if (host.kept + pages <= MOST_KEPT)
		host.kept += pages;
	else if (raw_madvise(addr, len, MADV_DONTNEED) == 0)
		memset(host.dirty + first, 0, pages);
	buddy_free(&host.view, first, pages);
}

static void record_refusal(uint64_t site, enum nommu_kind kind, uint64_t len, long result,
			   const struct verdict *v)
{
	struct event e = { .call = kind == NOMMU_KIND_HEAP ? NOMMU_CALL_MALLOC
							   : NOMMU_CALL_PTHREAD_CREATE,
			   .site = site,
			   .args = { len },
			   .result = result };

	sys_record(&e, v);
}

static long hosted_pages_map(const struct place *wanted, uint64_t len, bool uninitialized)
{
	struct place p = *wanted;
	struct verdict v = { 0 };
	uint32_t first;

	if (!sys_enter())
		return raw_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p.view = host_map(len, &first);
	if (p.view) {
		if (sys.audit)
			policy_take(&sys.mm, len >> NOMMU_PAGE_SHIFT, &v);
		else
			sys_find_room(&p, len >> NOMMU_PAGE_SHIFT, &v);
		v.flags = REGION_COPY;
		if (v.result)
			sys_refused(&p, &v);
		if (v.result && !sys.audit) {
			host_unmap(p.view, len);
			p.view = 0;
		} else if (v.result || !sys_take(&p, &v)) {
			audit_ghost(p.view, len);
		}
	}
	sys_leave();
	if (!p.view) {
		if (v.rules)
			record_refusal(p.site, p.kind, len, -ENOMEM, &v);
		return -ENOMEM;
	}
	if (first != BUDDY_NONE && !uninitialized)
		host_clear(first, (uint32_t)(len >> NOMMU_PAGE_SHIFT));
	else if (first != BUDDY_NONE)
		memset(host.dirty + first, 1, len >> NOMMU_PAGE_SHIFT);
	if (v.rules)
		record_refusal(p.site, p.kind, len, 0, &v);
	return (long)p.view;
}

long sys_pages_map(uint64_t site, enum nommu_kind kind, uint64_t len, bool uninitialized)
{
	struct place p = { .kind = kind, .site = site };
	struct verdict v = { 0 };
	long result;
	uint32_t vma, start;

	len = page_align(len);
	if (!len)
		return -ENOMEM;
	if (!sys.active)
		return raw_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys.hosted)
		return hosted_pages_map(&p, len, uninitialized);
	if (!sys_enter())
		return raw_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sys_find_room(&p, len >> NOMMU_PAGE_SHIFT, &v);
	v.flags = REGION_COPY;
	vma = v.result ? 0 : sys_take(&p, &v);
	start = vma ? mm_vma(&sys.mm, vma)->start : 0;
	if (!vma)
		sys_refused(&p, &v);
	sys_leave();
	result = vma ? (long)page_address(start) : v.result;
	if (vma)
		content_anonymous(start, (uint32_t)(len >> NOMMU_PAGE_SHIFT), uninitialized);
	else
		record_refusal(site, kind, len, result, &v);
	return result;
}

long sys_pages_unmap(uint64_t site, enum nommu_kind kind, uint64_t addr, uint64_t len)
{
	struct verdict v;

	(void)site;
	(void)kind;
	len = page_align(len);
	if (!sys.active || !sys_enter())
		return raw_munmap(addr, len);
	if (sys.hosted) {
		audit_forget(addr, addr + len);
		host_unmap(addr, len);
		sys_leave();
		return 0;
	}
	policy_munmap(&sys.mm, addr, len, &v);
	if (!v.result)
		sys_unmap(&v);
	sys_leave();
	/* Taken before we were there, or while a handler interrupted us: the host's own memory. */
	if (v.result && (addr < sys.base || addr >= sys.end))
		return raw_munmap(addr, len);
	return v.result;
}

long sys_pages_remap(uint64_t site, enum nommu_kind kind, uint64_t addr, uint64_t old_len,
		     uint64_t new_len)
{
	struct verdict v;

	(void)site;
	(void)kind;
	if (!sys.active || !sys_enter())
		return -ENOMEM;
	policy_mremap(&sys.mm, addr, old_len, new_len, 0, 0, &v);
	/*
	 * The account keeps the whole block until it is unmapped, and so does audit's own memory.
	 */
	if (v.action == ACT_RESIZE && !sys.hosted)
		mm_vma_resize(&sys.mm, v.vma, v.pages);
	sys_leave();
	return v.result ? v.result : (long)addr;
}
