/* SPDX-License-Identifier: MIT */
/* vfork children that do too much: the calls work, and are found. */
#include "probe.h"

int main(void)
{
	char *volatile left = NULL;
	pid_t pid = vfork();

	if (pid == 0) {
		left = anonymous(PAGE);
		*left = 'c';
		_exit(1);
	}
	SHOW_NUMBER(status_of(pid));
	SHOW_NUMBER(*left); /* the parent's address space, so the parent's mapping */
	SHOW(munmap(left, PAGE));
	if ((pid = vfork()) == 0)
		_exit(fork() < 0 ? 2 : 3);
	SHOW_NUMBER(status_of(pid));
	return 0;
}
