/* SPDX-License-Identifier: MIT */
/*
 * hook_fork.c - the calls that copy the address space. What the machine does not refuse really
 * forks, through libc so that the program's atfork handlers run. Signals are blocked from before
 * until both sides are in the account.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/types.h>

#include "fork.h"
#include "guard.h"
#include "real.h"

#include "base/raw.h"

pid_t _Fork(void);

uint64_t fork_begin(void)
{
	uint64_t all = ~0ULL;
	uint64_t mask = 0;

	raw_sigmask(SIG_SETMASK, &all, &mask);
	sys_fork_prepare();
	return mask;
}

void fork_end(uint64_t mask, long child)
{
	if (child)
		sys_fork_parent(child);
	else
		sys_fork_child();
	raw_sigmask(SIG_SETMASK, &mask, NULL);
}

static pid_t forked(pid_t (*call)(void))
{
	uint64_t mask = fork_begin();
	pid_t child = call();

	fork_end(mask, child < 0 ? -errno : child);
	return child;
}

nommu_export pid_t fork(void)
{
	uint64_t site = HOOK_SITE;
	long refused;

	if (!guard_modelled(site, NOMMU_CALL_FORK, "fork"))
		return real.fork();
	refused = sys_fork(site, NOMMU_CALL_FORK, ARGS(0));
	return refused ? (pid_t)hook_answer(refused) : forked(real.fork);
}
HOOK_ALIAS(fork, __fork);

nommu_export pid_t _Fork(void)
{
	uint64_t site = HOOK_SITE;
	long refused;

	if (!guard_modelled(site, NOMMU_CALL__FORK, "_Fork"))
		return real._Fork();
	refused = sys_fork(site, NOMMU_CALL__FORK, ARGS(0));
	return refused ? (pid_t)hook_answer(refused) : forked(real._Fork);
}

/* What a cloned child runs first: it lies in the parent's frame, of which the child has its own
 * copy. */
struct cloned {
	int (*start)(void *); /* the program's function */
	void *arg;	      /* and its argument */
	uint64_t mask;	      /* signals to unblock once the child is in the account */
};

static int cloned_child(void *arg)
{
	struct cloned cloned = *(struct cloned *)arg;

	fork_end(cloned.mask, 0);
	return cloned.start(cloned.arg);
}

static int clone_copy(struct cloned *cloned, void *stack, int flags, pid_t *parent, void *tls,
		      pid_t *child)
{
	int pid;

	cloned->mask = fork_begin();
	pid = real.clone(cloned_child, stack, flags, cloned, parent, tls, child);
	fork_end(cloned->mask, pid < 0 ? -errno : pid);
	return pid;
}

nommu_export int clone(int (*start)(void *), void *stack, int flags, void *arg, ...)
{
	uint64_t site = HOOK_SITE;
	struct cloned cloned = {start, arg, 0};
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
