/* SPDX-License-Identifier: MIT */
/*
 * 22_truncate_shared.c - make a file shorter that is mapped.
 * Run: nommu run build/examples/22_truncate_shared before|after
 */
#include "example.h"

static char *map(int fd, size_t size)
{
	if (ftruncate(fd, (off_t)size))
		return MAP_FAILED;
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* before */
static bool before(void)
{
	int fd = example_file("/dev/shm", 0);

	return map(fd, 16384) != MAP_FAILED && ftruncate(fd, 4096) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file("/dev/shm", 0);
	char *data = map(fd, 16384);

	return data != MAP_FAILED && munmap(data, 16384) == 0 && ftruncate(fd, 4096) == 0;
}
/* end of after */
