/* SPDX-License-Identifier: MIT */
/*
 * 28_trim_mapping.c - memory aligned to 64 KiB. Both work; the first leaves pieces on both sides.
 * Run: nommu audit build/examples/28_trim_mapping before|after
 */
#include "example.h"

#include <stdint.h>

#define SIZE 65536

/* before */
static bool before(void)
{
	char *data = mmap(NULL, 2 * SIZE + 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t head = SIZE - (uintptr_t)data % SIZE;

	if (data == MAP_FAILED || munmap(data, head))
		return false;
	return munmap(data + head + SIZE, SIZE + 4096 - head) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	/* A block of a power of two is aligned to its size on such a machine. */
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}
/* end of after */
