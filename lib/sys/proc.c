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

#include "arena/life.h"
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

/* The child to be, between prepare and parent/child: its record, and the image that it has if it is still it. */
static nommu_tls uint32_t fork_record, fork_image;

/* ---- releasing ---- */

/* A mapping that the kernel's tree lost is never found by its exit_mmap() either. */
static bool lost(const struct mm_vma *v)
{
	return v->flags & VMA_LISTED && !(v->flags & (VMA_ALIAS | VMA_VIEW)) && !v->tree_pages &&
	       sys.ledger.h->conf.profile == PROFILE_LINUX_6_12;
}

struct identity sys_identity(uint32_t proc)
{
	const struct mm_proc *p = mm_proc(&sys.mm, proc);

	return (struct identity){ proc, p->pid, p->image, p->started };
}

/* Still the same process's record; two processes may find the same dead one and bury it together. */
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
	lost_record(p->pid, p->ppid, p->state == PROC_EXECING ? p->goal : p->name, p->why);
}

/* The process is gone: its memory, its record, and the end of its story. */
static bool bury(const struct identity *who)
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
		record_exit(p->pid, p, 2, -1);
	}
	mm_proc_drop(&sys.mm, who->proc);
	sys_leave();
	return true;
}

static bool is_dead(const struct mm_proc *p)
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
			is_dead(mm_proc(&sys.mm, p));
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
		reaped += bury(&dead);
	return reaped;
}

void sys_waited(int pid)
{
	struct identity dead;

	/* A vfork child's wait is its parent's affair; a living child only changed its state. */
	if (sys.active && pid > 0 && find_dead((uint32_t)pid, &dead))
		bury(&dead);
}

/* ---- fork ---- */

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
 * In run nobody forks but daemon() of a libc for no-MMU, whose child goes on in the parent's place: it takes
 * over the parent's record, memory and all.
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
			record_exit(sys.pid, p, 0, 0);
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

/* In the child: `record` becomes its own, if nobody took it for that of a process that died young. */
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
	/* In run the memory is its parent's: two processes cannot both have it. It goes on uncounted. */
	stay_outside();
	if (!ledger_enter(&sys.ledger, true))
		return;
	set32(mm_journal(&sys.mm), &sys.ledger.h->stats.lost, sys.ledger.h->stats.lost + 1);
	lost_record((uint32_t)raw_getpid(), sys.pid, mm_proc(&sys.mm, sys.mm.self)->name, NOMMU_LOST_FORK);
	ledger_leave(&sys.ledger);
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
	struct verdict v = { 0 };

	meet_as(&sys.mm, &v, RULE_VFORK_CHILD, 0);
	if (sys.active && trace_first_time(site, 0xf0))
		sys_record(&e, &v);
}

/* ---- exec and exit ---- */

static uint32_t expect(uint32_t pid, const char *path, enum nommu_lost why)
{
	struct mm_proc init = { .pid = pid, .ppid = sys.pid, .state = PROC_EXPECTED, .why = why };
	uint32_t proc = mm_proc_find(&sys.mm, pid, 0);

	if (proc)
		return proc;
	say_format(init.name, sizeof init.name, "%s", sys_base_name(path));
	return mm_proc_new(&sys.mm, &init);
}

static void exec_begins(const char *path, enum nommu_lost why)
{
	const struct journal *j = mm_journal(&sys.mm);
	struct mm_proc *p = mm_proc(&sys.mm, sys.mm.self);
	union {
		char name[sizeof p->goal];
		uint64_t word[sizeof p->goal / sizeof(uint64_t)];
	} goal = { { 0 } };

	/* Others can see this record: each store of it must be one that can be undone. */
	say_format(goal.name, sizeof goal.name, "%s", sys_base_name(path));
	for (size_t i = 0; i < ARRAY_SIZE(goal.word); i++)
		set64(j, (uint64_t *)(void *)p->goal + i, goal.word[i]);
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
	/* The stack grows down: above the caller's frame means that it has returned. */
	if (vforked.child && stack_pointer > vforked.stack_pointer + sizeof(void *))
		meet(&sys.mm, &v, RULE_VFORK_CHILD);
	sys_record(&e, &v);
	if (!sys_enter())
		return;
	if (vforked.child)
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
	if (vforked.child) {
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

static void judge_stack(struct event *e, uint64_t limit, uint64_t depth)
{
	struct verdict v = { .figure = { limit, depth } };

	if (!sys.active || !limit || depth <= limit)
		return;
	meet(&sys.mm, &v, RULE_STACK_DEPTH);
	if (v.rules)
		sys_record(e, &v);
}

static void judge_main_stack(uint64_t depth)
{
	uint64_t limit = sys_stack_bytes();
	struct event e = { .call = NOMMU_CALL_IMAGE, .args = { limit, NOMMU_KIND_STACK }, .text = "main stack" };

	judge_stack(&e, limit, depth);
}

void sys_thread_stack(uint64_t site, uint64_t limit, uint64_t depth)
{
	struct event e = { .call = NOMMU_CALL_PTHREAD_CREATE, .site = site, .args = { limit },
			   .text = "thread stack" };

	judge_stack(&e, limit, depth);
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

	if (!sys.active || vforked.child)
		return;
	p = mm_proc(&sys.mm, sys.mm.self);
	if (p->state == PROC_ENDED)
		return;
	depth = stack_depth();
	judge_main_stack(depth);
	use_judge_all();
	if (!sys_enter())
		return;
	hosted_observe(0, UINT64_MAX);
	/* Its memory stays: destructors that still run may use it. It goes when the process is gone. */
	set32(mm_journal(&sys.mm), &p->state, PROC_ENDED);
	set64(mm_journal(&sys.mm), &p->stack_low, depth);
	record_exit(sys.pid, p, 0, status);
	sys_leave();
	if (nobody_waits() && !others_live())
		ledger_unlink(&sys.ledger);
}
