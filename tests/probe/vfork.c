/* SPDX-License-Identifier: MIT */
/* vfork, in its three spellings, from a function with a frame, several times over, and nested. */
#include <sys/syscall.h>

#include "probe.h"

pid_t __vfork(void);

static int exits(int with)
{
	volatile int kept = with;
	pid_t pid = vfork();

	if (pid == 0)
		_exit(kept);
	return kept == with ? status_of(pid) : -2;
}

static int execs(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
		_exit(127);
	}
	return status_of(pid);
}

static int fails(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/nowhere", "nowhere", (char *)NULL);
		_exit(errno == ENOENT ? 27 : 28);
	}
	return status_of(pid);
}

static int nested(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		pid_t inner = vfork();

		if (inner == 0)
			_exit(3);
		_exit(10 + status_of(inner));
	}
	return status_of(pid);
}

int main(void)
{
	pid_t pid;

	SHOW_NUMBER(exits(5));
	SHOW_NUMBER(execs());
	SHOW_NUMBER(fails());
	SHOW_NUMBER(nested());
	if ((pid = __vfork()) == 0)
		_exit(6);
	SHOW_NUMBER(status_of(pid));
	if ((pid = (pid_t)syscall(SYS_vfork)) == 0)
		_exit(8);
	SHOW_NUMBER(status_of(pid));
	for (int i = 0; i < 100; i++)
		if (exits(i) != i)
			return 1;
	return 0;
}
