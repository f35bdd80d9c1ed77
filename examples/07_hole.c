/* SPDX-License-Identifier: MIT */
/*
 * 07_hole.c - give the middle of a mapping back.
 * Run: nommu run build/examples/07_hole before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	char *data =
		mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data != MAP_FAILED && munmap(data + 4096, 4096) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	char *part[3];

	for (int i = 0; i < 3; i++) {
		part[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);
		if (part[i] == MAP_FAILED)
			return false;
	}
	return munmap(part[1], 4096) == 0; /* whole, as it was mapped */
}
/* end of after */
