/* SPDX-License-Identifier: MIT */
/*
 * hook_syscall.c - syscall() with the number of a call that we answer. The thunk sorts out what
 * must not pass through a C frame: vfork, and clone with shared memory. Everything unknown goes to
 * the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "crash.h"
#include "exec.h"
#include "fork.h"
#include "guard.h"
#include "open.h"
#include "real.h"
#include "thread.h"

#include "base/raw.h"

long hook_syscall(long number, long a, long b, long c, long d, long e, long f);

static enum nommu_call absent_call(long number)
{
	switch (number) {
	case SYS_mprotect:
		return NOMMU_CALL_MPROTECT;
	case SYS_pkey_mprotect:
		return NOMMU_CALL_PKEY_MPROTECT;
	case SYS_msync:
		return NOMMU_CALL_MSYNC;
	case SYS_madvise:
		return NOMMU_CALL_MADVISE;
	case SYS_process_madvise:
		return NOMMU_CALL_PROCESS_MADVISE;
	case SYS_mlock:
		return NOMMU_CALL_MLOCK;
	case SYS_mlock2:
		return NOMMU_CALL_MLOCK2;
	case SYS_mlockall:
		return NOMMU_CALL_MLOCKALL;
	case SYS_munlock:
		return NOMMU_CALL_MUNLOCK;
	case SYS_munlockall:
		return NOMMU_CALL_MUNLOCKALL;
	case SYS_mincore:
		return NOMMU_CALL_MINCORE;
	case SYS_remap_file_pages:
		return NOMMU_CALL_REMAP_FILE_PAGES;
	case SYS_mbind:
		return NOMMU_CALL_MBIND;
	default:
		return NOMMU_CALL_NONE;
	}
}

/* uClibc-ng's msync and mlock family never ask the kernel; who does so himself gets its answer. */
static bool libc_would_not_ask(enum nommu_call call)
{
	switch (call) {
	case NOMMU_CALL_MSYNC:
	case NOMMU_CALL_MLOCK:
	case NOMMU_CALL_MLOCKALL:
	case NOMMU_CALL_MUNLOCK:
	case NOMMU_CALL_MUNLOCKALL:
		return sys_conf()->libc <= LIBC_UCLIBC_SIMPLE;
	default:
		return false;
	}
}

static long absent(uint64_t site, enum nommu_call call, long number, const uint64_t x[6])
{
	/* Only what is touched, as in mlockall(): our reservations are large. */
	uint64_t first = number == SYS_mlockall ? x[0] | MCL_ONFAULT : x[0];
	long result;

	if (!libc_would_not_ask(call))
		return sys_absent(site, call, number, ARGS(first, x[1], x[2], x[3], x[4], x[5]));
	result = sys_judge(site, NOMMU_CALL_SYSCALL, ARGS(U(number)), RULE_ABSENT_CALL, NULL);
	return result ? result : raw_syscall(number, (long)first, (long)x[1], (long)x[2], 0, 0, 0);
}

/* Calls on memory and files; true if the number is one of them, with the answer in *result. */
static bool memory_call(uint64_t site, long number, const uint64_t x[6], long *result)
{
	bool refused;

	switch (number) {
	case SYS_mmap:
		*result =
			sys_mmap(site, x[0], x[1], (int)x[2], (int)x[3], (int)x[4], (int64_t)x[5]);
		return true;
	case SYS_munmap:
		*result = sys_munmap(site, x[0], x[1]);
		return true;
	case SYS_mremap:
		*result = sys_mremap(site, x[0], x[1], x[2], (int)x[3], x[4]);
		return true;
	case SYS_brk:
		*result = (long)sys_brk(site, NOMMU_CALL_BRK, x[0], &refused);
		return true;
	case SYS_shmget:
		*result = sys_shmget(site, (int)x[0], x[1], (int)x[2]);
		return true;
	case SYS_shmat:
		*result = sys_shmat(site, (int)x[0], x[1], (int)x[2]);
		return true;
	case SYS_shmdt:
		*result = sys_shmdt(site, x[0]);
		return true;
	case SYS_shmctl:
		*result = sys_shmctl(site, (int)x[0], (int)x[1], (void *)x[2]);
		return true;
	default:
		return false;
	}
}

static bool open_call(uint64_t site, long number, const uint64_t x[6], long *result)
{
	const struct open_how *how = (const struct open_how *)x[2];

	switch (number) {
	case SYS_openat:
		*result = open_ours(site, (int)x[0], (const char *)x[1], (int)x[2]);
		break;
	case SYS_openat2:
		*result = !how || x[3] < sizeof how->flags
				  ? OPEN_NOT_OURS
				  : open_ours(site, (int)x[0], (const char *)x[1], (int)how->flags);
		break;
#ifdef SYS_open
	case SYS_open:
		*result = open_ours(site, AT_FDCWD, (const char *)x[0], (int)x[1]);
		break;
	case SYS_creat:
		*result =
			open_ours(site, AT_FDCWD, (const char *)x[0], O_CREAT | O_WRONLY | O_TRUNC);
		break;
#endif
	default:
		return false;
	}
	return *result != OPEN_NOT_OURS;
}

