/* SPDX-License-Identifier: MIT */
/* bench_heap.h - pairs of malloc and free, ours against libc's, for the benchmark program. */
#ifndef NOMMU_TESTS_HEAP_BENCH_HEAP_H
#define NOMMU_TESTS_HEAP_BENCH_HEAP_H

#include "heap/heap.h"

enum bench_pattern {
	BENCH_SAME,   /* one size after the other: 16, 32 ... 4096; freed at once */
	BENCH_RANDOM, /* sizes of 16 to 4096 in random order; freed at once */
	BENCH_HELD,   /* the same, 64 blocks held; a random one is freed for each new one */
	BENCH_PATTERNS
};

struct bench_ratio {
	double ours;  /* nanoseconds for a pair, the median of the rounds */
	double libcs;
	double ratio; /* median of the rounds' ratios */
};

const char *bench_pattern_name(enum bench_pattern pattern);
/* Ours and libc's in turns, in one run, by so many threads at once. */
struct bench_ratio bench_heap_pairs(const struct heap_model *model, enum bench_pattern pattern,
				    int threads);
/* All models, patterns and 1 and 4 threads, a line each to stdout. */
void bench_heap_print(void);

#endif
