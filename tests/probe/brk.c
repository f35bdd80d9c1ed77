/* SPDX-License-Identifier: MIT */
/* The break cannot grow. */
#include "probe.h"

void *__sbrk(intptr_t);

int main(void)
{
	char *now = sbrk(0);

	SHOW(now);
	SHOW(sbrk(64 * PAGE));
	SHOW(__sbrk(64 * PAGE));
	SHOW(brk(now + 256 * PAGE));
	SHOW(brk(sbrk(0)));
	return 0;
}
