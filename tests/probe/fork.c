/* SPDX-License-Identifier: MIT */
/* Copies of the address space, however they are asked for. */
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "probe.h"

pid_t __fork(void);
pid_t _Fork(void);
int __clone(int (*)(void *), void *, int, void *, ...);

static void try(const char *what, pid_t pid)
{
	if (pid == 0)
		_exit(7);
	if (pid < 0)
		dprintf(1, "%s: %s\n", what, strerrorname_np(errno));
	else
		dprintf(1, "%s: child ended with %d\n", what, status_of(pid));
}

static int child(void *arg)
{
	*(int *)arg = 1;
	return 7;
}

int main(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	int mark = 0;

	try("fork", fork());
	try("__fork", __fork());
	try("_Fork", _Fork());
	try("clone", clone(child, stack + sizeof stack, SIGCHLD, &mark));
	try("__clone", __clone(child, stack + sizeof stack, SIGCHLD, &mark));
	try("SYS_clone", (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	dprintf(1, "memory shared with a copy: %d\n", mark);
	try("clone with CLONE_VM",
	    clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &mark));
	dprintf(1, "memory shared with CLONE_VM: %d\n", mark);
	return 0;
}
