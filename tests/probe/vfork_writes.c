/* SPDX-License-Identifier: MIT */
/* vfork children that write to the parent's variables, and one that does what a child may. */
#include "probe.h"

static volatile int initialized = 1;
static volatile char buffer[10000];

int main(int argc, char **argv)
{
	char *none[] = { NULL }, *args[] = { argv[0], "again", NULL };
	pid_t pid;

	if (argc > 1)
		return 7;
	if ((pid = vfork()) == 0) {
		execve("/nowhere", none, none);
		execve(argv[0], args, none);
		_exit(1);
	}
	SHOW_NUMBER(status_of(pid));
	if ((pid = vfork()) == 0) {
		initialized = 2;
		_exit(1);
	}
	SHOW_NUMBER(status_of(pid));
	if ((pid = vfork()) == 0) {
		buffer[5000] = 'c';
		_exit(2);
	}
	SHOW_NUMBER(status_of(pid));
	SHOW_NUMBER(initialized + buffer[5000]);
	return 0;
}
