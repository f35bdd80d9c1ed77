/* SPDX-License-Identifier: MIT */
/*
 * A child that the library cannot enter runs as it
 * would, and its parent goes on. Argument: the child.
 */
#include <spawn.h>

#include "probe.h"

extern char **environ;

int main(int argc, char **argv)
{
	char *args[] = { argv[1], NULL };
	pid_t pid;

	if (argc < 2 || posix_spawn(&pid, argv[1], NULL, NULL, args, environ))
		return 1;
	SHOW_NUMBER(status_of(pid));
	SHOW(anonymous(PAGE));
	return 0;
}
