/* SPDX-License-Identifier: MIT */
/*
 * 25_mapped_twice.c - map the same shared file twice.
 * Run: nommu run --profile linux-6.12 build/examples/25_mapped_twice before|after
 */
#include "example.h"

static int file(void)
{
	int fd = example_file("/dev/shm", 0);

	return fd >= 0 && ftruncate(fd, 4096) == 0 ? fd : -1;
}

static char *map(int fd)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* before */
static bool before(void)
{
	int fd = file();
	char *writer = map(fd), *reader = map(fd);

	return munmap(reader, 4096) == 0 && munmap(writer, 4096) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	char *both = map(file());
	int users = 2;

	while (--users)
		both[0] = 'x'; /* one is done; the other goes on */
	return munmap(both, 4096) == 0;
}
/* end of after */
