/* SPDX-License-Identifier: MIT */
/*
 * follow.h - what can happen from an address on, if
 * the result of the call before it has a given value.
 */
#ifndef NOMMU_SCAN_FOLLOW_H
#define NOMMU_SCAN_FOLLOW_H

#include "scan/code.h"

/* What a walk met. */
struct outcome {
	bool execs, exits, returns, jumps, waits, sessions, stops, lost, loops;
	bool has_result; /* every return so far gave this value */
	int64_t result;
	unsigned own_calls, calls;
};

struct sum;

/* What is known of the file's functions so far; begins as zero. */
struct sums {
	struct sum *sum;
	size_t count;
};

struct outcome follow(struct code *code, struct sums *sums, uint64_t addr, int64_t value);
void follow_end(struct sums *sums);

#endif
