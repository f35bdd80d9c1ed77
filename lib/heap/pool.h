/* SPDX-License-Identifier: MIT */
/* pool.h - 64-byte records that are named by a number of 24 bits, outside of the heap's pages. */
#ifndef NOMMU_HEAP_POOL_H
#define NOMMU_HEAP_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_RECORD 64u
#define POOL_BLOCK_SHIFT 10
#define POOL_BLOCKS (1u << (24 - POOL_BLOCK_SHIFT))

struct pool {
	unsigned char **blocks; /* of 1024 records each */
	uint32_t made;		/* blocks that exist */
	uint32_t fresh;		/* first record that was never used; number 0 is never given */
	uint32_t free; /* first of those given back, or 0; linked through their first word */
};

long pool_init(struct pool *pool);
void pool_destroy(struct pool *pool);
/* a number, or 0 if there is no memory; contents undefined */
uint32_t pool_get(struct pool *pool);
void pool_put(struct pool *pool, uint32_t number);

static inline void *pool_record(const struct pool *pool, uint32_t number)
{
	unsigned char *block = pool->blocks[number >> POOL_BLOCK_SHIFT];

	return block + (number & ((1u << POOL_BLOCK_SHIFT) - 1)) * (size_t)POOL_RECORD;
}

#endif
