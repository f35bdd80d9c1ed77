/* SPDX-License-Identifier: MIT */
/*
 * 27_private_copy.c - look through a file. Both work; the first takes RAM for all of the file. Run:
 * nommu audit build/examples/27_private_copy before|after
 */
#include "example.h"

#define DISK "." /* a folder on a disk file system */

#define SIZE (512 * 1024)

/* before */
static bool before(void)
{
	int fd = example_file(DISK, SIZE);
	char *data = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);

	return data != MAP_FAILED && memchr(data, 'x', SIZE) == NULL;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file(DISK, SIZE);
	char piece[4096];
	ssize_t len;

	for (off_t at = 0; (len = pread(fd, piece, sizeof piece, at)) > 0; at += len)
		if (memchr(piece, 'x', (size_t)len))
			return false;
	return len == 0;
}
/* end of after */
