/* SPDX-License-Identifier: MIT */
/*
 * proc.c - the life of a process: fork, vfork, exec, exit, and what is left when it dies. Memory belongs to
 * the address space: a vfork child's calls are its parent's, an exec that succeeds gives the old image's
 * memory back when the new one joins, and the dead are found when somebody waits for them, when memory runs
 * short, and at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

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

static nommu_tls uint32_t fork_record; /* of the child to be, between prepare and parent/child */

/* ---- releasing ---- */

/* A mapping that the kernel's tree lost is never found by its exit_mmap() either. */
static bool lost(const struct mm_vma *v)
{
	return v->flags & VMA_LISTED && !(v->flags & (VMA_ALIAS | VMA_VIEW)) && !v->tree_pages &&
	       sys.ledger.h->conf.profile == PROFILE_LINUX_6_12;
}

void sys_release_all(uint32_t proc)
{
	uint32_t vma;

	while (sys_enter()) {
		vma = mm_proc_next(&sys.mm, proc);
		if (vma && lost(mm_vma(&sys.mm, vma)))
			mm_vma_leak(&sys.mm, vma);
		else if (vma)
			sys_erase(vma);
		sys_leave();
		if (!vma)
			break;
	}
}

static void record_exit(uint32_t pid, const struct mm_proc *p, uint32_t how, int status)
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
	struct nommu_record_lost *r = trace_claim(sizeof *r + sizeof p->name, p->pid);

	if (!r)
		return;
	r->ppid = p->ppid;
	memcpy(r->command, p->name, sizeof p->name);
	trace_done(r, NOMMU_RECORD_LOST);
}

/* The process is gone: its memory, its record, and the end of its story. */
static void bury(uint32_t proc)
{
	struct ledger_header *h = sys.ledger.h;
	struct mm_proc *p;

	sys_release_all(proc);
	if (!sys_enter())
		return;
	p = mm_proc(&sys.mm, proc);
	if (p->state == PROC_EXPECTED || p->state == PROC_EXECING) {
		set32(mm_journal(&sys.mm), &h->stats.lost, h->stats.lost + 1);
		record_lost(p);
	} else if (p->state == PROC_LIVE) {
		record_exit(p->pid, p, 2, -1);
	}
	mm_proc_drop(&sys.mm, proc);
	sys_leave();
}

static bool is_dead(const struct mm_proc *p)
{
	uint32_t tgid, ppid;
	uint64_t started;

	if (!p->pid)
		return false;
	if (!lock_thread_status(p->pid, &tgid, &ppid))
		return true;
	started = p->started ? sys_process_start(p->pid, NULL) : 0;
	return started && started != p->started;
}

/* The index of a dead process, or 0. */
static uint32_t find_dead(uint32_t pid)
{
	uint32_t found = 0;

	if (!sys_enter())
		return 0;
	for (uint32_t p = sys.ledger.h->proc_first; p && !found; p = mm_proc(&sys.mm, p)->next)
		if (p != sys.mm.self && (!pid || mm_proc(&sys.mm, p)->pid == pid) &&
		    is_dead(mm_proc(&sys.mm, p)))
			found = p;
	sys_leave();
	return found;
}

unsigned sys_reap(void)
{
	unsigned reaped = 0;
	uint32_t dead;

	if (!sys.ledger.h)
		return 0;
	while ((dead = find_dead(0)) != 0) {
		bury(dead);
		reaped++;
	}
	return reaped;
}

void sys_waited(int pid)
{
	uint32_t dead;

	/* A vfork child's wait is its parent's affair; a living child only changed its state. */
	if (!sys.active || pid <= 0)
		return;
	dead = find_dead((uint32_t)pid);
	if (dead)
		bury(dead);
}

/* ---- fork ---- */

long sys_fork(uint64_t site, enum nommu_call call, const uint64_t args[6])
{
	return sys_judge(site, call, args, RULE_FORK, NULL);
}

static uint32_t new_child_record(void)
{
	struct mm_proc init;
	uint32_t child;

	if (!sys_enter())
		return 0;
	init = *mm_proc(&sys.mm, sys.mm.self);
	init.pid = 0; /* not to be reaped before it has one */
	init.private = init.shared = init.count = init.pages = init.peak = 0;
	init.state = PROC_LIVE;
	init.ppid = sys.pid;
	child = mm_proc_new(&sys.mm, &init);
	if (child && !mm_proc_copy(&sys.mm, sys.mm.self, child))
		say("the account of the forked child is not complete: out of records");
	sys_leave();
	return child;
}

void sys_fork_prepare(void)
{
	if (sys.active)
		fork_record = new_child_record();
}

static void forget_child(uint32_t record)
{
	sys_release_all(record);
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
		if (!p->pid && p->ppid == sys.pid)
			set32(mm_journal(&sys.mm), &p->pid, (uint32_t)child);
		sys_leave();
	}
	fork_record = 0;
}

/* In the child: `record` becomes its own. */
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
		sys.active = false;
		return;
	}
	p = mm_proc(&sys.mm, record);
	set32(mm_journal(&sys.mm), &p->pid, sys.pid);
	p->started = sys_process_start(sys.pid, NULL);
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
	*sys.alive = 1;
	ledger_forget_tid();
	become(new_child_record());
}

/* ---- vfork ---- */

bool sys_in_vfork_child(void)
{
	return vforked.child;
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
	if (sys.active)
		set_vforking(0);
}

