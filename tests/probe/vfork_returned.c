/* SPDX-License-Identifier: MIT */
/*
 * A vfork child that returns from the function that called vfork, and then execs or exits. What it
 * writes on its parent's stack there sends the parent to the child's place: all that follows suits
 * both.
 */
#include "probe.h"

static pid_t __attribute__((noinline)) starts(void)
{
	pid_t pid = vfork();

	__asm__ volatile("" ::: "memory"); /* no tail call */
	return pid;
}

int main(void)
{
	void (*volatile leave)(int) = _exit;
	int (*volatile execute)(const char *, char *const *) = execv;
	char *argv[] = { "sh", "-c", "exit 0", NULL };

	if (starts() == 0)
		leave(0);
	wait(NULL);
	if (starts() == 0)
		execute("/bin/sh", argv);
	wait(NULL);
	dprintf(1, "went on\n");
	return 0;
}
