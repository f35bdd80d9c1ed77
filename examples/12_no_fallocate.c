/* SPDX-License-Identifier: MIT */
/*
 * 12_no_fallocate.c - room in a file in memory.
 * Run: nommu run build/examples/12_no_fallocate before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int fd = example_file("/dev/shm", 0);

	return fallocate(fd, 0, 0, 65536) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file("/dev/shm", 0);

	return ftruncate(fd, 65536) == 0; /* takes the pages where there is no MMU */
}
/* end of after */
