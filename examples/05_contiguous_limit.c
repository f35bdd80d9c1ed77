/* SPDX-License-Identifier: MIT */
/*
 * 05_contiguous_limit.c - eight megabytes.
 * Run: nommu run build/examples/05_contiguous_limit before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	char *all = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return all != MAP_FAILED; /* one block; the largest has 4 MiB */
}
/* end of before */

/* after */
#define PIECE (512u << 10)

static bool after(void)
{
	char *piece[(8u << 20) / PIECE];
	bool worked = true;

	for (size_t i = 0; i < sizeof piece / sizeof piece[0]; i++) {
		piece[i] = malloc(PIECE);
		worked = worked && piece[i];
	}
	for (size_t i = 0; i < sizeof piece / sizeof piece[0]; i++)
		free(piece[i]);
	return worked;
}
/* end of after */
