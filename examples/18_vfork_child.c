/* SPDX-License-Identifier: MIT */
/*
 * 18_vfork_child.c - a child with its output in a file.
 * Run: nommu audit build/examples/18_vfork_child before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int status;
	pid_t child = vfork();

	if (child == 0) {
		/* more than exec: on the parent's stack and in its memory */
		close(STDOUT_FILENO);
		open("/dev/null", O_WRONLY);
		execlp("true", "true", (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	char name[] = "true";
	char *argv[] = { name, NULL };
	posix_spawn_file_actions_t actions;
	int status;
	pid_t child;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	return posix_spawnp(&child, name, &actions, NULL, argv, environ) == 0 &&
	       waitpid(child, &status, 0) == child && status == 0;
}
/* end of after */
