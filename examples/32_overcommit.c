/* SPDX-License-Identifier: MIT */
/*
 * 32_overcommit.c - room for the worst case. Both work; the first takes all of it at once.
 * Run: nommu audit build/examples/32_overcommit before|after
 */
#include "example.h"

#define WORST ((size_t)3 << 20)

/* before */
static bool before(void)
{
	char *data = mmap(NULL, WORST, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (data == MAP_FAILED)
		return false;
	data[0] = 'x';
	return munmap(data, WORST) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	size_t size = 4096, used = 1;
	char *data = malloc(size), *more;

	while (data && used > size) { /* grows as it fills */
		more = realloc(data, size *= 2);
		if (!more)
			break;
		data = more;
	}
	free(data);
	return data != NULL;
}
/* end of after */
