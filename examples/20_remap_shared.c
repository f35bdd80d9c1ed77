/* SPDX-License-Identifier: MIT */
/*
 * 20_remap_shared.c - another size for a shared mapping.
 * Run: nommu run build/examples/20_remap_shared before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int fd = example_file("/dev/shm", 0);
	char *data;

	if (ftruncate(fd, 8192))
		return false;
	data = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return data != MAP_FAILED && mremap(data, 8192, 4096, 0) == data;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file("/dev/shm", 0);
	char *data;

	if (ftruncate(fd, 8192))
		return false;
	data = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED || munmap(data, 8192))
		return false;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}
/* end of after */
