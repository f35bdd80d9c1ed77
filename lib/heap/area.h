/* SPDX-License-Identifier: MIT */
/*
 * area.h - private to lib/heap: free areas in order of address, and the first that is large
 * enough. An area is two tags, one at each end, that say its size; each chunk of addresses has an
 * index above its tags: which granules start an area, and for every 64 granules the largest that
 * starts there, and for every 16 of these the largest again, four times. So a search looks at 16
 * figures at a time, five times, where a list costs the number of areas and a tree costs its
 * balance. Under the heap's lock.
 */
#ifndef NOMMU_HEAP_AREA_H
#define NOMMU_HEAP_AREA_H

#include "heap/core.h"

#define AREA_TAG_SHIFT 2 /* granules; 0: they stand in the next two tags inwards */
#define AREA_GRANULES_MAX 0x3fffffffUL

struct area {
	uint64_t start; /* address */
	uint64_t size;	/* bytes; 0: there is none */
};

/* The bytes become free, joined with the areas that they touch; the area that they lie in now. */
struct area area_release(struct heap *heap, uint64_t start, uint64_t size);
/* Takes that many bytes from the front, or all. */
void area_take(struct heap *heap, struct area area, uint64_t size);
/* The lowest area of at least size bytes, or none. */
struct area area_first_fit(struct heap *heap, uint64_t size);
/* The area that starts there, or none. */
struct area area_at(struct heap *heap, uint64_t addr);
/* Tags and index agree. */
bool areas_valid(struct heap *heap);

#endif
