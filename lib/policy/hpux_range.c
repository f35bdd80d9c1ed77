/* SPDX-License-Identifier: MIT */
/*
 * hpux_range.c - calls on ranges of HP-UX: munmap(2), mprotect(2), msync(2), madvise(2), mlock(2).
 */
#include "policy/judge.h"

#include <errno.h>
#include <sys/mman.h>

/* The process's mapping at addr, or NULL. */
static const struct view *view_at(const struct mm *mm, uint64_t addr)
{
	return views_first(mm->views, addr, addr + 1);
}

/* Whether every page of the range was mapped. */
static bool mapped_throughout(const struct mm *mm, uint64_t from, uint64_t to)
{
	const struct view *view;

	for (; from < to; from = view->end) {
		view = view_at(mm, from);
		if (!view)
			return false;
	}
	return true;
}

static long check_address(const struct mm *mm, uint64_t addr, struct verdict *v)
{
	return page_aligned(addr) ? 0 : meet(mm, v, RULE_BAD_ADDRESS);
}

void hpux_munmap(const struct mm *mm, uint64_t addr, uint64_t len, struct verdict *v)
{
	uint64_t end = addr + page_align(len);
	const struct view *view;

	*v = (struct verdict){ .action = ACT_FORGET };
	v->result = check_address(mm, addr, v);
	if (!v->result && !len)
		v->result = meet(mm, v, RULE_BAD_LENGTH);
	else if (!v->result && (end <= addr || !mapped_throughout(mm, addr, end)))
		v->result = meet(mm, v, RULE_UNMAPPED_RANGE);
	if (v->result) {
		v->action = ACT_NONE;
		return;
	}
	view = view_at(mm, addr);
	if (view->start != addr || view->end != end || view->vma == VIEW_GHOST)
		return;
	v->action = ACT_ERASE;
	v->vma = view->vma;
}

void hpux_mremap(const struct mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
		 uint64_t new_addr, struct verdict *v)
{
	(void)addr;
	(void)old_len;
	(void)new_len;
	(void)flags;
	(void)new_addr;
	hpux_call(mm, NOMMU_CALL_MREMAP, RULE_NONE, v);
}

static long judge_advice(const struct mm *mm, uint64_t addr, uint64_t len, uint64_t advice,
			 struct verdict *v)
{
	const struct view *view = view_at(mm, addr);

	if (advice > MADV_DONTNEED)
		return meet(mm, v, RULE_FOREIGN_FLAG);
	if (advice != MADV_DONTNEED)
		return 0;
	if (!view || page_align(len) > view->end - addr)
		return meet(mm, v, RULE_DONTNEED_RANGE);
	return meet(mm, v, RULE_DONTNEED);
}

static long judge_sync(const struct mm *mm, uint64_t addr, struct verdict *v)
{
	const struct view *view = view_at(mm, addr);

	if (!view || view->vma == VIEW_GHOST ||
	    (mm_vma(mm, view->vma)->flags & (VMA_SHARED | VMA_FILE)) == (VMA_SHARED | VMA_FILE))
		return 0;
	return meet(mm, v, RULE_MSYNC_PRIVATE);
}

/* All of them are there but a few; ACT_PASS: what is left to find the host finds. */
void hpux_absent(const struct mm *mm, enum nommu_call call, const uint64_t args[6],
		 struct verdict *v)
{
	hpux_call(mm, call, RULE_NONE, v);
	if (v->result)
		return;
	switch (call) {
	case NOMMU_CALL_MPROTECT:
		v->result = check_address(mm, args[0], v);
		if (!v->result)
			v->result = hpux_protection(mm, (uint32_t)args[2], v);
		break;
	case NOMMU_CALL_MADVISE:
		v->result = judge_advice(mm, args[0], args[1], args[2], v);
		break;
	case NOMMU_CALL_MSYNC:
		v->result = judge_sync(mm, args[0], v);
		break;
	case NOMMU_CALL_MLOCK:
	case NOMMU_CALL_MLOCKALL:
		v->result = meet(mm, v, RULE_LOCK_PRIVILEGE);
		break;
	default:
		break;
	}
	v->action = v->result ? ACT_NONE : ACT_PASS;
}
