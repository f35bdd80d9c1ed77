/* SPDX-License-Identifier: MIT */
/*
 * bench.h - times and ratios for nommu-bench. Ratios
 * of one run are what is claimed, hardly ever times.
 */
#ifndef NOMMU_TESTS_BENCH_H
#define NOMMU_TESTS_BENCH_H

#include <stdint.h>

#define BENCH_VARIABLES 16

/*
 * Nanoseconds of processor time of this thread, the
 * kernel's part included: other load does not count.
 */
uint64_t bench_now(void);

/*
 * Runs fn(context) in rounds of `count`, best of several rounds: nanoseconds for one. The best
 * round is the one that nothing disturbed.
 */
double bench_best(void (*fn)(void *, unsigned count), void *context, unsigned count);

/* One line: what, the figure, what is to be reached (0: nothing is), and whether it is. */
void bench_line(const char *what, double figure, const char *unit, double reach);

/*
 * Runs a program, its output into a file, with these variables and a few fixed ones. Returns
 * its status as of wait(), and in *cpu the milliseconds of processor time of it and of its
 * children that it waited for.
 */
int bench_child(char *const argv[], char *const with[], const char *output, double *cpu);

double bench_median(double *values, unsigned count); /* sorts them */

/* The parts; what each measures stands at the head of its file. */
void bench_machine(void);
void bench_malloc(void);
void bench_start(void);
void bench_programs(void);

#endif
