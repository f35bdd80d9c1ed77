/* SPDX-License-Identifier: MIT */
/*
 * hook_exit.c - the end of an image, and of children. A vfork child that exits is no image: its
 * parent's goes on. exit() itself runs our handler (init.c); these are the ways around it.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "real.h"
#include "thread.h"
#include "vfork.h"

#include "base/raw.h"

nommu_export void _exit(int status)
{
	if (guard_thread.vfork_depth && guard_active())
		vfork_leave(HOOK_SITE, HOOK_STACK);
	else if (guard_active())
		thread_image_ends(status);
	for (;;)
		raw_call1(SYS_exit_group, status);
}
HOOK_ALIAS(_exit, _Exit);

nommu_export void quick_exit(int status)
{
	if (!guard_thread.vfork_depth && guard_active())
		thread_image_ends(status);
	real.quick_exit(status);
	__builtin_unreachable();
}

/* A stopped child lives on. */
static pid_t waited(pid_t pid, int status)
{
	if (pid > 0 && (WIFEXITED(status) || WIFSIGNALED(status)) && guard_active())
		sys_waited(pid, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	return pid;
}

static pid_t wait_for(pid_t pid, int *status, int options, struct rusage *usage)
{
	int own = 0;
	pid_t result = real.wait4(pid, &own, options, usage);

	if (status && result > 0)
		*status = own;
	return waited(result, own);
}

nommu_export pid_t wait(int *status)
{
	return wait_for(-1, status, 0, NULL);
}
HOOK_ALIAS(wait, __wait);

nommu_export pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait_for(pid, status, options, NULL);
}
HOOK_ALIAS(waitpid, __waitpid);

nommu_export pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait_for(-1, status, options, usage);
}

nommu_export pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	return wait_for(pid, status, options, usage);
}

nommu_export int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	siginfo_t own = { 0 };
	int result = real.waitid(type, id, info ? info : &own, options);
	const siginfo_t *seen = info ? info : &own;

	if (result == 0 && seen->si_pid > 0 && seen->si_code != CLD_STOPPED &&
	    seen->si_code != CLD_CONTINUED && seen->si_code != CLD_TRAPPED && guard_active())
		sys_waited(seen->si_pid,
			   seen->si_code == CLD_EXITED ? seen->si_status : 128 + seen->si_status);
	return result;
}
