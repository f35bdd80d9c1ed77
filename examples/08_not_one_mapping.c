/* SPDX-License-Identifier: MIT */
/*
 * 08_not_one_mapping.c - unmap two buffers.
 * Run: nommu run build/examples/08_not_one_mapping before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	char *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *low = a < b ? a : b;
	char *high = a < b ? b : a;

	if (a == MAP_FAILED || b == MAP_FAILED)
		return false;
	return munmap(low, (size_t)(high - low) + 4096) == 0; /* from one into the other */
}
/* end of before */

/* after */
static bool after(void)
{
	char *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED || b == MAP_FAILED)
		return false;
	return munmap(a, 4096) == 0 && munmap(b, 4096) == 0;
}
/* end of after */
