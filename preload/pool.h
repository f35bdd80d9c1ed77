/* SPDX-License-Identifier: MIT */
/*
 * pool.h - blocks for whoever allocates before malloc is ready: the loader, or libc inside dlsym.
 */
#ifndef NOMMU_PRELOAD_POOL_H
#define NOMMU_PRELOAD_POOL_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed, aligned to 64; NULL when the pool is used up. */
void *pool_malloc(size_t size);

/* Whether the block came from there; it is then never freed. */
bool pool_has(const void *block);

/* What was asked for. */
size_t pool_size(const void *block);

#endif