void sys_vfork_conduct(uint64_t site, enum nommu_call call, const char *name)
{
	struct event e = { .call = call, .site = site, .text = name };
	struct verdict v = { .rules = 1, .rule = { RULE_VFORK_CHILD } };

	if (sys.active && trace_first_time(site, 0xf0))
		sys_record(&e, &v);
}

/* ---- exec and exit ---- */

static uint32_t expect(uint32_t pid, const char *name)
{
	struct mm_proc init = { .pid = pid, .ppid = sys.pid, .state = PROC_EXPECTED };
	uint32_t proc = mm_proc_find(&sys.mm, pid, 0);

	if (proc)
		return proc;
	if (name)
		say_format(init.name, sizeof init.name, "%s", name);
	return mm_proc_new(&sys.mm, &init);
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

void sys_exec(uint64_t site, enum nommu_call call, const char *path, uint64_t stack_pointer)
{
	struct event e = { .call = call, .site = site, .text = path };
	struct verdict v = { 0 };

	if (!sys.active)
		return;
	/* The stack grows down: above the caller's frame means that it has returned. */
	if (vforked.child && stack_pointer > vforked.stack_pointer + sizeof(void *))
		meet(&sys.mm, &v, RULE_VFORK_CHILD);
	sys_record(&e, &v);
	if (!sys_enter())
		return;
	if (vforked.child)
		expect((uint32_t)raw_getpid(), base_name(path));
	else
		set32(mm_journal(&sys.mm), &mm_proc(&sys.mm, sys.mm.self)->state, PROC_EXECING);
	sys_leave();
}

void sys_exec_failed(void)
{
	uint32_t proc;

	if (!sys.active || !sys_enter())
		return;
	if (vforked.child) {
		proc = mm_proc_find(&sys.mm, (uint32_t)raw_getpid(), 0);
		if (proc && mm_proc(&sys.mm, proc)->state == PROC_EXPECTED)
			mm_proc_drop(&sys.mm, proc);
	} else {
		set32(mm_journal(&sys.mm), &mm_proc(&sys.mm, sys.mm.self)->state, PROC_LIVE);
	}
	sys_leave();
}

void sys_expect_child(int pid)
{
	if (!sys.active || pid <= 0 || !sys_enter())
		return;
	expect((uint32_t)pid, "");
	sys_leave();
}

/* How deep the main stack was used: the lowest of its pages that the host has made real. */
static uint64_t stack_depth(void)
{
	static char maps[16384]; /* not on the stack that is being measured */
	unsigned char resident[64];
	uint64_t from = 0, to = 0;
	long fd, n, len = 0;
	char *line;

	fd = raw_openat(AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	while (!from && (n = raw_read((int)fd, maps + len, sizeof maps - 1 - (size_t)len)) > 0) {
		len += n;
		maps[len] = '\0';
		line = strstr(maps, "[stack]");
		if (line) {
			while (line > maps && line[-1] != '\n')
				line--;
			for (; *line && *line != '-'; line++)
				from = from << 4 | (uint64_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
			for (line++; *line && *line != ' '; line++)
				to = to << 4 | (uint64_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
		} else if (len > 8192) { /* keep the last half: a line is never longer */
			memmove(maps, maps + len - 4096, 4096);
			len = 4096;
		}
	}
	raw_close((int)fd);
	for (uint64_t at = from; at < to; at += sizeof resident * NOMMU_PAGE_SIZE) {
		uint64_t bytes = min_u64(to - at, sizeof resident * NOMMU_PAGE_SIZE);

		if (raw_call3(SYS_mincore, at, bytes, resident) < 0)
			break;
		for (uint64_t i = 0; i < bytes / NOMMU_PAGE_SIZE; i++)
			if (resident[i] & 1)
				return to - at - i * NOMMU_PAGE_SIZE;
	}
	return 0;
}

static void judge_stack(uint64_t depth)
{
	uint64_t limit = sys_stack_bytes();
	struct event e = { .call = NOMMU_CALL_IMAGE, .args = { limit, NOMMU_KIND_STACK } };
	struct verdict v = { .figure = { limit, depth } };

	if (!limit || depth <= limit)
		return;
	meet(&sys.mm, &v, RULE_STACK_DEPTH);
	e.text = "main stack";
	sys_record(&e, &v);
}

/* Whether another process of the machine is still at work. */
static bool others_live(void)
{
	bool found = false;

	if (!sys_enter())
		return true;
	for (uint32_t p = sys.ledger.h->proc_first; p && !found; p = mm_proc(&sys.mm, p)->next)
		found = p != sys.mm.self && mm_proc(&sys.mm, p)->state != PROC_ENDED &&
			!is_dead(mm_proc(&sys.mm, p));
	sys_leave();
	return found;
}

void sys_exit(int status)
{
	struct mm_proc *p;
	uint64_t depth;

	if (!sys.active || vforked.child)
		return;
	p = mm_proc(&sys.mm, sys.mm.self);
	if (p->state == PROC_ENDED)
		return;
	depth = stack_depth();
	judge_stack(depth);
	use_judge_all();
	if (!sys_enter())
		return;
	/* Its memory stays: destructors that still run may use it. It goes when the process is gone. */
	set32(mm_journal(&sys.mm), &p->state, PROC_ENDED);
	p->stack_low = depth;
	record_exit(sys.pid, p, 0, status);
	sys_leave();
	if (sys.ledger.h->self_made && !others_live())
		ledger_unlink(&sys.ledger);
}
