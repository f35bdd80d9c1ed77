/* SPDX-License-Identifier: MIT */
/*
 * 26_share_mismatch.c - two views of a file that overlap.
 * Run: nommu run build/examples/26_share_mismatch before|after
 */
#include "example.h"

#define DISK "." /* a folder on a disk file system */

static char *map(int fd, size_t size, off_t offset)
{
	return mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, offset);
}

/* before */
static bool before(void)
{
	int fd = example_file(DISK, 3 * 4096);

	return map(fd, 2 * 4096, 0) != MAP_FAILED && map(fd, 2 * 4096, 4096) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file(DISK, 3 * 4096);
	char *all = map(fd, 3 * 4096, 0); /* once; the views are pointers into it */

	return all != MAP_FAILED && all[4096] == 0;
}
/* end of after */
