/* SPDX-License-Identifier: MIT */
/* A fallocate that a signal interrupts is made again, as often as may be. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "base/raw.h"
#include "support/child.h"
#include "support/suite.h"

static int interrupts, calls;

/* The kernel's answer, in its place: so many times EINTR, then 0. */
static void answer(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	long result = calls++ < interrupts ? -EINTR : 0;

	(void)sig;
	(void)info;
#if defined(__x86_64__)
	u->uc_mcontext.gregs[REG_RAX] = result;
#else
	u->uc_mcontext.regs[0] = (unsigned long)result;
#endif
}

static void take_over(int times)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fallocate, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_SIZE(filter), filter };
	const struct sigaction action = { .sa_sigaction = answer, .sa_flags = SA_SIGINFO };

	interrupts = times;
	EXPECT_EQ(sigaction(SIGSYS, &action, NULL), 0);
	if (under_valgrind() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		child_skip("system calls cannot be answered here");
}

static void interrupted_twice(void *context)
{
	(void)context;
	take_over(2);
	EXPECT_EQ(raw_fallocate(3, 0, 0, 4096), 0);
	EXPECT_EQ(calls, 3);
}

static void interrupted_for_ever(void *context)
{
	(void)context;
	take_over(1 << 30);
	EXPECT_EQ(raw_fallocate(3, 0, 0, 4096), -EINTR);
}

static child_body *const bodies[] = { interrupted_twice, interrupted_for_ever };

START_TEST(interrupted_fallocate_is_made_again)
{
	int status = child_status(bodies[_i], NULL);

	ck_assert(status == 0 || status == CHILD_SKIPPED << 8);
}
END_TEST

SUITE("base/raw", LOOP(interrupted_fallocate_is_made_again, ARRAY_SIZE(bodies)))
