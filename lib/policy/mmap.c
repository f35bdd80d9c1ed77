/* SPDX-License-Identifier: MIT */
/* mmap.c - do_mmap() of mm/nommu.c: may it be, can it share, is there a block. */
#include "policy/judge.h"

#include <errno.h>
#include <sys/mman.h>

/*
 * What can be done with a mapping's memory (NOMMU_MAP_COPY
 * and NOMMU_MAP_DIRECT of include/linux/fs.h).
 */
enum capability { CAN_COPY = 1, CAN_DIRECT = 2 };

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* The system call's own checks, before do_mmap(). */
static long check_descriptor(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	if (!page_aligned((uint64_t)r->off))
		return meet(mm, v, RULE_BAD_OFFSET);
	if (r->file.kind == FILE_BAD)
		return meet(mm, v, RULE_BAD_DESCRIPTOR);
	return 0;
}

/* "simple checks first" (nommu.c:691) */
static long check_simple(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	uint32_t type = r->flags & MAP_TYPE;
	uint64_t pages = request_pages(r);
	uint64_t pgoff = (uint64_t)(r->off >> NOMMU_PAGE_SHIFT);
	long result;

	if (r->flags & MAP_FIXED)
		return meet(mm, v, RULE_FIXED_ADDRESS);
	if (r->flags & MAP_FIXED_NOREPLACE) {
		result = meet_as(mm, v, RULE_FIXED_ADDRESS,
				 mm_quirk(mm, QUIRK_NOREPLACE_HINT) ? 0 : -EINVAL);
		if (result)
			return result;
	} else if (r->addr) {
		result = meet(mm, v, RULE_ADDRESS_HINT);
		if (result)
			return result;
	}
	if (type != MAP_PRIVATE && type != MAP_SHARED)
		return meet(mm, v, RULE_MAP_TYPE);
	if (!r->len)
		return meet(mm, v, RULE_BAD_LENGTH);
	if (!pages || pages > TASK_PAGES)
		return meet_as(mm, v, RULE_BAD_LENGTH, -ENOMEM);
	if (pgoff + pages < pgoff)
		return meet_as(mm, v, RULE_BAD_OFFSET, -EOVERFLOW);
	return 0;
}

/* What the file offers (nommu.c:716-748), before the request narrows it. */
static uint32_t file_capabilities(const struct file_facts *f)
{
	switch (f->kind) {
	case FILE_MEMORY:
	case FILE_WINDOW:
	case FILE_XIP:
		return CAN_COPY | CAN_DIRECT;
	case FILE_DISK:
	case FILE_BLOCK:
	case FILE_ZERO:
		return CAN_COPY;
	default:
		/* a character device that does not say where its memory is loses DIRECT */
		return 0;
	}
}

static long refuse_kind(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	if (r->file.kind == FILE_CHAR || r->file.kind == FILE_ZERO)
		return meet(mm, v, RULE_SHARED_DEVICE);
	if (r->flags & MAP_SHARED)
		return meet(mm, v, RULE_SHARED_FILE);
	return meet(mm, v, RULE_NO_MMAP);
}

/* nommu.c:711-813; leaves what can be done in *can. */
static long check_file(const struct mm *mm, const struct mmap_request *r, uint32_t *can,
		       struct verdict *v)
{
	const struct file_facts *f = &r->file;
	bool shared = (r->flags & MAP_TYPE) == MAP_SHARED;

	if (f->kind == FILE_OTHER)
		return meet(mm, v, RULE_NO_MMAP);
	if (f->kind == FILE_SOCKET)
		return meet_as(mm, v, RULE_NO_MMAP, -EINVAL);
	*can = file_capabilities(f);
	if (!f->readable)
		return meet(mm, v, RULE_BAD_ACCESS);
	if (shared) {
		if (r->prot & PROT_WRITE && !f->writable)
			return meet(mm, v, RULE_BAD_ACCESS);
		if (f->append_only && f->writable)
			return meet(mm, v, RULE_BAD_ACCESS);
		if (!(*can & CAN_DIRECT))
			return refuse_kind(mm, r, v);
		*can &= ~(uint32_t)CAN_COPY;
	} else {
		if (!(*can & CAN_COPY))
			return refuse_kind(mm, r, v);
		if (r->prot & PROT_WRITE)
			*can &= ~(uint32_t)CAN_DIRECT;
	}
	if (f->noexec && r->prot & PROT_EXEC)
		return meet(mm, v, RULE_NOEXEC);
	return 0;
}

/*
 * A region that another mapping made of the same file (nommu.c:1068-1131). Returns true when the
 * search settled it: shared, or a violation.
 */
static bool try_share(const struct mm *mm, const struct mmap_request *r, uint32_t can,
		      struct verdict *v)
{
	uint64_t from = (uint64_t)(r->off >> NOMMU_PAGE_SHIFT), to = from + request_pages(r);

	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next) {
		const struct mm_region *other = mm_region(mm, i);
		uint64_t other_to = other->pgoff + other->pages;

		if (other->ino != r->file.ino || other->dev != r->file.dev || other->pgoff >= to ||
		    from >= other_to)
			continue;
		if (from < other->pgoff || to > other_to) {
			if (can & CAN_DIRECT)
				continue;
			v->result = meet(mm, v, RULE_SHARE_MISMATCH);
			return true;
		}
		v->action = ACT_SHARE;
		v->region = i;
		v->at = (uint32_t)(from - other->pgoff);
		return true;
	}
	return false;
}

