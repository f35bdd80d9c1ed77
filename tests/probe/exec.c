/* SPDX-License-Identifier: MIT */
/*
 * Every exec takes the library along, an empty
 * environment or not, and other preloaded libraries stay.
 */
#include <sys/syscall.h>

#include "probe.h"

extern char **environ;

/* What the next image is asked: is a machine there, and what were its arguments? */
static int arrived(char **argv)
{
	const char *preload = getenv("LD_PRELOAD");

	dprintf(1, "%s: %s %s, %s\n", argv[2], argv[3], argv[4] ? "too much" : "and no more",
		anonymous(8 * MIB) == MAP_FAILED ? "covered" : "not covered");
	if (preload && strchr(preload, ':'))
		dprintf(1, "LD_PRELOAD keeps %s\n",
			strstr(preload, "other") ? "the other" : "nothing");
	return 0;
}

static void execute(const char *self, int how)
{
	static const char *const names[] = { "execve",	 "execv",   "execvp",	  "execvpe",
					     "execl",	 "execlp",  "execle",	  "fexecve",
					     "execveat", "cleared", "SYS_execve", "other" };
	char *argv[] = { "probe", "arrived", (char *)names[how], "arguments", NULL };
	char *other[] = { "LD_PRELOAD=libother.so", "A=1", NULL };
	char *none[] = { NULL };
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	switch (how) {
	case 0:
		execve(self, argv, none);
		break;
	case 1:
		execv(self, argv);
		break;
	case 2:
		execvp(self, argv);
		break;
	case 3:
		execvpe(self, argv, none);
		break;
	case 4:
		execl(self, "probe", "arrived", names[how], "arguments", (char *)NULL);
		break;
	case 5:
		execlp(self, "probe", "arrived", names[how], "arguments", (char *)NULL);
		break;
	case 6:
		execle(self, "probe", "arrived", names[how], "arguments", (char *)NULL, none);
		break;
	case 7:
		fexecve(fd, argv, none);
		break;
	case 8:
		execveat(fd, "", argv, none, AT_EMPTY_PATH);
		break;
	case 9:
		environ = none;
		execv(self, argv);
		break;
	case 10:
		syscall(SYS_execve, self, argv, none);
		break;
	case 11:
		execve(self, argv, other);
		break;
	}
	_exit(127);
}

static volatile int written = -1;

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "arrived"))
		return arrived(argv);
	for (int how = 0; how < 12; how++) {
		char **kept = environ;
		pid_t pid = vfork();

		if (pid == 0) {
			/* environ is in the program or in libc, as the compiler has it */
			written = how;
			execute(argv[0], how);
		}
		environ = kept;
		if (status_of(pid))
			return 1;
	}
	SHOW(execl("/nowhere", "nowhere", (char *)NULL));
	return 0;
}
