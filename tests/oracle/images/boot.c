/* SPDX-License-Identifier: MIT */
/*
 * boot.c - the guest's first process: runs each line of /list (a program and the bytes of
 * its argument) and says how it ended.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void run(char *name, size_t bytes)
{
	char *argument = calloc(1, bytes + 1);
	char *argv[] = { name, argument, NULL };
	int status = 0;
	pid_t pid;

	memset(argument, 'x', bytes);
	printf("= %s %zu\n", name, bytes);
	fflush(stdout);
	int error = posix_spawn(&pid, name, NULL, NULL, argv, environ);

	if (!error)
		waitpid(pid, &status, 0);
	if (error)
		printf("refused %s\n", strerror(error));
	else if (WIFSIGNALED(status))
		printf("killed %d\n", WTERMSIG(status));
	else
		printf("status %d\n", WEXITSTATUS(status));
	free(argument);
}

int main(void)
{
	char name[256];
	size_t bytes;
	FILE *list;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("/dev/vda", "/disk", "ext2", MS_RDONLY, NULL);
	puts("PROBE-BEGIN");
	list = fopen("/list", "r");
	while (list && fscanf(list, "%255s %zu", name, &bytes) == 2)
		run(name, bytes);
	puts("PROBE-END");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
