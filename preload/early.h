/* SPDX-License-Identifier: MIT */
/*
 * early.h - blocks for whoever allocates before malloc is ready: the loader, or libc inside dlsym.
 */
#ifndef NOMMU_PRELOAD_EARLY_H
#define NOMMU_PRELOAD_EARLY_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed, aligned to 64; NULL when all is used up. */
void *early_malloc(size_t size);

/* Whether the block came from there; it is then never freed. */
bool early_has(const void *block);

/* What was asked for. */
size_t early_size(const void *block);

#endif
