/* SPDX-License-Identifier: MIT */
/*
 * proc.c - a program image's way out: exec and exit. An exec that succeeds gives the old image's
 * memory back when the new one joins (start.c); an exec that fails comes back here.
 */
#include <errno.h>
#include <string.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

static uint32_t expect(uint32_t pid, const char *path, enum nommu_lost why)
{
	struct mm_proc init = { .pid = pid, .ppid = sys.pid, .state = PROC_EXPECTED, .why = why };
	uint32_t proc = mm_proc_find(&sys.mm, pid, 0);

	if (proc)
		return proc;
	say_format(init.name, sizeof init.name, "%s", sys_base_name(path));
	return mm_proc_new(&sys.mm, &init);
}

void sys_set_name(char to[NAME_SIZE], const char *name)
{
	union {
		char text[NAME_SIZE];
		uint64_t word[NAME_SIZE / sizeof(uint64_t)];
	} copy = { { 0 } };

	say_format(copy.text, sizeof copy.text, "%s", name);
	for (size_t i = 0; i < ARRAY_SIZE(copy.word); i++)
		set64(mm_journal(&sys.mm), (uint64_t *)(void *)to + i, copy.word[i]);
}

static void exec_begins(const char *path, enum nommu_lost why)
{
	const struct journal *j = mm_journal(&sys.mm);
	struct mm_proc *p = mm_proc(&sys.mm, sys.mm.self);

	sys_set_name(p->goal, sys_base_name(path));
	set32(j, &p->why, why);
	set32(j, &p->state, PROC_EXECING);
}

void sys_exec(uint64_t site, enum nommu_call call, const char *path, uint64_t stack_pointer,
	      enum nommu_lost why)
{
	struct event e = { .call = call, .site = site, .text = path };
	struct verdict v = { 0 };

	if (!sys.active)
		return;
	if (sys_vfork_returned(stack_pointer))
		meet(&sys.mm, &v, RULE_VFORK_CHILD);
	sys_record(&e, &v);
	if (!sys_enter())
		return;
	if (sys_in_vfork_child())
		expect((uint32_t)raw_getpid(), path, why);
	else
		exec_begins(path, why);
	sys_leave();
}

void sys_exec_failed(void)
{
	uint32_t proc;

	if (!sys.active || !sys_enter())
		return;
	if (sys_in_vfork_child()) {
		proc = mm_proc_find(&sys.mm, (uint32_t)raw_getpid(), 0);
		if (proc && mm_proc(&sys.mm, proc)->state == PROC_EXPECTED)
			mm_proc_drop(&sys.mm, proc);
	} else {
		set32(mm_journal(&sys.mm), &mm_proc(&sys.mm, sys.mm.self)->state, PROC_LIVE);
	}
	sys_leave();
}

void sys_expect_child(int pid, const char *path, enum nommu_lost why)
{
	if (!sys.active || pid <= 0 || !sys_enter())
		return;
	expect((uint32_t)pid, path, why);
	sys_leave();
}

/* Whether another process of the machine is still at work. */
static bool others_live(void)
{
	bool found = false;

	if (!sys_enter())
		return true;
	for (uint32_t p = sys.ledger.h->proc_first; p && !found; p = mm_proc(&sys.mm, p)->next)
		found = p != sys.mm.self && mm_proc(&sys.mm, p)->state != PROC_ENDED &&
			!sys_is_dead(mm_proc(&sys.mm, p));
	sys_leave();
	return found;
}

/* The last process removes the ledger, unless a launcher waits to look at it. */
static bool nobody_waits(void)
{
	const struct ledger_header *h = sys.ledger.h;

	return h->self_made || raw_kill((int)h->creator_pid, 0) == -ESRCH;
}

void sys_exit(int status)
{
	struct mm_proc *p;
	uint64_t depth;

	if (!sys.active || sys_in_vfork_child())
		return;
	p = mm_proc(&sys.mm, sys.mm.self);
	if (p->state == PROC_ENDED)
		return;
	depth = sys_main_stack_depth();
	sys_judge_main_stack(depth);
	use_judge_all();
	if (!sys_enter())
		return;
	hosted_observe(0, UINT64_MAX);
	/*
	 * Its memory stays: destructors that still run
	 * may use it. It goes when the process is gone.
	 */
	set32(mm_journal(&sys.mm), &p->state, PROC_ENDED);
	set64(mm_journal(&sys.mm), &p->stack_low, depth);
	sys_record_exit(sys.pid, p, 0, status);
	sys_leave();
	if (nobody_waits() && !others_live())
		ledger_unlink(&sys.ledger);
}
