/* SPDX-License-Identifier: MIT */
/*
 * 31_forkpty.c - a program on a terminal of its own.
 * Run: nommu run build/examples/31_forkpty before|after
 */
#include "example.h"

#include <pty.h>

extern char **environ;

/* before */
static bool before(void)
{
	int master, status;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	char *argv[] = { "true", NULL };
	posix_spawn_file_actions_t actions;
	int master, slave, status;
	pid_t pid;

	if (openpty(&master, &slave, NULL, NULL, NULL))
		return false;
	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_adddup2(&actions, slave, fd);
	errno = posix_spawn(&pid, "/bin/true", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return errno == 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
/* end of after */
