/* SPDX-License-Identifier: MIT */
/* forks.c - a child that execs, one that works, one in the background: what the scanner follows. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv);
void _start(void);

static int start(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(1, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void background(void)
{
	switch (fork()) {
	case -1:
		return;
	case 0:
		setsid();
		break;
	default:
		exit(0);
	}
}

int main(int argc, char **argv)
{
	if (argc > 2)
		background();
	if (argc > 3 && !fork()) {
		write(1, argv[0], 1);
		_exit(getpid());
	}
	return start(argv);
}

void _start(void)
{
	exit(main(1, 0));
}
