/* SPDX-License-Identifier: MIT */
/*
 * A program that brings its own malloc with a lock, as those with jemalloc linked in do. The
 * library is started by its first mmap, and must not need the allocator then.
 */
#include <pthread.h>

#include "probe.h"

#define POOL MIB
#define UNIT 64

#pragma GCC visibility push(default)

extern void *first_block; /* of our library, whose constructor came first */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *pool;
static size_t used;

void *malloc(size_t size)
{
	char *block = NULL;

	size = (size + 2 * UNIT - 1) / UNIT * UNIT; /* its size is kept before it */
	pthread_mutex_lock(&lock);
	if (!pool)
		pool = anonymous(POOL);
	if (pool != MAP_FAILED && size < POOL - used) {
		block = pool + used;
		used += size;
	}
	pthread_mutex_unlock(&lock);
	if (!block)
		return NULL;
	*(size_t *)block = size - UNIT;
	return block + UNIT;
}

void free(void *block)
{
	(void)block;
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size); /* fresh pages are zeroed, and nothing is used twice */
}

void *realloc(void *block, size_t size)
{
	void *to = malloc(size);
	size_t old = block ? *(size_t *)((char *)block - UNIT) : 0;

	return to ? memcpy(to, block ? block : "", old < size ? old : size) : NULL;
}

int main(void)
{
	char *copy = strdup("mine");

	SHOW_NUMBER(copy > pool && copy < pool + used);
	SHOW_NUMBER((char *)first_block == pool + UNIT);
	SHOW(anonymous(8 * MIB));
	SHOW(fork() ?: (_exit(0), 0));
	wait(NULL);
	return 0;
}
