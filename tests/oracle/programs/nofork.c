/* SPDX-License-Identifier: MIT */
/*
 * nofork.c - fork and vfork as an architecture that has these system calls gets them from a kernel
 * without an MMU: fork is refused with EINVAL, vfork works.
 *
 * fork asks the kernel for something that it refuses with EINVAL and without effect (a thread that
 * shares no signal handlers), so that who traces the program sees the refusal where it happens.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t fork(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0);
}

pid_t _Fork(void)
{
	return fork();
}

/*
 * The child runs on the parent's stack, so nothing may be kept there across the call: the return
 * address stays in a register, and the error is turned into errno on the way out.
 */
__attribute__((visibility("hidden"), used)) long vfork_result(long result)
{
	extern int *__errno_location(void);

	if (result >= 0)
		return result;
	*__errno_location() = (int)-result;
	return -1;
}

__asm__(".text\n"
	".globl vfork\n"
	".type vfork, @function\n"
	"vfork:\n"
	"	li a0, 0x4111\n" /* CLONE_VM | CLONE_VFORK | SIGCHLD */
	"	li a1, 0\n"
	"	li a2, 0\n"
	"	li a3, 0\n"
	"	li a4, 0\n"
	"	li a7, 220\n" /* clone */
	"	ecall\n"
	"	tail vfork_result\n"
	".size vfork, .-vfork\n");
