/* SPDX-License-Identifier: MIT */
/*
 * answers.c - answers ADDRESS FILE: what a machine answers where the options make a difference, a
 * line each: ADDRESS is looked for in /dev/mem, FILE is mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNINITIALIZED 0x4000000 /* MAP_UNINITIALIZED, which the host's headers may not show */

static unsigned long free_kib(void)
{
	struct sysinfo info;

	sysinfo(&info);
	return (unsigned long)(info.freeram * info.mem_unit >> 10);
}

static void say(const char *what, const void *mapped)
{
	if (mapped == MAP_FAILED)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: begins with %d, %lu KiB free\n", what, *(const unsigned char *)mapped,
		       free_kib());
}

static void say_file(const char *path, int flags, off_t offset)
{
	int fd = open(path, O_RDONLY);

	say(path, mmap(NULL, 4096, PROT_READ, flags, fd, offset));
	close(fd);
}

static void *anonymous(size_t bytes, int flags)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
		    0);
}

static void say_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	printf("fork: %s\n", child < 0 ? strerrorname_np(errno) : "works");
	if (child > 0)
		waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	struct sysinfo info;

	if (argc < 3)
		return 1;
	sysinfo(&info);
	printf("%lu pages, %lu KiB free, %lu of swap\n", (unsigned long)sysconf(_SC_PHYS_PAGES),
	       free_kib(), (unsigned long)info.totalswap);
	say("3 pages", anonymous(3 * 4096, 0));
	say("4 MiB", anonymous(4 << 20, 0));
	say("uninitialized", anonymous(4096, UNINITIALIZED));
	printf("mlock: %s\n", mlock(&info, 1) ? strerrorname_np(errno) : "works");
	say_fork();
	say_file("/dev/mem", MAP_SHARED, strtol(argv[1], NULL, 0));
	say_file(argv[2], MAP_PRIVATE, 0);
	return 0;
}
