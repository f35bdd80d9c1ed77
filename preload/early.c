/* SPDX-License-Identifier: MIT */
/* early.c - memory for the time before malloc is ready; it is handed out once and never again. */
#include "early.h"

#include "base/compiler.h"

#define EARLY_ALIGN 64 /* enough for whoever asks early for alignment */

static char memory[32768] __attribute__((aligned(EARLY_ALIGN)));
static size_t used;

bool early_has(const void *block)
{
	return (const char *)block >= memory && (const char *)block < memory + sizeof memory;
}

/* The size stands before the block. Zeroed, since nothing is used twice. */
void *early_malloc(size_t size)
{
	size_t need = EARLY_ALIGN + ((size + EARLY_ALIGN - 1) & ~(size_t)(EARLY_ALIGN - 1));
	size_t at;

	if (size > sizeof memory / 2 ||
	    (at = __atomic_fetch_add(&used, need, __ATOMIC_RELAXED)) > sizeof memory - need)
		return NULL;
	*(size_t *)(memory + at) = size;
	return memory + at + EARLY_ALIGN;
}

size_t early_size(const void *block)
{
	return *(const size_t *)((const char *)block - EARLY_ALIGN);
}
