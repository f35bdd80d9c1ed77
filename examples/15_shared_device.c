/* SPDX-License-Identifier: MIT */
/*
 * 15_shared_device.c - zeroed memory.
 * Run: nommu run build/examples/15_shared_device before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int fd = open("/dev/zero", O_RDWR);

	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}
/* end of after */
