/* SPDX-License-Identifier: MIT */
/*
 * hook_fork.c - the calls that copy the address space. What the machine does not refuse really
 * forks, through libc so that the program's atfork handlers run. Signals are blocked from before
 * until both sides are in the account.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/types.h>

#include "fork.h"
#include "guard.h"
#include "heap_hooks.h"
#include "real.h"
#include "thread.h"

#include "base/raw.h"

pid_t _Fork(void);

/* Where a fork of ours is; libc's handlers tell it from the forks that libc makes inside. */
static nommu_tls enum { NO_FORK, FORKING, FORKED } progress;

/*
 * Runs before the program's own handlers, which may
 * allocate: the child must be in the account by then.
 */
static void in_child(void)
{
	heap_hooks_fork_child();
	thread_forked();
	if (progress == FORKING)
		sys_fork_child();
	progress = FORKED;
}

/* Registered first, so the heap is held last before the fork and released first after it. */
void fork_watch(void)
{
	pthread_atfork(heap_hooks_fork_prepare, heap_hooks_fork_parent, in_child);
}

uint64_t fork_begin(bool bare)
{
	uint64_t all = ~0ULL;
	uint64_t mask = 0;

	raw_sigmask(SIG_SETMASK, &all, &mask);
	progress = FORKING;
	sys_fork_prepare();
	if (bare)
		heap_hooks_fork_prepare();
	return mask;
}

void fork_end(uint64_t mask, long child, bool bare)
{
	if (child) {
		if (bare)
			heap_hooks_fork_parent();
		sys_fork_parent(child);
	} else if (bare) {
		in_child();
	} else if (progress == FORKING) { /* before the handlers were registered */
		sys_fork_child();
	}
	progress = NO_FORK;
	raw_sigmask(SIG_SETMASK, &mask, NULL);
}

static pid_t forked(pid_t (*call)(void), bool bare)
{
	uint64_t mask = fork_begin(bare);
	pid_t child = call();

	fork_end(mask, child < 0 ? -errno : child, bare);
	return child;
}

nommu_export pid_t fork(void)
{
	uint64_t site = HOOK_SITE;
	long refused;

	if (!guard_modelled(site, NOMMU_CALL_FORK, "fork"))
		return real.fork();
	refused = sys_fork(site, NOMMU_CALL_FORK, ARGS(0));
	return refused ? (pid_t)hook_answer(refused) : forked(real.fork, false);
}
HOOK_ALIAS(fork, __fork);

nommu_export pid_t _Fork(void)
{
	uint64_t site = HOOK_SITE;
	long refused;

	if (!guard_modelled(site, NOMMU_CALL__FORK, "_Fork"))
		return real._Fork();
	refused = sys_fork(site, NOMMU_CALL__FORK, ARGS(0));
	return refused ? (pid_t)hook_answer(refused) : forked(real._Fork, true);
}

/*
 * What a cloned child runs first: it lies in the
 * parent's frame, of which the child has its own copy.
 */
struct cloned {
	int (*start)(void *); /* the program's function */
	void *arg;	      /* and its argument */
	uint64_t mask;	      /* signals to unblock once the child is in the account */
};

static int cloned_child(void *arg)
{
	struct cloned cloned = *(struct cloned *)arg;

	fork_end(cloned.mask, 0, true);
	return cloned.start(cloned.arg);
}

static int clone_copy(struct cloned *cloned, void *stack, int flags, pid_t *parent, void *tls,
		      pid_t *child)
{
	int pid;

	cloned->mask = fork_begin(true);
	pid = real.clone(cloned_child, stack, flags, cloned, parent, tls, child);
	fork_end(cloned->mask, pid < 0 ? -errno : pid, true);
	return pid;
}

nommu_export int clone(int (*start)(void *), void *stack, int flags, void *arg, ...)
{
	uint64_t site = HOOK_SITE;
	struct cloned cloned = { start, arg, 0 };
	pid_t *parent, *child;
	long refused;
	void *tls;
	va_list args;

	va_start(args, arg);
	parent = va_arg(args, pid_t *);
	tls = va_arg(args, void *);
	child = va_arg(args, pid_t *);
	va_end(args);
	if (!guard_modelled(site, NOMMU_CALL_CLONE, "clone") || (flags & CLONE_VM))
		return real.clone(start, stack, flags, arg, parent, tls, child);
	refused = sys_fork(site, NOMMU_CALL_CLONE, ARGS(U(flags), U(stack)));
	return refused ? (int)hook_answer(refused)
		       : clone_copy(&cloned, stack, flags, parent, tls, child);
}
HOOK_ALIAS(clone, __clone);
