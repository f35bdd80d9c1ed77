/* SPDX-License-Identifier: MIT */
/* mmap.c - mmap, munmap and mremap in run; audit.c has the other half. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "sys/internal.h"

#ifndef MAP_UNINITIALIZED
#define MAP_UNINITIALIZED 0x4000000
#endif

static bool ran_out(const struct verdict *v)
{
	for (unsigned i = 0; i < v->rules; i++)
		if (v->rule[i] == RULE_FRAGMENTED || v->rule[i] == RULE_OUT_OF_MEMORY ||
		    v->rule[i] == RULE_SWAP_RESERVE)
			return v->result != 0;
	return false;
}

void sys_decide_mmap(struct mmap_request *r, int fd, uint64_t site, struct verdict *v)
{
	struct place p = { .kind = NOMMU_KIND_MAPPING, .site = site };
	struct verdict room = { 0 };

	policy_mmap(&sys.mm, r, v);
	if (v->action == ACT_ADOPT) {
		sys_adopt(r, fd, false, site);
		r->adopted = true;
		policy_mmap(&sys.mm, r, v);
	}
	if (!ran_out(v))
		return;
	sys_find_room(&p, v->pages, &room);
	policy_mmap(&sys.mm, r, v);
}

uint32_t sys_map(const struct place *p, const struct mmap_request *r, int fd, struct verdict *v)
{
	uint32_t vma = 0;

	switch (v->action) {
	case ACT_TAKE:
		vma = sys_take(p, v);
		/* Reading the file into the copy makes pages of its holes. */
		if (vma && r->file.kind == FILE_MEMORY && mm_quirk(&sys.mm, QUIRK_WRITTEN_SHARED))
			sys_adopt(r, fd, true, p->site);
		break;
	case ACT_SHARE:
		vma = sys_share(p, v);
		break;
	case ACT_DIRECT:
		vma = sys_direct(p, v);
		break;
	case ACT_WINDOW:
	case ACT_XIP:
		vma = sys_window(p, v);
		break;
	case ACT_VIRTUAL:
		vma = sys_virtual(p, v);
		break;
	default:
		break;
	}
	return vma;
}

/*
 * The text of a running program is charged without anybody having looked at it: its first reader
 * through a mapping of its own brings the contents.
 */
static long bring_contents(const struct mm_region *region, uint32_t index, int fd)
{
	long result = content_backing(region->start, region->pages, true);

	if (!result)
		result = content_file(region->start, region->pages, fd,
				      (int64_t)(region->pgoff << NOMMU_PAGE_SHIFT), true);
	if (!result && sys_enter()) {
		struct mm_region *r = mm_region(&sys.mm, index);

		set32(mm_journal(&sys.mm), &r->flags, r->flags | REGION_BACKED);
		sys_leave();
	}
	return result;
}

/* Gives a new mapping its contents; a failure takes the mapping out again. */
static long fill(const struct mmap_request *r, const struct verdict *v, int fd, uint32_t vma,
		 const struct mm_vma *m, const struct mm_region *region)
{
	bool overlay = v->flags & REGION_OVERLAY;
	long result = 0;

	if (v->action == ACT_SHARE) {
		if (region->flags & REGION_DIRECT)
			result = content_map(m->start, m->pages, fd, r->off, r->file.writable);
		else if (region->flags & REGION_BACKED)
			result = content_backing(m->start, m->pages, false);
		else
			result = bring_contents(region, m->region, fd);
	} else if (v->action == ACT_DIRECT) {
		result = content_map(m->start, m->pages, fd, r->off, r->file.writable);
	} else if (r->file.kind == FILE_NONE) {
		content_anonymous(m->start, m->pages, r->flags & MAP_UNINITIALIZED);
	} else {
		if (overlay)
			result = content_backing(m->start, m->pages, true);
		if (!result)
			result = content_file(m->start, m->pages, fd, r->off, overlay);
	}
	if (result < 0 && sys_enter()) {
		sys_erase(vma);
		sys_leave();
	}
	return result;
}

