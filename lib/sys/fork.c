/* SPDX-License-Identifier: MIT */
/*
 * fork.c - children that share or copy an address space. Memory belongs to the address space: a
 * vfork child's calls are its parent's, and a forked child (in audit, or where the machine has an
 * MMU) is one more user of each region.
 */
#include <errno.h>
#include <string.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

/* A vfork's two sides, one after the other in the same thread's storage. */
static nommu_tls struct {
	uint64_t stack_pointer; /* of the caller of vfork */
	uint64_t site;		/* of the call */
	uint32_t tid;		/* of the parent's thread */
	bool child;
} vforked;

/*
 * The child to be, between prepare and parent/child: its
 * record, and the image that it has if it is still it.
 */
static nommu_tls uint32_t fork_record, fork_image;

static void judge_fork(enum nommu_call call, struct verdict *v)
{
	if (!sys_enter()) { /* a handler that interrupted us */
		policy_call(&sys.mm, call, RULE_FORK, v);
		return;
	}
	hosted_observe(0, UINT64_MAX);
	policy_fork(&sys.mm, call, v);
	sys_leave();
}

long sys_fork(uint64_t site, enum nommu_call call, const uint64_t args[6])
{
	struct event e = { .call = call, .site = site };
	struct verdict v;

	if (!sys.active)
		return 0;
	judge_fork(call, &v);
	if (v.result == -ENOMEM) { /* the dead may hold what is wanted */
		sys_reap();
		judge_fork(call, &v);
	}
	memcpy(e.args, args, sizeof e.args);
	e.result = sys.audit ? 0 : v.result;
	sys_record(&e, &v);
	return e.result;
}

/* Where it reserves: the child's private mappings are regions of their own in the recording too. */
static void record_reservations(uint32_t child)
{
	for (uint32_t e = mm_proc(&sys.mm, child)->private; e; e = mm_vma(&sys.mm, e)->next) {
		const struct mm_vma *v = mm_vma(&sys.mm, e);
		const struct mm_region *r = mm_region(&sys.mm, v->region);

		if (v->swap)
			sys_record_region(r->serial, 0, v->swap, v->swap, r->kind, v->site, 0);
	}
}

/* Hosted: a process like this one, with a view of each of its mappings. pid 0: not known yet. */
static uint32_t new_child_record(uint32_t pid)
{
	struct ledger_header *h = sys.ledger.h;
	struct mm_proc init;
	uint32_t child;

	if (!sys_enter())
		return 0;
	set32(mm_journal(&sys.mm), &h->image_serial, h->image_serial + 1);
	init = *mm_proc(&sys.mm, sys.mm.self);
	init.pid = pid;
	init.started = 0; /* its own is not known yet: ours would make it another process */
	init.image = h->image_serial;
	init.private = init.shared = init.count = init.pages = init.peak = 0;
	init.state = PROC_LIVE;
	init.ppid = sys.pid;
	child = mm_proc_new(&sys.mm, &init);
	fork_image = init.image;
	if (child && !mm_proc_copy(&sys.mm, sys.mm.self, child))
		say("the account of the forked child is not complete: out of records");
	if (child && mm_has_mmu(&sys.mm))
		record_reservations(child);
	sys_leave();
	return child;
}

/*
 * In run nobody forks but daemon() of a libc for no-MMU, whose child goes on in the parent's place:
 * it takes over the parent's record, memory and all.
 */
void sys_fork_prepare(void)
{
	if (!sys.active)
		return;
	fork_image = mm_proc(&sys.mm, sys.mm.self)->image;
	fork_record = sys.hosted ? new_child_record(0) : sys.mm.self;
}

static void forget_child(uint32_t record)
{
	struct identity who;

	if (!sys.hosted || !sys_enter())
		return;
	who = sys_identity(record);
	sys_leave();
	sys_release_all(&who);
	if (!sys_enter())
		return;
	mm_proc_drop(&sys.mm, record);
	sys_leave();
}

void sys_fork_parent(long child)
{
	if (!fork_record || !sys.active)
		return;
	if (child < 0) {
		forget_child(fork_record);
	} else if (sys_enter()) {
		struct mm_proc *p = mm_proc(&sys.mm, fork_record);

		/* The child may have done so, and may even be gone and its record another's. */
		if (p->image == fork_image && p->pid == (sys.hosted ? 0 : sys.pid)) {
			set32(mm_journal(&sys.mm), &p->pid, (uint32_t)child);
			set64(mm_journal(&sys.mm), &p->started, 0);
		}
		if (!sys.hosted) {
			sys_record_exit(sys.pid, p, 0, 0);
			sys.active = false;
		}
		sys_leave();
	}
	fork_record = 0;
}

