/* SPDX-License-Identifier: MIT */
/*
 * calls.c - running out, files and segments, and the
 * calls that need few words, of a Linux without an MMU.
 */
#include "policy/judge.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/shm.h>

void linux_take(const struct mm *mm, uint64_t pages, struct verdict *v)
{
	enum rule_id rule;

	v->order = pages_order(pages);
	v->pages = (uint32_t)pages;
	switch (buddy_would(&mm->l->buddy, pages)) {
	case BUDDY_OK:
		return;
	case BUDDY_TOO_LARGE:
		rule = RULE_CONTIGUOUS_LIMIT;
		break;
	case BUDDY_FRAGMENTED:
		rule = RULE_FRAGMENTED;
		break;
	default:
		rule = RULE_OUT_OF_MEMORY;
	}
	v->figure[0] = mm->l->h->buddy.free_pages;
	v->figure[1] = buddy_largest(&mm->l->buddy);
	v->result = meet(mm, v, rule);
}

/* ---- memory-backed files ---- */

static bool shows(const struct mm_region *r, const struct file_facts *f)
{
	return r->ino == f->ino && r->dev == f->dev;
}

/*
 * A MAP_SHARED mapping of the file that reaches beyond
 * page `limit`, lost ones too (nommu.c:1722-1739).
 */
static bool cuts_shared(const struct mm *mm, const struct file_facts *f, uint64_t limit)
{
	for (uint32_t i = mm->l->h->region_first; i; i = mm_region(mm, i)->next)
		if (mm_region(mm, i)->lost_end > limit && shows(mm_region(mm, i), f))
			return true;
	for (uint32_t p = mm->l->h->proc_first; p; p = mm_proc(mm, p)->next) {
		for (uint32_t e = mm_proc(mm, p)->shared; e; e = mm_vma(mm, e)->next) {
			const struct mm_vma *v = mm_vma(mm, e);

			if (v->flags & VMA_SHARED && v->pgoff + v->pages > limit &&
			    shows(mm_region(mm, v->region), f))
				return true;
		}
	}
	return false;
}

void linux_truncate(const struct mm *mm, const struct file_facts *f, int64_t len, struct verdict *v)
{
	uint64_t pages = page_align((uint64_t)len) >> NOMMU_PAGE_SHIFT;

	*v = (struct verdict){ .action = ACT_PASS };
	if (f->kind != FILE_MEMORY || len < 0 || !f->writable || (uint64_t)len == f->size)
		return;
	if (f->size == 0) {
		if ((uint64_t)len >> 32) {
			v->result = meet(mm, v, RULE_SHM_LIMIT);
		} else {
			linux_take(mm, pages, v);
			if (v->rules && v->rule[0] == RULE_CONTIGUOUS_LIMIT) {
				v->rules = 0;
				v->result = meet(mm, v, RULE_SHM_LIMIT);
			}
			v->action = ACT_EXPAND;
		}
	} else if ((uint64_t)len < f->size) {
		/* The kernel compares with the new size's page, rounded down (nommu.c:1722). */
		if (cuts_shared(mm, f, (uint64_t)len >> NOMMU_PAGE_SHIFT))
			v->result = meet(mm, v, RULE_TRUNCATE_SHARED);
		v->action = ACT_CUT;
		v->pages = (uint32_t)pages;
	}
	if (v->result)
		v->action = ACT_NONE;
}

/* ---- System V shared memory ---- */

void linux_shmget(const struct mm *mm, uint64_t size, struct verdict *v)
{
	*v = (struct verdict){ 0 };
	if (!size || size >> 63) { /* ipc/shm.c:717 */
		v->result = meet_as(mm, v, RULE_BAD_LENGTH, -EINVAL);
		return;
	}
	linux_take(mm, page_align(size) >> NOMMU_PAGE_SHIFT, v);
	if (v->rules && v->rule[0] == RULE_CONTIGUOUS_LIMIT) {
		v->rules = 0;
		v->result = meet(mm, v, RULE_SHM_LIMIT);
	}
	v->action = v->result ? ACT_NONE : ACT_EXPAND;
}

