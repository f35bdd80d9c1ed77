/* SPDX-License-Identifier: MIT */
/* apart.h - blocks in pages of their own, for handlers that interrupted the heap. */
#ifndef NOMMU_PRELOAD_APART_H
#define NOMMU_PRELOAD_APART_H

#include <stddef.h>
#include <stdint.h>

struct apart {
	uint64_t magic;
	uint64_t len; /* bytes mapped */
};

#define APART_ALIGN 64 /* of a block; no more can be had */

/* NULL if there are no pages. */
void *apart_malloc(size_t size);
/* For a pointer that the heap does not know: such a block, or NULL. */
struct apart *apart_of(const void *block);
size_t apart_size(const struct apart *apart); /* bytes of the block */
void apart_free(const void *block);	      /* does nothing if it is none */

#endif
