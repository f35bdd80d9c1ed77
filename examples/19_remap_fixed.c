/* SPDX-License-Identifier: MIT */
/*
 * 19_remap_fixed.c - move memory to an address of one's choice.
 * Run: nommu run build/examples/19_remap_fixed before|after
 */
#include "example.h"

static char *pages(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* before */
static bool before(void)
{
	char *data = pages(4096), *place = pages(4096);

	data[0] = 'x';
	return mremap(data, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place;
}
/* end of before */

/* after */
static bool after(void)
{
	char *data = pages(4096), *place = pages(4096);

	data[0] = 'x';
	memcpy(place, data, 4096);
	return munmap(data, 4096) == 0 && place[0] == 'x';
}
/* end of after */
