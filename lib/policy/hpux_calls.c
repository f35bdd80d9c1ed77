/* SPDX-License-Identifier: MIT */
/*
 * hpux_calls.c - what HP-UX has, what it reserves swap for,
 * and its segments: fork(2), brk(2), shmget(2), shmop(2).
 */
#include "policy/judge.h"

#include <errno.h>
#include <sys/shm.h>

/* Calls that HP-UX does not have, and such of which nobody says. */
static enum rule_id missing(enum nommu_call call)
{
	switch (call) {
	case NOMMU_CALL_MREMAP:
	case NOMMU_CALL_PKEY_MPROTECT:
	case NOMMU_CALL_PROCESS_MADVISE:
	case NOMMU_CALL_MLOCK2:
	case NOMMU_CALL_MINCORE:
	case NOMMU_CALL_REMAP_FILE_PAGES:
	case NOMMU_CALL_MBIND:
	case NOMMU_CALL__FORK:
	case NOMMU_CALL_CLONE:
	case NOMMU_CALL_DAEMON:
	case NOMMU_CALL_FORKPTY:
	case NOMMU_CALL_MEMFD_CREATE:
	case NOMMU_CALL_FALLOCATE:
	case NOMMU_CALL_POSIX_FALLOCATE:
		return RULE_NOT_ON_HPUX;
	case NOMMU_CALL_POSIX_MADVISE:
		return RULE_UNSEEN_CALL;
	default:
		return RULE_NONE;
	}
}

void hpux_call(const struct mm *mm, enum nommu_call call, enum rule_id rule, struct verdict *v)
{
	enum rule_id absent = missing(call);

	*v = (struct verdict){ 0 };
	if (absent != RULE_NONE)
		v->result = meet(mm, v, absent);
	if (!v->result && rule != RULE_NONE)
		v->result = meet(mm, v, rule);
	v->action = v->result ? ACT_NONE : ACT_PASS;
}

void hpux_take(const struct mm *mm, uint64_t pages, struct verdict *v)
{
	v->pages = (uint32_t)pages;
	v->swap = (uint32_t)pages;
	v->action = ACT_VIRTUAL;
	if (pages <= mm->l->h->swap_free)
		return;
	v->figure[0] = mm->l->h->swap_free;
	v->figure[1] = pages;
	v->result = meet(mm, v, RULE_SWAP_RESERVE);
	v->action = ACT_NONE;
}

/* The child reserves what is private: whole mappings, or their written pages with MAP_NORESERVE. */
void hpux_fork(const struct mm *mm, enum nommu_call call, struct verdict *v)
{
	uint64_t pages = 0;

	hpux_call(mm, call, RULE_NONE, v);
	if (v->result)
		return;
	for (uint32_t e = mm_proc(mm, mm->self)->private; e; e = mm_vma(mm, e)->next)
		if (!(mm_vma(mm, e)->flags & VMA_SHARED))
			pages += mm_vma(mm, e)->swap;
	hpux_take(mm, pages, v);
}

void hpux_brk(const struct mm *mm, uint64_t from, uint64_t to, struct verdict *v)
{
	*v = (struct verdict){ .action = ACT_PASS };
	if (page_align(to) > page_align(from))
		hpux_take(mm, (page_align(to) - page_align(from)) >> NOMMU_PAGE_SHIFT, v);
}

/* ---- files ---- */

/*
 * Whether anybody's shared mapping of the file, or this
 * process's private one, has pages at or behind `page`.
 */
static bool is_mapped_behind(const struct mm *mm, const struct file_facts *f, uint64_t page)
{
	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next) {
		const struct mm_region *r = mm_region(mm, i);

		if (!r->object && r->ino == f->ino && r->dev == f->dev &&
		    r->pgoff + r->pages > page)
			return true;
	}
	for (uint32_t e = mm_proc(mm, mm->self)->private; e; e = mm_vma(mm, e)->next) {
		const struct mm_vma *m = mm_vma(mm, e);
		const struct mm_region *r = mm_region(mm, m->region);

		if (m->flags & VMA_FILE && r->ino == f->ino && r->dev == f->dev &&
		    m->pgoff + m->pages > page)
			return true;
	}
	return false;
}

void hpux_truncate(const struct mm *mm, const struct file_facts *f, int64_t len, struct verdict *v)
{
	uint64_t least = min_u64((uint64_t)len, f->size);

	*v = (struct verdict){ .action = ACT_PASS };
	if (len < 0 || !f->writable || (uint64_t)len == f->size)
		return;
	if (is_mapped_behind(mm, f, least >> NOMMU_PAGE_SHIFT))
		v->result = meet(mm, v, RULE_RESIZED_MAPPED);
}

void hpux_fallocate(const struct mm *mm, enum nommu_call call, const struct file_facts *f,
		    struct verdict *v)
{
	(void)f;
	hpux_call(mm, call, RULE_NONE, v);
}

/* ---- segments ---- */

void hpux_shmget(const struct mm *mm, uint64_t size, struct verdict *v)
{
	*v = (struct verdict){ 0 };
	if (!size || size >> 47) {
		v->result = meet_as(mm, v, RULE_BAD_LENGTH, -EINVAL);
		return;
	}
	hpux_take(mm, page_align(size) >> NOMMU_PAGE_SHIFT, v);
	v->action = v->result ? ACT_NONE : ACT_EXPAND;
}

/* Where the segment is attached by anybody: its region, or 0. */
static uint32_t attached(const struct mm *mm, uint32_t object)
{
	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next)
		if (mm_region(mm, i)->object == object)
			return i;
	return 0;
}

void hpux_shmat(const struct mm *mm, uint32_t object, uint64_t addr, int flags, struct verdict *v)
{
	*v = (struct verdict){ 0 };
	if (!object) {
		v->result = -EINVAL;
		return;
	}
	v->object = object;
	v->pages = mm_object(mm, object)->pages;
	v->flags = REGION_SHARED;
	v->mapping = VMA_FILE | VMA_SHARED;
	v->region = attached(mm, object);
	v->addr = v->region ? mm_region(mm, v->region)->addr : hpux_room(mm, v->pages);
	if (flags & SHM_REMAP)
		v->result = meet(mm, v, RULE_FOREIGN_FLAG);
	else if (v->region && hpux_own(mm, v->region, 0, v->pages))
		v->result = meet(mm, v, RULE_SHM_AGAIN);
	else if (addr && (!v->region || addr != v->addr))
		v->result = meet(mm, v, RULE_SHM_ADDRESS);
	else if (!v->addr)
		v->result = -ENOMEM;
	v->action = v->result ? ACT_NONE : ACT_VIRTUAL;
}

void hpux_shmdt(const struct mm *mm, uint64_t addr, struct verdict *v)
{
	const struct view *view = views_first(mm->views, addr, addr + 1);
	uint32_t vma = view && view->start == addr && view->vma != VIEW_GHOST ? view->vma : 0;
	uint32_t object = vma ? mm_region(mm, mm_vma(mm, vma)->region)->object : 0;

	*v = (struct verdict){ .action = ACT_ERASE, .vma = vma };
	if (!object || mm_object(mm, object)->kind != OBJECT_SYSV) {
		v->result = meet(mm, v, RULE_SHM_ADDRESS);
		v->action = ACT_NONE;
	}
}
