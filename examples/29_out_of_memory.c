/* SPDX-License-Identifier: MIT */
/*
 * 29_out_of_memory.c - reserve in plenty, use little.
 * Run: nommu run build/examples/29_out_of_memory before|after
 */
#include "example.h"

#define MIB ((size_t)1 << 20)

/* before */
static bool before(void)
{
	for (int i = 0; i < 128; i++) { /* 128 MiB, of which one page each is touched */
		char *data = malloc(MIB);

		if (!data)
			return false;
		data[0] = 'x';
	}
	return true;
}
/* end of before */

/* after */
static bool after(void)
{
	for (int i = 0; i < 128; i++) { /* what is used, and given back */
		char *data = malloc(4096);

		if (!data)
			return false;
		data[0] = 'x';
		free(data);
	}
	return true;
}
/* end of after */
