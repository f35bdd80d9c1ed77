/* SPDX-License-Identifier: MIT */
/*
 * 03_absent_call.c - a buffer that is not written again.
 * Run: nommu run build/examples/03_absent_call before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	char *table = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return false;
	table[0] = 1;
	return mprotect(table, 4096, PROT_READ) == 0; /* ENOSYS */
}
/* end of before */

/* after */
static bool after(void)
{
	char *table = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return false;
	table[0] = 1;
	/* Protection is a help against errors, not something that the program needs. */
	return mprotect(table, 4096, PROT_READ) == 0 || errno == ENOSYS;
}
/* end of after */
