/* SPDX-License-Identifier: MIT */
/*
 * pool.c - records by number. A table of blocks that are mapped when they are first needed and kept
 * until the heap ends; numbers fit into a tag beside its kind. Under the heap's lock.
 */
#include "heap/pool.h"

#include <errno.h>

#include "heap/core.h"

#define BLOCK_SIZE ((size_t)POOL_RECORD << POOL_BLOCK_SHIFT)

long pool_init(struct pool *pool)
{
	pool->made = 0;
	pool->fresh = 1;
	pool->free = 0;
	pool->blocks = bookkeeping_map(POOL_BLOCKS * sizeof *pool->blocks);
	return pool->blocks ? 0 : -ENOMEM;
}

void pool_destroy(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->made; i++)
		bookkeeping_unmap(pool->blocks[i], BLOCK_SIZE);
	bookkeeping_unmap(pool->blocks, POOL_BLOCKS * sizeof *pool->blocks);
}

uint32_t pool_get(struct pool *pool)
{
	uint32_t number = pool->free;

	if (number) {
		pool->free = *(uint32_t *)pool_record(pool, number);
		return number;
	}
	number = pool->fresh;
	if (number >> POOL_BLOCK_SHIFT >= pool->made) {
		void *block;

		if (pool->made == POOL_BLOCKS)
			return 0;
		block = bookkeeping_map(BLOCK_SIZE);
		if (!block)
			return 0;
		__atomic_store_n(&pool->blocks[pool->made], block, __ATOMIC_RELEASE);
		pool->made++;
	}
	pool->fresh = number + 1;
	return number;
}

void pool_put(struct pool *pool, uint32_t number)
{
	*(uint32_t *)pool_record(pool, number) = pool->free;
	pool->free = number;
}
