/* SPDX-License-Identifier: MIT */
#include "support/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void child_fail(const char *file, int line, const char *what, long got, long wanted)
{
	const char *name = strrchr(file, '/');

	fflush(stdout);
	if (got != wanted)
		fprintf(stderr, "%s:%d: %s: got %ld, wanted %ld\n", name ? name + 1 : file, line,
			what, got, wanted);
	else
		fprintf(stderr, "%s:%d: %s\n", name ? name + 1 : file, line, what);
	_exit(CHILD_FAILED);
}

void child_skip(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	_exit(CHILD_SKIPPED);
}

pid_t child_start(child_body *body, void *context)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(context);
		_exit(0);
	}
	if (pid < 0) {
		perror("fork");
		abort();
	}
	return pid;
}

int child_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

int child_status(child_body *body, void *context)
{
	return child_wait(child_start(body, context));
}

bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}
