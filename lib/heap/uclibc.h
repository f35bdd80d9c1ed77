/* SPDX-License-Identifier: MIT */
/*
 * uclibc.h - private to lib/heap: a block's tag and size in the uclibc model, for the model and for the
 * threads' caches in front of it. Tag of a live block: kind, shape (2 bits), granules (18 bits; 0: the size
 * stands in the next two tags), granules of these that nobody asked for (10 bits). Tag of a free area, at
 * both ends: kind, whether it is large, number in the pool.
 */
#ifndef NOMMU_HEAP_UCLIBC_H
#define NOMMU_HEAP_UCLIBC_H

#include "heap/core.h"

#define UCLIBC_SHAPE_SHIFT 2
#define UCLIBC_SHAPE 3u
#define UCLIBC_GRANULES_SHIFT 4
#define UCLIBC_GRANULES_MAX 0x3ffffUL
#define UCLIBC_SPARE_SHIFT 22
#define UCLIBC_FREE_LARGE 4u
#define UCLIBC_FREE_SHIFT 3

enum uclibc_shape { SHAPE_EXACT, SHAPE_SMALLER, SHAPE_LARGER };

/* Header, multiples of 8, at least 24; not for sizes near the end of the address space. */
static inline uint64_t uclibc_libc_size(size_t size)
{
	uint64_t whole = ((uint64_t)size + 8 + 7) & ~7UL;

	return whole < 24 ? 24 : whole;
}

/* Our size for the libc's: a multiple of 16 that differs by nothing or by 8, against the balance. */
static inline uint64_t uclibc_shaped(int32_t *balance, uint64_t size, unsigned *shape)
{
	if (!(size & 8)) {
		*shape = SHAPE_EXACT;
		return size;
	}
	if (*balance > 0) {
		*balance -= 8;
		*shape = SHAPE_SMALLER;
		return size - 8;
	}
	*balance += 8;
	*shape = SHAPE_LARGER;
	return size + 8;
}

/* Bytes that the block is larger than the libc's. */
static inline int32_t uclibc_surplus(uint32_t tag)
{
	uint32_t shape = tag >> UCLIBC_SHAPE_SHIFT & UCLIBC_SHAPE;
	int32_t spare = (int32_t)(tag >> UCLIBC_SPARE_SHIFT << GRANULE_SHIFT);

	return spare + (shape == SHAPE_EXACT ? 0 : shape == SHAPE_LARGER ? 8 : -8);
}

static inline uint32_t uclibc_granules(uint32_t tag)
{
	return tag >> UCLIBC_GRANULES_SHIFT & UCLIBC_GRANULES_MAX;
}

/* The block comes (1) or goes (-1). */
static inline void uclibc_settle(int32_t *balance, uint32_t tag, int direction)
{
	*balance += direction * uclibc_surplus(tag);
}

/* A free area that would be unmapped if it were whole mappings starts or ends here. */
static inline bool uclibc_large_area(uint32_t tag)
{
	return (tag & (TAG_KIND | UCLIBC_FREE_LARGE)) == (TAG_FREE | UCLIBC_FREE_LARGE);
}

uint64_t uclibc_block_size(struct heap *heap, uint64_t addr, uint32_t tag);
int32_t *uclibc_balance(struct heap *heap);

#endif
