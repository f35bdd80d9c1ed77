/* SPDX-License-Identifier: MIT */
/*
 * 17_map_type.c - a shared mapping with checked flags.
 * Run: nommu run build/examples/17_map_type before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int fd = example_file("/dev/shm", 0);

	return ftruncate(fd, 4096) == 0 &&
	       mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE, fd, 0) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file("/dev/shm", 0);

	return ftruncate(fd, 4096) == 0 &&
	       mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}
/* end of after */
