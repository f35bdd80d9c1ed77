/* SPDX-License-Identifier: MIT */
/* pool.c - memory for the time before malloc is ready; it is handed out once and never again. */
#include "pool.h"

#include "base/compiler.h"

#define POOL_ALIGN 64 /* enough for whoever asks the pool for alignment */

static char pool[32768] __attribute__((aligned(POOL_ALIGN)));
static size_t pool_used;

bool pool_has(const void *block)
{
	return (const char *)block >= pool && (const char *)block < pool + sizeof pool;
}

/* The size stands before the block. Zeroed, since nothing is used twice. */
void *pool_malloc(size_t size)
{
	size_t need = POOL_ALIGN + ((size + POOL_ALIGN - 1) & ~(size_t)(POOL_ALIGN - 1));
	size_t at;

	if (size > sizeof pool / 2 ||
	    (at = __atomic_fetch_add(&pool_used, need, __ATOMIC_RELAXED)) > sizeof pool - need)
		return NULL;
	*(size_t *)(pool + at) = size;
	return pool + at + POOL_ALIGN;
}

size_t pool_size(const void *block)
{
	return *(const size_t *)((const char *)block - POOL_ALIGN);
}
