/* SPDX-License-Identifier: MIT */
/*
 * 34_stack_depth.c - a large buffer for a moment. Without an MMU a stack does not grow: what is too
 * deep runs into other memory, and nobody stops it.
 * Run: nommu audit build/examples/34_stack_depth before|after
 */
#include "example.h"

#define LINES 1600
#define LINE 128

/* Its buffer is its own frame's, and not main's. */
static __attribute__((noinline)) bool before(void);

/* before */
static bool before(void)
{
	char text[LINES][LINE]; /* 200 KiB, the stack has 128 */

	for (int i = 0; i < LINES; i++)
		snprintf(text[i], LINE, "line %d", i);
	return strcmp(text[LINES - 1], "line 1599") == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	/* or static, or a larger stack: -z stack-size */
	char(*text)[LINE] = malloc(LINES * sizeof *text);
	bool right;

	if (!text)
		return false;
	for (int i = 0; i < LINES; i++)
		snprintf(text[i], LINE, "line %d", i);
	right = strcmp(text[LINES - 1], "line 1599") == 0;
	free(text);
	return right;
}
/* end of after */