/* get_unmapped_area() of ramfs: where the file's own pages are, if they lie side by side. */
static bool try_direct(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	uint64_t from = (uint64_t)(r->off >> NOMMU_PAGE_SHIFT), pages = request_pages(r);
	uint64_t file_pages = (r->file.size + NOMMU_PAGE_MASK) >> NOMMU_PAGE_SHIFT;
	uint32_t object;
	const struct mm_object *o;

	if (from >= file_pages || file_pages - from < pages)
		return false;
	object = mm_object_find(mm, r->file.dev, r->file.ino, from);
	o = object ? mm_object(mm, object) : NULL;
	if (o && from - o->first + pages <= o->pages) {
		v->action = ACT_DIRECT;
		v->object = object;
		v->at = (uint32_t)(from - o->first);
		return true;
	}
	/*
	 * Pages that were written came one by one. Linux shares each alone, and more where they
	 * happen to lie side by side; the documentation promises nothing.
	 */
	if (!r->adopted && r->file.stored && mm_quirk(mm, QUIRK_WRITTEN_SHARED)) {
		v->action = ACT_ADOPT;
		return true;
	}
	return false;
}

static void note_mapped_twice(const struct mm *mm, struct verdict *v)
{
	const struct mm_region *r = mm_region(mm, v->region);
	uint64_t addr = mm->l->h->arena_base + ((uint64_t)(r->start + v->at) << NOMMU_PAGE_SHIFT);

	if (r->start != NO_PAGE && mm_find(mm, addr))
		meet(mm, v, RULE_MAPPED_TWICE);
}

static void place_file(const struct mm *mm, const struct mmap_request *r, uint32_t can,
		       struct verdict *v)
{
	bool shared = (r->flags & MAP_TYPE) == MAP_SHARED;

	v->flags = REGION_FILE | (shared ? REGION_SHARED : 0);
	if (!shared && !(r->prot & PROT_WRITE))
		v->flags |= REGION_OVERLAY;
	if (r->file.kind == FILE_WINDOW) {
		v->action = ACT_WINDOW;
		v->at = r->file.window;
		return;
	}
	if (r->file.kind == FILE_XIP && can & CAN_DIRECT) {
		v->action = ACT_XIP;
		return;
	}
	if (v->flags & (REGION_SHARED | REGION_OVERLAY)) {
		if (try_share(mm, r, can, v)) {
			if (v->action == ACT_SHARE)
				note_mapped_twice(mm, v);
			return;
		}
		if (can & CAN_DIRECT && try_direct(mm, r, v))
			return;
		if (!(can & CAN_COPY)) {
			v->result = meet(mm, v, RULE_SHARED_NOT_CONTIGUOUS);
			return;
		}
	}
	linux_take(mm, request_pages(r), v);
	if (v->result)
		return;
	/* kernel_read() does not do files that have both kinds of read */
	if (r->file.kind == FILE_ZERO) {
		v->result = meet_as(mm, v, RULE_SHARED_DEVICE, -EINVAL);
		return;
	}
	/*
	 * kernel_read() of what lies beyond the largest
	 * offset: rw_verify_area(), fs/read_write.c:453
	 */
	if (r->off < 0 || (int64_t)((uint64_t)r->off + page_align(r->len)) < 0) {
		v->result = meet_as(mm, v, RULE_BAD_OFFSET, -EINVAL);
		return;
	}
	v->action = ACT_TAKE;
	v->flags |= REGION_COPY;
	v->figure[0] = page_align(r->len);
	v->figure[1] = (uint64_t)r->off < r->file.size ? 0 : page_align(r->len);
	if ((uint64_t)r->off < r->file.size && (uint64_t)r->off + page_align(r->len) > r->file.size)
		v->figure[1] = (uint64_t)r->off + page_align(r->len) - r->file.size;
	meet(mm, v, RULE_PRIVATE_COPY);
}

void linux_mmap(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	uint32_t can = CAN_COPY;
	uint64_t pages = request_pages(r);

	*v = (struct verdict){ .pages = (uint32_t)pages };
	v->result = check_descriptor(mm, r, v);
	if (!v->result)
		v->result = check_simple(mm, r, v);
	if (!v->result && r->file.kind != FILE_NONE)
		v->result = check_file(mm, r, &can, v);
	if (v->result)
		return;
	if (r->file.kind != FILE_NONE) {
		place_file(mm, r, can, v);
	} else {
		if ((r->flags & MAP_TYPE) == MAP_SHARED)
			meet(mm, v, RULE_SHARED_ANONYMOUS);
		linux_take(mm, pages, v);
		v->action = ACT_TAKE;
		v->flags = REGION_COPY;
	}
	if (v->result)
		v->action = ACT_NONE;
}
