/* SPDX-License-Identifier: MIT */
/* slab.h - 64-byte records that are named by a number of 24 bits, outside of the heap's pages. */
#ifndef NOMMU_HEAP_SLAB_H
#define NOMMU_HEAP_SLAB_H

#include <stddef.h>
#include <stdint.h>

#define SLAB_RECORD 64u
#define SLAB_BLOCK_SHIFT 10
#define SLAB_BLOCKS (1u << (24 - SLAB_BLOCK_SHIFT))

struct slab {
	unsigned char **blocks; /* of 1024 records each */
	uint32_t made;		/* blocks that exist */
	uint32_t fresh;		/* first record that was never used; number 0 is never given */
	uint32_t free; /* first of those given back, or 0; linked through their first word */
};

long slab_init(struct slab *slab);
void slab_destroy(struct slab *slab);
/* a number, or 0 if there is no memory; contents undefined */
uint32_t slab_get(struct slab *slab);
void slab_put(struct slab *slab, uint32_t number);

static inline void *slab_record(const struct slab *slab, uint32_t number)
{
	unsigned char *block = slab->blocks[number >> SLAB_BLOCK_SHIFT];

	return block + (number & ((1u << SLAB_BLOCK_SHIFT) - 1)) * (size_t)SLAB_RECORD;
}

#endif
