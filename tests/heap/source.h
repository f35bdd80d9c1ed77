/* SPDX-License-Identifier: MIT */
/*
 * source.h - pages for heaps under test: from the host's mmap, or (a strip) first fit from
 * one range of addresses, counted, and refused on demand. Unmapped pages of a strip stay
 * readable, filled with 0xdd.
 */
#ifndef NOMMU_TESTS_HEAP_SOURCE_H
#define NOMMU_TESTS_HEAP_SOURCE_H

#include "heap/heap.h"

struct strip {
	unsigned char *start;
	size_t pages;
	unsigned char *taken;	/* per page: 0 free, 1 first of a mapping, 2 further */
	size_t in_use;		/* pages */
	size_t largest_allowed; /* pages of one request, 0: any */
	long calls;		/* of map so far */
	long fail_at;		/* refuse this call of map (1..), 0: none */
	bool exact;		/* every unmap was of one whole mapping */
};

struct strip *strip_make(size_t pages);
void strip_free(struct strip *strip);
struct heap_source strip_source(struct strip *strip);
struct heap_source host_source(void);

#endif
