/* SPDX-License-Identifier: MIT */
/*
 * linux.h - private to the tests of a Linux without an MMU: the states that rows begin with, and
 * how rows are written. A row whose profiles agree says so once.
 */
#ifndef NOMMU_TESTS_POLICY_LINUX_H
#define NOMMU_TESTS_POLICY_LINUX_H

#include <errno.h>
#include <sys/mman.h>

#include "row.h"

/* Where the scene's mapping is. */
uint64_t address(const struct scene *s, uint32_t vma);

/* Eight anonymous pages. */
void mapping(struct scene *s);
/* Two mappings of eight pages side by side; the lower one is the scene's. */
void two_neighbours(struct scene *s);
/* Eight pages of which mremap left five. */
void shrunk(struct scene *s);
/* A memory-backed file whose pages lie side by side. */
void sized_file(struct scene *s);
/* ... that is mapped shared as a whole. */
void mapped_file(struct scene *s);
/* ... of which pages 2 to 5 are mapped. */
void mapped_part(struct scene *s);
/* A read-only copy of pages 2 to 5 of a file on a disk. */
void shared_copy(struct scene *s);
/* ... of another process. */
void shared_copy_of_another(struct scene *s);
/* A writable copy of the first pages of a file. */
void private_file(struct scene *s);
/* A System V segment. */
void segment(struct scene *s);
/* ... that is attached. */
void attached(struct scene *s);
/* Not a page is free. */
void empty(struct scene *s);
/* Every second page is free. */
void fragmented(struct scene *s);

/* ---- how a row says what is answered: strict, linux-6.12 ---- */

#define BOTH(r, a, ...)                                                                            \
	.result = { r, r }, .action = { a, a }, .rules = { { __VA_ARGS__ }, { __VA_ARGS__ } }
#define REFUSED(r, ...) BOTH(r, ACT_NONE, __VA_ARGS__)

extern const struct row_table linux_mmap_rows, linux_file_rows, linux_range_rows, linux_object_rows;

#endif
