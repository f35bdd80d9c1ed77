/* SPDX-License-Identifier: MIT */
/* 05_contiguous_limit.c - eight megabytes. Run: nommu run build/examples/05_contiguous_limit
 * before|after */
#include "example.h"

/* before */
static bool before(void)
{
	char *volatile all = malloc(8 << 20); /* one block; the largest has 4 MiB */
	bool worked = all != NULL;

	free(all);
	return worked;
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