void linux_shmat(const struct mm *mm, uint32_t object, uint64_t addr, int flags, struct verdict *v)
{
	*v = (struct verdict){ 0 };
	if (addr || flags & SHM_REMAP) {
		v->result = meet(mm, v, RULE_SHM_ADDRESS);
		return;
	}
	if (!object) {
		v->result = -EINVAL;
		return;
	}
	v->result = meet(mm, v, RULE_SHM_ATTACH);
	if (v->result)
		return;
	v->action = ACT_DIRECT;
	v->object = object;
	v->pages = mm_object(mm, object)->pages;
	v->flags = REGION_SHARED;
}

void linux_shmdt(const struct mm *mm, uint64_t addr, struct verdict *v)
{
	uint32_t vma = page_aligned(addr) ? mm_find(mm, addr) : 0;
	const struct mm_region *r = vma ? mm_region(mm, mm_vma(mm, vma)->region) : NULL;

	*v = (struct verdict){ 0 };
	if (!vma || mm_vma(mm, vma)->view != addr || !r->object ||
	    mm_object(mm, r->object)->kind != OBJECT_SYSV) {
		v->result = meet(mm, v, RULE_SHM_ADDRESS);
		return;
	}
	v->action = ACT_ERASE;
	v->vma = vma;
}

/* ---- calls that do not exist ---- */

/* uClibc-ng's headers answer these with 0 and never ask the kernel (sys/mman.h:97-141). */
static bool uclibc_says_done(enum nommu_call call)
{
	switch (call) {
	case NOMMU_CALL_MLOCK:
	case NOMMU_CALL_MLOCKALL:
	case NOMMU_CALL_MUNLOCK:
	case NOMMU_CALL_MUNLOCKALL:
	case NOMMU_CALL_MSYNC:
		return true;
	default:
		return false;
	}
}

void linux_absent(const struct mm *mm, enum nommu_call call, const uint64_t args[6],
		  struct verdict *v)
{
	uint8_t libc = mm->l->h->conf.libc;

	(void)args;
	*v = (struct verdict){ 0 };
	v->result = meet(mm, v, RULE_ABSENT_CALL);
	if ((libc == LIBC_UCLIBC || libc == LIBC_UCLIBC_SIMPLE) && uclibc_says_done(call))
		v->result = 0;
}

void linux_call(const struct mm *mm, enum nommu_call call, enum rule_id rule, struct verdict *v)
{
	(void)call;
	*v = (struct verdict){ 0 };
	v->result = meet(mm, v, rule);
}

void linux_fork(const struct mm *mm, enum nommu_call call, struct verdict *v)
{
	linux_call(mm, call, RULE_FORK, v);
}

void linux_brk(const struct mm *mm, uint64_t from, uint64_t to, struct verdict *v)
{
	*v = (struct verdict){ 0 };
	if (to > from)
		v->result = meet(mm, v, RULE_NO_BRK);
}

void linux_fallocate(const struct mm *mm, enum nommu_call call, const struct file_facts *f,
		     struct verdict *v)
{
	*v = (struct verdict){ .action = ACT_PASS };
	if (f->kind == FILE_MEMORY)
		linux_call(mm, call, RULE_NO_FALLOCATE, v);
}

/* ---- the OOM killer ---- */

uint32_t policy_oom_victim(const struct mm *mm)
{
	uint32_t victim = 0;

	/*
	 * Without an MMU no resident set is counted, so all points are equal but for oom_score_adj,
	 * and of equal ones the last in the task list, the newest, is taken (mm/oom_kill.c:330).
	 */
	for (uint32_t p = mm->l->h->proc_first; p; p = mm_proc(mm, p)->next) {
		if (mm_proc(mm, p)->vforking || mm_proc(mm, p)->state != PROC_LIVE ||
		    mm_proc(mm, p)->adj == 0)
			continue;
		if (!victim || mm_proc(mm, p)->adj > mm_proc(mm, victim)->adj)
			victim = p;
	}
	return victim;
}
