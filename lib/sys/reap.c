/* SPDX-License-Identifier: MIT */
/*
 * reap.c - what is left when a process dies: its memory goes back and its end is recorded. The dead
 * are found when somebody waits for them, when memory runs short, and at the end.
 */
#include "arena/life.h"
#include "base/raw.h"
#include "sys/internal.h"

/* A mapping that the kernel's tree lost is never found by its exit_mmap() either. */
static bool lost(const struct mm_vma *v)
{
	return v->flags & VMA_LISTED && !(v->flags & (VMA_ALIAS | VMA_VIEW)) && !v->tree_pages &&
	       mm_quirk(&sys.mm, QUIRK_ONE_ENTRY);
}

struct identity sys_identity(uint32_t proc)
{
	const struct mm_proc *p = mm_proc(&sys.mm, proc);

	return (struct identity){ proc, p->pid, p->image, p->started };
}

/*
 * Still the same process's record; two processes may find the same dead one and bury it together.
 */
static bool same(const struct identity *who)
{
	const struct mm_proc *p;

	for (uint32_t i = sys.ledger.h->proc_first; i; i = p->next) {
		p = mm_proc(&sys.mm, i);
		if (i == who->proc)
			return p->pid == who->pid && p->image == who->image &&
			       p->started == who->started;
	}
	return false;
}

void sys_release_all(const struct identity *who)
{
	uint32_t vma;

	while (sys_enter()) {
		vma = same(who) ? mm_proc_next(&sys.mm, who->proc) : 0;
		if (vma && lost(mm_vma(&sys.mm, vma)))
			mm_vma_leak(&sys.mm, vma);
		else if (vma)
			sys_erase(vma);
		sys_leave();
		if (!vma)
			break;
	}
}

void sys_record_exit(uint32_t pid, const struct mm_proc *p, uint32_t how, int status)
{
	struct nommu_record_exit *r = trace_claim(sizeof *r, pid);

	if (!r)
		return;
	r->how = how;
	r->status = status;
	r->peak_pages = p->peak;
	r->heap_peak = p->heap_peak;
	r->stack_bytes = p->stack_low;
	trace_done(r, NOMMU_RECORD_EXIT);
}

static void record_lost(const struct mm_proc *p)
{
	lost_record(p->pid, p->ppid, p->state == PROC_EXECING ? p->goal : p->name, p->why);
}

/* The process is gone: its memory, its record, and the end of its story. */
static bool bury(const struct identity *who, int status)
{
	struct ledger_header *h = sys.ledger.h;
	struct mm_proc *p;

	sys_release_all(who);
	if (!sys_enter())
		return false;
	if (!same(who)) {
		sys_leave();
		return false;
	}
	p = mm_proc(&sys.mm, who->proc);
	if (p->state == PROC_EXPECTED || p->state == PROC_EXECING) {
		set32(mm_journal(&sys.mm), &h->stats.lost, h->stats.lost + 1);
		record_lost(p);
	} else if (p->state == PROC_LIVE) {
		sys_record_exit(p->pid, p, 2, status);
	}
	mm_proc_drop(&sys.mm, who->proc);
	sys_leave();
	return true;
}

bool sys_is_dead(const struct mm_proc *p)
{
	/* A child to be: its parent gives it its pid, or died before it could. */
	return !(p->pid ? life_of_process(p->pid, p->started) : life_of_process(p->ppid, 0));
}

/* A dead process; false if there is none. pid 0: any. */
static bool find_dead(uint32_t pid, struct identity *who)
{
	bool found = false;

	if (!sys_enter())
		return false;
	for (uint32_t p = sys.ledger.h->proc_first; p && !found; p = mm_proc(&sys.mm, p)->next) {
		found = p != sys.mm.self && (!pid || mm_proc(&sys.mm, p)->pid == pid) &&
			sys_is_dead(mm_proc(&sys.mm, p));
		if (found)
			*who = sys_identity(p);
	}
	sys_leave();
	return found;
}

unsigned sys_reap(void)
{
	struct identity dead;
	unsigned reaped = 0;

	if (!sys.ledger.h)
		return 0;
	while (find_dead(0, &dead))
		reaped += bury(&dead, -1);
	return reaped;
}

void sys_waited(int pid, int status)
{
	struct identity dead;

	/* A vfork child's wait is its parent's affair; a living child only changed its state. */
	if ((sys.active || sys.watching) && pid > 0 && find_dead((uint32_t)pid, &dead))
		bury(&dead, status);
}
