/* SPDX-License-Identifier: MIT */
/*
 * 16_address_hint.c - memory near something else.
 * Run: nommu run build/examples/16_address_hint before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	char *first = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mmap(first + 65536, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	char *both = mmap(NULL, 65536 + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	return both != MAP_FAILED; /* one mapping where two must be near */
}
/* end of after */
