/* SPDX-License-Identifier: MIT */
/*
 * 21_remap_not_exact.c - shrink the second half of a mapping.
 * Run: nommu run build/examples/21_remap_not_exact before|after
 */
#include "example.h"

static char *pages(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* before */
static bool before(void)
{
	char *data = pages(4 * 4096);

	return mremap(data + 2 * 4096, 2 * 4096, 4096, 0) == data + 2 * 4096;
}
/* end of before */

/* after */
static bool after(void)
{
	char *data = pages(4 * 4096);

	return mremap(data, 4 * 4096, 3 * 4096, 0) == data; /* all of it, as it was mapped */
}
/* end of after */
