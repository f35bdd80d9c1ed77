/* SPDX-License-Identifier: MIT */
/*
 * hpux.h - private to the tests of HP-UX: the states
 * that rows begin with, and how rows are written.
 */
#ifndef NOMMU_TESTS_POLICY_HPUX_H
#define NOMMU_TESTS_POLICY_HPUX_H

#include <errno.h>
#include <sys/mman.h>

#include "row.h"

#define HPUX_RAM (8ULL << 20)
#define POOL (HPUX_RAM / 8 * 7 / P) /* pages of swap: there is no other */
#define HERE 0x700000000000ULL	    /* where the scene's mapping is */

/* Eight pages at HERE, reserved. */
void mapping(struct scene *s);
/* ... and eight more behind them. */
void two_neighbours(struct scene *s);
/* ... and eight more, with a page between. */
void two_apart(struct scene *s);
/* ... and 64 without a reserve, of which 5 were written. */
void written(struct scene *s);
/* A copy of the file's first eight pages. */
void private_file(struct scene *s);
/* Pages 2 to 5 of the file are mapped shared, where all processes have them. */
void shared_file(struct scene *s);
/* ... by another process. */
void shared_by_another(struct scene *s);
/* All swap is reserved. */
void empty(struct scene *s);
/* More than half of it. */
void half_empty(struct scene *s);
/* The addresses of shared objects are all taken. */
void window_full(struct scene *s);
/* A System V segment of four pages. */
void segment(struct scene *s);
/* ... that is attached. */
void attached(struct scene *s);
/* ... by another process. */
void attached_by_another(struct scene *s);

/* ---- how a row says what is answered; DONE: with so many pages reserved ---- */

#define IS(r, a, ...)                                                                              \
	.result = { [PROFILE_HPUX_11_31] = (r) }, .action = { [PROFILE_HPUX_11_31] = (a) },        \
	.rules = { [PROFILE_HPUX_11_31] = { __VA_ARGS__ } }
#define REFUSED(r, ...) IS(r, ACT_NONE, __VA_ARGS__)
#define DONE(n, ...) IS(0, ACT_VIRTUAL, __VA_ARGS__), .swap = (n)

extern const struct row_table hpux_mmap_rows, hpux_range_rows, hpux_call_rows;

#endif