static bool file_call(uint64_t site, long number, const uint64_t x[6], long *result)
{
	switch (number) {
	case SYS_memfd_create:
		*result = sys_memfd_create(site, (const char *)x[0], (unsigned)x[1]);
		return true;
	case SYS_ftruncate:
		*result = sys_ftruncate(site, (int)x[0], (int64_t)x[1]);
		return true;
	case SYS_fallocate:
		*result = sys_fallocate(site, NOMMU_CALL_FALLOCATE, (int)x[0], (int)x[1],
					(int64_t)x[2], (int64_t)x[3]);
		return true;
	case SYS_truncate:
		*result = sys_truncate(site, (const char *)x[0], (int64_t)x[1]);
		return true;
	case SYS_sysinfo:
		*result = ram_sysinfo((struct sysinfo *)x[0]);
		return true;
	default:
		return open_call(site, number, x, result);
	}
}

/* The kernel's fork, with no handlers of libc; the thunk let no shared memory come here. */
static long fork_call(uint64_t site, enum nommu_call call, long number, const uint64_t x[6])
{
	long result = sys_fork(site, call, x);
	uint64_t mask;

	if (result)
		return result;
	/* the child would go on in our frame on another stack */
	if (number == SYS_clone && x[1])
		return -EINVAL;
	mask = fork_begin(true);
	result = raw_syscall(number, (long)x[0], (long)x[1], (long)x[2], (long)x[3], (long)x[4], 0);
	fork_end(mask, result, true);
	return result;
}

/* A child that was waited for gives its memory back at once, as in wait4() and waitid(). */
static long wait_call(long number, const uint64_t x[6])
{
	siginfo_t own = { 0 };
	bool id = number == SYS_waitid;
	uint64_t info = id && !x[2] ? U(&own) : x[2];
	long result =
		raw_syscall(number, (long)x[0], (long)x[1], (long)info, (long)x[3], (long)x[4], 0);
	long child = id && result == 0 ? ((const siginfo_t *)info)->si_pid : result;

	if (child > 0)
		sys_waited((int)child, -1);
	return result;
}

static bool process_call(uint64_t site, long number, const uint64_t x[6], long *result)
{
	switch (number) {
#ifdef SYS_fork
	case SYS_fork:
		*result = fork_call(site, NOMMU_CALL_FORK, number, x);
		return true;
#endif
	case SYS_clone:
	case SYS_clone3:
		*result = fork_call(site, NOMMU_CALL_CLONE, number, x);
		return true;
	case SYS_wait4:
	case SYS_waitid:
		*result = wait_call(number, x);
		return true;
	case SYS_exit_group:
		if (!guard_thread.vfork_depth)
			thread_image_ends((int)x[0]);
		return false;
	case SYS_rt_sigaction:
		if (x[1])
			sys_handlers_exist();
		*result = crash_rt_sigaction(x);
		return true;
	case SYS_sigaltstack:
		*result = crash_sigaltstack((const stack_t *)x[0], (stack_t *)x[1]);
		return true;
	default:
		return false;
	}
}

/* Whether the number could be one of ours: the kernel's other calls must not pay for the rest. */
static bool may_be_ours(long number)
{
	switch (number) {
	case SYS_futex:
	case SYS_gettid:
	case SYS_getrandom:
	case SYS_membarrier:
	case SYS_tgkill:
		return false;
	default:
		return true;
	}
}

static bool conduct_matters(long number)
{
	return number != SYS_exit_group && number != SYS_rt_sigaction && number != SYS_sigaltstack;
}

long hook_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	uint64_t site = HOOK_SITE;
	const uint64_t x[6] = { U(a), U(b), U(c), U(d), U(e), U(f) };
	long result;

	if (!may_be_ours(number) || !guard_active())
		return hook_answer(raw_syscall(number, a, b, c, d, e, f));
	if (number == SYS_execve)
		return exec_execve(
			EXEC((const char *)a, (char *const *)b, (char *const *)c, -1, 0));
	if (number == SYS_execveat)
		return exec_execveat(
			EXEC((const char *)b, (char *const *)c, (char *const *)d, (int)a, (int)e));
	if (absent_call(number) != NOMMU_CALL_NONE)
		result = absent(site, absent_call(number), number, x);
	else if (!memory_call(site, number, x, &result) && !file_call(site, number, x, &result) &&
		 !process_call(site, number, x, &result))
		return hook_answer(raw_syscall(number, a, b, c, d, e, f));
	if (guard_thread.vfork_depth && conduct_matters(number))
		sys_vfork_conduct(site, NOMMU_CALL_SYSCALL, "syscall");
	return hook_answer(result);
}
