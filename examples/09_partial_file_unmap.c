/* SPDX-License-Identifier: MIT */
/*
 * 09_partial_file_unmap.c - done with the head of a file.
 * Run: nommu run build/examples/09_partial_file_unmap before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int fd = example_file(".", 8192);
	char *data = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);

	return data != MAP_FAILED && munmap(data, 4096) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	int fd = example_file(".", 8192);
	char *head = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	char *tail = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);

	return head != MAP_FAILED && tail != MAP_FAILED && munmap(head, 4096) == 0;
}
/* end of after */
