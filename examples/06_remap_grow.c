/* SPDX-License-Identifier: MIT */
/*
 * 06_remap_grow.c - a mapping that grows.
 * Run: nommu run build/examples/06_remap_grow before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	char *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data != MAP_FAILED && mremap(data, 4096, 65536, MREMAP_MAYMOVE) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	char *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *more = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED || more == MAP_FAILED)
		return false;
	memcpy(more, data, 4096);
	return munmap(data, 4096) == 0;
}
/* end of after */
