/* SPDX-License-Identifier: MIT */
/*
 * source.h - lines of source files, where the files are at hand. Not for several threads at once.
 */
#ifndef NOMMU_SYMBOL_SOURCE_H
#define NOMMU_SYMBOL_SOURCE_H

#include "kit/store.h"

/* NULL where the file or the line is not there. Valid until source_close(). */
const char *source_line(struct pool *pool, const char *file, uint32_t line);
void source_close(void);

/* The path as seen from the folder root, or from the current one. */
const char *source_relative(const char *file, const char *root, char *buf, size_t size);

#endif
