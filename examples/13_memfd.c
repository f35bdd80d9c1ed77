/* SPDX-License-Identifier: MIT */
/*
 * 13_memfd.c - a nameless shared object.
 * Run: nommu run --profile linux-6.12 build/examples/13_memfd before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int fd = memfd_create("buffer", MFD_CLOEXEC); /* EFBIG on Linux 6.12 */

	return fd >= 0 && ftruncate(fd, 65536) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof name, "/nommu-example-%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	shm_unlink(name);
	return fd >= 0 && ftruncate(fd, 65536) == 0;
}
/* end of after */
