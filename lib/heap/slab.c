/* SPDX-License-Identifier: MIT */
/*
 * slab.c - records by number. A table of blocks that are mapped when they are first needed and kept
 * until the heap ends; numbers fit into a tag beside its kind. Under the heap's lock.
 */
#include "heap/slab.h"

#include <errno.h>

#include "heap/core.h"

#define BLOCK_SIZE ((size_t)SLAB_RECORD << SLAB_BLOCK_SHIFT)

long slab_init(struct slab *slab)
{
	slab->made = 0;
	slab->fresh = 1;
	slab->free = 0;
	slab->blocks = bookkeeping_map(SLAB_BLOCKS * sizeof *slab->blocks);
	return slab->blocks ? 0 : -ENOMEM;
}

void slab_destroy(struct slab *slab)
{
	for (uint32_t i = 0; i < slab->made; i++)
		bookkeeping_unmap(slab->blocks[i], BLOCK_SIZE);
	bookkeeping_unmap(slab->blocks, SLAB_BLOCKS * sizeof *slab->blocks);
}

uint32_t slab_get(struct slab *slab)
{
	uint32_t number = slab->free;

	if (number) {
		slab->free = *(uint32_t *)slab_record(slab, number);
		return number;
	}
	number = slab->fresh;
	if (number >> SLAB_BLOCK_SHIFT >= slab->made) {
		void *block;

		if (slab->made == SLAB_BLOCKS)
			return 0;
		block = bookkeeping_map(BLOCK_SIZE);
		if (!block)
			return 0;
		__atomic_store_n(&slab->blocks[slab->made], block, __ATOMIC_RELEASE);
		slab->made++;
	}
	slab->fresh = number + 1;
	return number;
}

void slab_put(struct slab *slab, uint32_t number)
{
	*(uint32_t *)slab_record(slab, number) = slab->free;
	slab->free = number;
}
