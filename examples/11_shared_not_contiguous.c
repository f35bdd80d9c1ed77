/* SPDX-License-Identifier: MIT */
/*
 * 11_shared_not_contiguous.c - memory shared through a file.
 * Run: nommu run build/examples/11_shared_not_contiguous before|after
 */
#include "example.h"

#define MEMORY "/dev/shm" /* a folder on tmpfs */

/* before */
static bool before(void)
{
	int fd = example_file(MEMORY, 8192); /* grown by write: page by page */
	bool grown = ftruncate(fd, 65536) == 0;

	return grown && mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file(MEMORY, 0);
	bool sized = ftruncate(fd, 65536) == 0; /* empty before: one block */

	return sized && mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}
/* end of after */