/* This process is none of the machine's: sys_enter() refuses from here on. */
static void stay_outside(void)
{
	sys.active = false;
	if (sys.alive)
		*sys.alive = 0;
}

/*
 * In the child: `record` becomes its own, if nobody took it for that of a process that died young.
 */
static void become(uint32_t record)
{
	struct ledger_header *h = sys.ledger.h;
	struct mm_proc *p;

	ledger_forget_tid();
	vforked.child = false;
	if (sys.alive)
		*sys.alive = 1;
	sys.pid = (uint32_t)raw_getpid();
	sys.mm.self = record;
	if (!record || !sys_enter()) {
		stay_outside();
		return;
	}
	p = mm_proc(&sys.mm, record);
	if (p->image != fork_image) {
		set32(mm_journal(&sys.mm), &h->stats.lost, h->stats.lost + 1);
		sys_leave();
		stay_outside();
		return;
	}
	set32(mm_journal(&sys.mm), &p->ppid, (uint32_t)raw_call0(SYS_getppid));
	set32(mm_journal(&sys.mm), &p->pid, sys.pid);
	set64(mm_journal(&sys.mm), &p->started, sys_process_start(sys.pid, NULL));
	set32(mm_journal(&sys.mm), &h->stats.attached, h->stats.attached + 1);
	mm_views_rebuild(&sys.mm);
	sys_leave();
	sys_record_image(2);
}

void sys_fork_child(void)
{
	uint32_t record = fork_record;

	fork_record = 0;
	if (sys.active)
		become(record);
}

void sys_fork_noticed(void)
{
	if (!sys.active)
		return;
	ledger_forget_tid();
	if (sys.hosted) {
		*sys.alive = 1;
		become(new_child_record((uint32_t)raw_getpid()));
		return;
	}
	/*
	 * In run the memory is its parent's: two processes
	 * cannot both have it. It goes on uncounted.
	 */
	stay_outside();
	if (!ledger_enter(&sys.ledger, true))
		return;
	set32(mm_journal(&sys.mm), &sys.ledger.h->stats.lost, sys.ledger.h->stats.lost + 1);
	lost_record((uint32_t)raw_getpid(), sys.pid, mm_proc(&sys.mm, sys.mm.self)->name,
		    NOMMU_LOST_FORK);
	ledger_leave(&sys.ledger);
}

/* ---- vfork ---- */

bool sys_in_vfork_child(void)
{
	return vforked.child;
}

bool sys_vfork_returned(uint64_t stack_pointer)
{
	/* The stack grows down: above the caller's frame means that it has returned. */
	return vforked.child && stack_pointer > vforked.stack_pointer + sizeof(void *);
}

static void set_vforking(uint32_t value)
{
	if (!sys_enter())
		return;
	set32(mm_journal(&sys.mm), &mm_proc(&sys.mm, sys.mm.self)->vforking, value);
	sys_leave();
}

void sys_vfork_begin(uint64_t site, uint64_t stack_pointer)
{
	struct event e = { .call = NOMMU_CALL_VFORK, .site = site };
	struct verdict v = { 0 };

	if (!sys.active)
		return;
	vforked.site = site;
	vforked.stack_pointer = stack_pointer;
	vforked.tid = ledger_tid();
	set_vforking(1);
	sys_record(&e, &v);
	written_begin();
}

void sys_vfork_child(void)
{
	ledger_forget_tid();
	vforked.child = true;
}

void sys_vfork_parent(long child)
{
	(void)child;
	ledger_forget_tid();
	vforked.child = false;
	if (!sys.active)
		return;
	set_vforking(0);
	written_end(vforked.site);
}

void sys_vfork_conduct(uint64_t site, enum nommu_call call, const char *name)
{
	struct event e = { .call = call, .site = site, .text = name };
	struct verdict v = { 0 };

	meet_as(&sys.mm, &v, RULE_VFORK_CHILD, 0);
	if (sys.active && trace_first_time(site, 0xf0))
		sys_record(&e, &v);
}
