/* SPDX-License-Identifier: MIT */
/* machine.c - a program that is built as several machines would: see machines.sh. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef OTHER_BUILD /* moves what follows to other addresses and lines */
static int more(int number)
{
	return number * 3;
}
#endif

static void share_file(int fd)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	if (p != MAP_FAILED)
		munmap(p, 4096);
}

static void start_child(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY);

	share_file(fd);
	start_child();
#ifdef OTHER_BUILD
	return more(argc) == 0;
#endif
	return argc > 9;
}
