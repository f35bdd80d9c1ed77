/* SPDX-License-Identifier: MIT */
/*
 * 30_fragmented.c - a large buffer among small ones.
 * Run: nommu run build/examples/30_fragmented before|after
 */
#include "example.h"

#define PIECE ((size_t)64 << 10)
#define LARGE ((size_t)2 << 20)
#define PIECES 1008 /* 63 MiB: all that there is */

static void *pages(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* before */
static bool before(void)
{
	static char *piece[PIECES];

	for (int i = 0; i < PIECES; i++)
		piece[i] = pages(PIECE);
	for (int i = 0; i < PIECES; i += 2) /* 31 MiB are free, nowhere more than 64 KiB */
		if (piece[i] != MAP_FAILED)
			munmap(piece[i], PIECE);
	return pages(LARGE) != MAP_FAILED;
}
/* end of before */

/* after */
static bool after(void)
{
	static char *piece[PIECES];
	char *large = pages(LARGE); /* first, and kept */

	for (int i = 0; i < PIECES / 2; i++)
		piece[i] = pages(PIECE);
	for (int i = 0; i < PIECES / 2; i += 2)
		munmap(piece[i], PIECE);
	return large != MAP_FAILED;
}
/* end of after */
