/* SPDX-License-Identifier: MIT */
/*
 * hpux_mmap.c - mmap of HP-UX 11i v3, by the manual (lib/rules/hpux.def says which page). The order
 * of its checks is not known; descriptors and flags come first here, as on Linux.
 *
 * A private mapping reserves swap for its whole size. A shared mapping of a file is a part of one
 * object that has one address range for the whole machine, laid out when the first process maps it.
 */
#include "policy/judge.h"

#include <errno.h>
#include <sys/mman.h>

#define MAP_TYPES (MAP_SHARED | MAP_PRIVATE)
#define DEFINED (MAP_TYPES | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE)
/* Hints of Linux: without them a program is slower at most. */
#define HINTS                                                                                      \
	(MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED)

static bool is_shared(const struct mmap_request *r)
{
	return (r->flags & MAP_TYPES) == MAP_SHARED;
}

/* Whose pages are an object of the whole machine. */
static bool is_regular(const struct file_facts *f)
{
	return f->kind == FILE_DISK || f->kind == FILE_MEMORY || f->kind == FILE_XIP;
}

static bool is_anonymous(const struct file_facts *f)
{
	return f->kind == FILE_NONE || f->kind == FILE_ZERO;
}

long hpux_protection(const struct mm *mm, uint32_t prot, struct verdict *v)
{
	long result = 0;

	if (prot & ~(uint32_t)(PROT_READ | PROT_WRITE | PROT_EXEC))
		result = meet(mm, v, RULE_FOREIGN_FLAG);
	else if (prot && !(prot & PROT_READ))
		result = meet(mm, v, RULE_PROT_COMBINATION);
	return result;
}

static long check_flags(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	uint32_t type = r->flags & MAP_TYPES;
	long result;

	if (r->file.kind != FILE_NONE && !page_aligned((uint64_t)r->off))
		return meet(mm, v, RULE_BAD_OFFSET);
	if (r->file.kind == FILE_BAD)
		return meet(mm, v, RULE_BAD_DESCRIPTOR);
	if (type != MAP_PRIVATE && type != MAP_SHARED)
		return meet(mm, v, RULE_MAP_TYPE);
	if (r->flags & ~(uint32_t)(DEFINED | HINTS))
		return meet(mm, v, RULE_FOREIGN_FLAG);
	if (r->flags & HINTS)
		meet_as(mm, v, RULE_FOREIGN_FLAG, 0);
	result = hpux_protection(mm, r->prot, v);
	if (!result && r->descriptor)
		result = meet(mm, v, RULE_ANONYMOUS_DESCRIPTOR);
	return result;
}

static long check_range(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	uint64_t pages = request_pages(r);
	bool fixed = r->flags & MAP_FIXED;

	if (!r->len)
		return meet(mm, v, RULE_BAD_LENGTH);
	if (!pages || pages > TASK_PAGES)
		return meet_as(mm, v, RULE_BAD_LENGTH, -ENOMEM);
	if (r->file.kind != FILE_NONE &&
	    (r->off < 0 || INT64_MAX - r->off < (int64_t)page_align(r->len)))
		return meet(mm, v, RULE_BAD_OFFSET);
	if (!fixed)
		return r->addr ? meet(mm, v, RULE_ADDRESS_HINT) : 0;
	if (!page_aligned(r->addr))
		return meet(mm, v, RULE_BAD_ADDRESS);
	if (r->addr >> NOMMU_PAGE_SHIFT > TASK_PAGES - pages)
		return meet_as(mm, v, RULE_BAD_LENGTH, -ENOMEM);
	return meet(mm, v, RULE_FIXED_REPLACES);
}

static long check_file(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	const struct file_facts *f = &r->file;

	if (f->kind == FILE_CHAR || f->kind == FILE_WINDOW)
		return meet(mm, v, RULE_SHARED_DEVICE);
	if (!is_regular(f) && f->kind != FILE_ZERO)
		return meet(mm, v, RULE_NO_MMAP);
	if (!f->readable || (is_shared(r) && r->prot & PROT_WRITE && !f->writable))
		return meet(mm, v, RULE_BAD_ACCESS);
	if (is_regular(f) && (uint64_t)r->off >= page_align(f->size))
		return meet(mm, v, RULE_BEYOND_END);
	return 0;
}

