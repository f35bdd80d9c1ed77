/* SPDX-License-Identifier: MIT */
/* Each way to wait reaps the child and tells its status. */
#include <spawn.h>
#include <sys/resource.h>

#include "probe.h"

extern char **environ;

static pid_t start(void)
{
	char *argv[] = { "sh", "-c", "exit 11", NULL };
	pid_t pid = -1;

	posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	return pid;
}

int main(void)
{
	struct rusage usage;
	siginfo_t info = { 0 };
	int status = 0;
	pid_t pid;

	pid = start();
	SHOW_NUMBER(wait(&status) == pid && WEXITSTATUS(status) == 11);
	pid = start();
	SHOW_NUMBER(wait(NULL) == pid);
	pid = start();
	SHOW_NUMBER(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 11);
	pid = start();
	SHOW_NUMBER(wait3(&status, 0, &usage) == pid && WEXITSTATUS(status) == 11);
	pid = start();
	SHOW_NUMBER(wait4(pid, &status, 0, NULL) == pid && WEXITSTATUS(status) == 11);
	pid = start();
	SHOW_NUMBER(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0 && info.si_status == 11);
	SHOW(wait(&status));
	return 0;
}
