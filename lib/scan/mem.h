/* SPDX-License-Identifier: MIT */
/*
 * mem.h - memory that lives as long as one file's result.
 * Out of memory ends the program: there is no result.
 */
#ifndef NOMMU_SCAN_MEM_H
#define NOMMU_SCAN_MEM_H

#include <stddef.h>

#include "base/compiler.h"

struct scan_pool;

struct scan_pool *mem_new(void);
void mem_free(struct scan_pool *pool);
void *mem_alloc(struct scan_pool *pool, size_t size); /* zeroed, aligned for any type */
char *mem_copy(struct scan_pool *pool, const char *text);
char *mem_format(struct scan_pool *pool, const char *format, ...) nommu_printf(2, 3);

/* realloc() for the scanner's own tables, of count elements; never NULL. */
void *mem_grow(void *old, size_t count, size_t size);

#endif
