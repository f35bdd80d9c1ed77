/* SPDX-License-Identifier: MIT */
/* bench.h - times and ratios for nommu-bench. Ratios of one run are what is claimed, never times. */
#ifndef NOMMU_TESTS_BENCH_H
#define NOMMU_TESTS_BENCH_H

#include <stdint.h>

/* Nanoseconds of processor time of this thread, the kernel's part included: other load does not count. */
uint64_t bench_now(void);

/*
 * Runs fn(context) in rounds of `count`, best of several rounds: nanoseconds for one. The best round is the
 * one that nothing disturbed.
 */
double bench_best(void (*fn)(void *, unsigned count), void *context, unsigned count);

/* One line: what, the figure, what is to be reached, and whether it is. */
void bench_line(const char *what, double figure, const char *unit, double reach);

#endif