uint64_t hpux_room(const struct mm *mm, uint64_t pages)
{
	uint64_t at = mm->l->h->arena_base, end = at + mm->l->h->arena_bytes;
	uint64_t len = pages << NOMMU_PAGE_SHIFT;

	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next) {
		const struct mm_region *r = mm_region(mm, i);
		uint64_t behind = r->addr + ((uint64_t)r->pages << NOMMU_PAGE_SHIFT);

		if (r->addr >= at && r->addr - at >= len)
			break;
		if (behind > at && r->addr < end)
			at = behind;
	}
	return end - at >= len && at < end ? at : 0;
}

uint32_t hpux_own(const struct mm *mm, uint32_t region, uint64_t from, uint64_t to)
{
	for (uint32_t e = mm_proc(mm, mm->self)->shared; e; e = mm_vma(mm, e)->next) {
		const struct mm_vma *v = mm_vma(mm, e);

		if (v->region == region && v->pgoff < to && from < v->pgoff + v->pages)
			return e;
	}
	return 0;
}

/* The object that has any page of the range, or 0. */
static uint32_t find_object(const struct mm *mm, const struct mmap_request *r, uint64_t from,
			    uint64_t to)
{
	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next) {
		const struct mm_region *other = mm_region(mm, i);

		if (!other->object && other->ino == r->file.ino && other->dev == r->file.dev &&
		    other->pgoff < to && from < other->pgoff + other->pages)
			return i;
	}
	return 0;
}

/* The range belongs to the object `i` already: it is where that is, or nowhere. */
static long share_object(const struct mm *mm, const struct mmap_request *r, uint32_t i,
			 struct verdict *v)
{
	const struct mm_region *object = mm_region(mm, i);
	uint64_t from = (uint64_t)(r->off >> NOMMU_PAGE_SHIFT), to = from + request_pages(r);
	uint32_t own = hpux_own(mm, i, from, to);

	if (from < object->pgoff || to > object->pgoff + object->pages)
		return meet(mm, v, RULE_OVERLAP_MAPPING);
	v->region = i;
	v->addr = object->addr + ((from - object->pgoff) << NOMMU_PAGE_SHIFT);
	/* In audit the host has each process's mapping elsewhere: its own is as good. */
	if (r->flags & MAP_FIXED && r->addr != v->addr &&
	    (!own || mm_vma(mm, own)->view - (mm_vma(mm, own)->pgoff << NOMMU_PAGE_SHIFT) !=
			     r->addr - (from << NOMMU_PAGE_SHIFT)))
		return meet(mm, v, RULE_ALIAS_MAPPING);
	return own ? meet(mm, v, RULE_SAME_ADDRESS) : 0;
}

static long place_shared(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	uint64_t from = (uint64_t)(r->off >> NOMMU_PAGE_SHIFT), pages = request_pages(r);
	uint32_t object = find_object(mm, r, from, from + pages);

	v->flags = REGION_FILE | REGION_SHARED;
	v->mapping = VMA_FILE | VMA_SHARED;
	if (object)
		return share_object(mm, r, object, v);
	v->addr = r->flags & MAP_FIXED ? r->addr : hpux_room(mm, pages);
	return v->addr ? 0 : meet_as(mm, v, RULE_BAD_LENGTH, -ENOMEM);
}

/* What has no object of its own: private memory, and shared memory that only descendants see. */
static long place_private(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	struct verdict swap = *v;

	v->addr = r->flags & MAP_FIXED ? r->addr : 0;
	v->flags = REGION_COPY | (is_anonymous(&r->file) ? 0 : (uint32_t)REGION_FILE);
	v->mapping = (is_anonymous(&r->file) ? 0 : (uint32_t)VMA_FILE) |
		     (is_shared(r) ? (uint32_t)VMA_SHARED : 0);
	if (r->flags & MAP_NORESERVE && !is_shared(r)) {
		v->mapping |= VMA_NORESERVE;
		return meet(mm, v, RULE_NORESERVE);
	}
	hpux_take(mm, request_pages(r), &swap);
	v->swap = swap.swap;
	if (!swap.result)
		return 0;
	v->figure[0] = swap.figure[0];
	v->figure[1] = swap.figure[1];
	return meet(mm, v, RULE_SWAP_RESERVE);
}

void hpux_mmap(const struct mm *mm, const struct mmap_request *r, struct verdict *v)
{
	*v = (struct verdict){ .pages = (uint32_t)request_pages(r) };
	v->result = check_flags(mm, r, v);
	if (!v->result)
		v->result = check_range(mm, r, v);
	if (!v->result && r->file.kind != FILE_NONE)
		v->result = check_file(mm, r, v);
	if (!v->result)
		v->result = is_shared(r) && is_regular(&r->file) ? place_shared(mm, r, v)
								 : place_private(mm, r, v);
	if (!v->result)
		v->action = ACT_VIRTUAL;
}
