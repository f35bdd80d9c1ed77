/* SPDX-License-Identifier: MIT */
/*
 * 01_fork.c - start another program.
 * Run: nommu run build/examples/01_fork before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int status;
	pid_t child = fork(); /* copies an address space: there is no such thing */

	if (child == 0) {
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
	int status;
	pid_t child;

	return posix_spawnp(&child, name, NULL, NULL, argv, environ) == 0 &&
	       waitpid(child, &status, 0) == child && status == 0;
}
/* end of after */
