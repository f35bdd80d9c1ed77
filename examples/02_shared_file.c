/* SPDX-License-Identifier: MIT */
/*
 * 02_shared_file.c - change a file on a disk.
 * Run: nommu run build/examples/02_shared_file before|after
 */
#include "example.h"

#define DISK "." /* a folder on a disk file system */

/* before */
static bool before(void)
{
	int fd = example_file(DISK, 4096);
	char *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (data == MAP_FAILED)
		return false;
	data[100] = 'x'; /* through the page cache */
	return msync(data, 4096, MS_SYNC) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file(DISK, 4096);

	return pwrite(fd, "x", 1, 100) == 1 && fsync(fd) == 0;
}
/* end of after */
