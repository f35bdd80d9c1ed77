/* SPDX-License-Identifier: MIT */
/*
 * 10_no_brk.c - an allocator's own memory.
 * Run: nommu run build/examples/10_no_brk before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	return sbrk(65536) != (void *)-1;
}
/* end of before */

/* after */
static bool after(void)
{
	return mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}
/* end of after */
