/* SPDX-License-Identifier: MIT */
/*
 * uclibc.h - private to lib/heap: a block's tag and size in the uclibc model, for the model and
 * for the threads' caches in front of it. Tag of a live block: kind, shape (2 bits), granules (18
 * bits; 0: the size stands in the next two tags), granules of these that nobody asked for (10
 * bits). Tags of free areas: area.h.
 */
#ifndef NOMMU_HEAP_UCLIBC_H
#define NOMMU_HEAP_UCLIBC_H

#include "heap/area.h"

#define UCLIBC_SHAPE_SHIFT 2
#define UCLIBC_SHAPE 3u
#define UCLIBC_GRANULES_SHIFT 4
#define UCLIBC_GRANULES_MAX 0x3ffffUL
#define UCLIBC_SPARE_SHIFT 22
#define UCLIBC_UNMAP (8 * NOMMU_PAGE_SIZE) /* a free area of this size is unmapped */

enum uclibc_shape { SHAPE_EXACT, SHAPE_LARGER, SHAPE_SMALLER };

/* Header, multiples of 8, at least 24; not for sizes near the end of the address space. */
static inline uint64_t uclibc_libc_size(size_t size)
{
	uint64_t whole = ((uint64_t)size + 8 + 7) & ~7UL;

	return whole < 24 ? 24 : whole;
}

/*
 * Our size for the libc's: a multiple of 16 that differs by nothing or by 8, against the
 * balance. Sizes come in no order that a processor could foresee, so here and below there is
 * arithmetic and no branch.
 */
static inline uint64_t uclibc_shaped(int32_t *balance, uint64_t size, unsigned *shape)
{
	unsigned odd = size >> 3 & 1, smaller = odd & (unsigned)(*balance > 0);
	int32_t change = (int32_t)(odd << 3) - (int32_t)(smaller << 4);

	*balance += change;
	*shape = odd + smaller;
	return size + (uint64_t)(int64_t)change;
}

/*
 * The same for a thread's cache, where the next call would wait for this one's arithmetic: a guess
 * that is right as long as blocks are freed at once costs less.
 */
static inline uint64_t uclibc_shaped_by_guess(int32_t *balance, uint64_t size, unsigned *shape)
{
	unsigned odd = size >> 3 & 1;

	if (__builtin_expect_with_probability(*balance <= 0, 1, 0.9)) {
		__asm__("" : "+r"(odd)); /* or it becomes arithmetic again */
		*balance += (int32_t)(odd << 3);
		*shape = odd;
		return size + (odd << 3);
	}
	*balance -= (int32_t)(odd << 3);
	*shape = odd << 1;
	return size - (odd << 3);
}

/* Bytes that the block is larger than the libc's. */
static inline int32_t uclibc_surplus(uint32_t tag)
{
	uint32_t larger = tag >> UCLIBC_SHAPE_SHIFT & SHAPE_LARGER;
	uint32_t smaller = tag >> UCLIBC_SHAPE_SHIFT & SHAPE_SMALLER;

	return (int32_t)((tag >> UCLIBC_SPARE_SHIFT << GRANULE_SHIFT) + (larger << 3)) -
	       (int32_t)(smaller << 2);
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
	const uint32_t least = UCLIBC_UNMAP >> GRANULE_SHIFT;

	/* Sizes that do not fit into the tag stand there as 0. */
	return ((tag & TAG_KIND) == TAG_FREE) & ((tag >> AREA_TAG_SHIFT) - 1 >= least - 1);
}

uint64_t uclibc_block_size(struct heap *heap, uint64_t addr, uint32_t tag);
int32_t *uclibc_balance(struct heap *heap);

#endif