/*
 * A device window: the address is the offset, as on
 * /dev/mem; elsewhere if the host has that in use.
 */
static long map_window(const struct mmap_request *r, const struct verdict *v)
{
	const struct conf_device *d = &sys.ledger.h->conf.device[v->at];
	uint64_t addr = (uint64_t)r->off < d->addr ? d->addr + (uint64_t)r->off : (uint64_t)r->off;
	uint64_t len = page_align(r->len);
	int prot = PROT_READ | (r->file.writable ? PROT_WRITE : 0);
	long fd, got;

	if (addr - d->addr >= d->len || d->len - (addr - d->addr) < len)
		return -EINVAL;
	fd = raw_openat(AT_FDCWD, d->path, (r->file.writable ? O_RDWR : O_RDONLY) | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	got = raw_mmap(addr, len, prot, MAP_SHARED | MAP_FIXED_NOREPLACE, (int)fd,
		       (int64_t)(addr - d->addr));
	if (is_err(got) || (uint64_t)got != addr)
		got = is_err(got) ? raw_mmap(0, len, prot, MAP_SHARED, (int)fd,
					     (int64_t)(addr - d->addr))
				  : got;
	raw_close((int)fd);
	return got;
}

/*
 * A file that is executed in place: no RAM, and where
 * romfs put it, which need not be a page's start.
 */
static long map_in_place(const struct mmap_request *r, int fd)
{
	enum { ROMFS_ALIGN = 16 };
	uint64_t len = page_align(r->len);
	long result, at = raw_mmap(0, len + NOMMU_PAGE_SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (is_err(at))
		return at;
	result = content_read((char *)at + ROMFS_ALIGN, len, fd, r->off);
	if (result < 0) {
		raw_munmap((uint64_t)at, len + NOMMU_PAGE_SIZE);
		return result;
	}
	return at + ROMFS_ALIGN;
}

/* What is executed in place does not start with a page. */
static void unmap_outside(uint64_t addr, uint64_t len)
{
	raw_munmap(addr & ~NOMMU_PAGE_MASK, page_align(len + (addr & NOMMU_PAGE_MASK)));
}

static long map_outside(const struct mmap_request *r, struct verdict *v, struct place *p, int fd)
{
	long got = v->action == ACT_WINDOW ? map_window(r, v) : map_in_place(r, fd);
	bool mapped;

	if (is_err(got) || !sys_enter())
		return got;
	p->view = (uint64_t)got;
	mapped = sys_map(p, r, fd, v);
	sys_leave();
	if (mapped)
		return got;
	unmap_outside(p->view, r->len);
	return v->result;
}

static long map_inside(const struct mmap_request *r, struct verdict *v, const struct place *p,
		       int fd)
{
	struct mm_region region;
	struct mm_vma copy;
	uint32_t vma = sys_map(p, r, fd, v);
	long result;

	if (!vma) {
		sys_leave();
		return v->result;
	}
	copy = *mm_vma(&sys.mm, vma);
	region = *mm_region(&sys.mm, copy.region);
	if (v->action == ACT_TAKE && v->flags & REGION_OVERLAY) {
		struct mm_region *shared = mm_region(&sys.mm, copy.region);

		set32(mm_journal(&sys.mm), &shared->flags, shared->flags | REGION_BACKED);
	}
	sys_leave();
	result = fill(r, v, fd, vma, &copy, &region);
	return result < 0 ? result : (long)copy.view;
}

/*
 * /dev/mem is opened as the first window's file, and shows all of them: the offset is the address.
 */
static uint32_t window_at(uint32_t window, uint64_t addr)
{
	const struct conf *conf = sys_conf();

	for (uint32_t i = 0; !window && i < conf->devices; i++)
		if (addr >= conf->device[i].addr &&
		    addr - conf->device[i].addr < conf->device[i].len)
			return i;
	return window;
}

long sys_mmap(uint64_t site, uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off)
{
	struct mmap_request r = { addr, len,   (uint32_t)prot, (uint32_t)flags,
				  off,	{ 0 }, false,	       false };
	struct event e = { NOMMU_CALL_MMAP,
			   site,
			   { addr, len, (uint64_t)prot, (uint64_t)flags, (uint64_t)fd,
			     (uint64_t)off },
			   0,
			   NULL,
			   false };
	struct place p = { .site = site, .pgoff = (uint64_t)(off >> NOMMU_PAGE_SHIFT) };
	struct verdict v;

	if (!sys_active())
		return raw_mmap(addr, len, prot, flags, fd, off);
	if (!(flags & MAP_ANONYMOUS)) {
		facts_of(fd, &r.file);
		if (r.file.kind == FILE_WINDOW)
			r.file.window = window_at(r.file.window, (uint64_t)off);
		p.flags = VMA_FILE | ((flags & MAP_TYPE) == MAP_SHARED ? (uint32_t)VMA_SHARED : 0);
		p.dev = r.file.dev;
		p.ino = r.file.ino;
	}
	r.descriptor = flags & MAP_ANONYMOUS && fd != -1;
	if (sys.audit)
		return audit_mmap(site, &r, fd);
	if (sys.hosted)
		return hosted_mmap(site, &r, fd);
	if (!sys_enter())
		return raw_mmap(addr, len, prot, flags, fd, off);
	sys_decide_mmap(&r, fd, site, &v);
	p.kind = v.flags & (REGION_SHARED | REGION_OVERLAY) ? NOMMU_KIND_SHARED
		 : p.flags & VMA_FILE			    ? NOMMU_KIND_FILE
							    : NOMMU_KIND_MAPPING;
	if (v.result) {
		sys_refused(&p, &v);
		sys_leave();
		e.result = v.result;
	} else if (v.action == ACT_WINDOW || v.action == ACT_XIP) {
		sys_leave();
		e.result = map_outside(&r, &v, &p, fd);
	} else {
		e.result = map_inside(&r, &v, &p, fd);
	}
	sys_record(&e, &v);
	return e.result;
}

static bool in_window(uint32_t vma)
{
	return vma && mm_vma(&sys.mm, vma)->start == NO_PAGE;
}

long sys_munmap(uint64_t site, uint64_t addr, uint64_t len)
{
	struct event e = { NOMMU_CALL_MUNMAP, site, { addr, len }, 0, NULL, false };
	struct verdict v;
	bool window;

	if (!sys_active())
		return raw_munmap(addr, len);
	if (sys.audit)
		return audit_munmap(site, addr, len);
	if (sys.hosted)
		return hosted_munmap(site, addr, len);
	if (!sys_enter())
		return raw_munmap(addr, len);
	policy_munmap(&sys.mm, addr, len, &v);
	window = in_window(v.vma);
	if (!v.result)
		sys_unmap(&v);
	sys_leave();
	if (window && !v.result)
		unmap_outside(addr, len);
	e.result = v.result;
	sys_record(&e, &v);
	return v.result;
}

long sys_mremap(uint64_t site, uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
		uint64_t new_addr)
{
	struct event e = { NOMMU_CALL_MREMAP,
			   site,
			   { addr, old_len, new_len, (uint64_t)flags, new_addr },
			   0,
			   NULL,
			   false };
	struct verdict v;

	if (!sys_active())
		return raw_mremap(addr, old_len, new_len, flags, new_addr);
	if (sys.audit)
		return audit_mremap(site, addr, old_len, new_len, flags, new_addr);
	if (!sys_enter())
		return raw_mremap(addr, old_len, new_len, flags, new_addr);
	policy_mremap(&sys.mm, addr, old_len, new_len, flags, new_addr, &v);
	if (v.action == ACT_RESIZE)
		mm_vma_resize(&sys.mm, v.vma, v.pages);
	sys_leave();
	e.result = v.result ? v.result : (long)addr;
	sys_record(&e, &v);
	return e.result;
}
