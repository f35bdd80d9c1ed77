/* SPDX-License-Identifier: MIT */
/*
 * 04_fixed_address.c - a buffer that grows.
 * Run: nommu run build/examples/04_fixed_address before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	/* Reserve addresses, put memory there when it is needed. */
	char *space =
		mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return space != MAP_FAILED &&
	       mmap(space, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    -1, 0) != MAP_FAILED;
}
/* end of before */

/* after */
struct piece {
	struct piece *next; /* pieces are linked, they need not be neighbours */
	char data[64 << 10];
};

static bool after(void)
{
	struct piece *first = malloc(sizeof *first);

	if (!first)
		return false;
	first->next = NULL;
	free(first);
	return true;
}
/* end of after */
