/* SPDX-License-Identifier: MIT */
/* A library whose constructor, before ours, asks the program's allocator for its first block. */
#include <stdlib.h>

extern void *first_block;
void *first_block;

__attribute__((constructor)) static void early(void)
{
	first_block = malloc(1);
}
