/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 7

uint64_t bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

double bench_best(void (*fn)(void *, unsigned count), void *context, unsigned count)
{
	double best = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = bench_now();
		double ns;

		fn(context, count);
		ns = (double)(bench_now() - start) / count;
		if (!round || ns < best)
			best = ns;
	}
	return best;
}

void bench_line(const char *what, double figure, const char *unit, double reach)
{
	if (reach > 0)
		printf("%-68s %9.2f %-6s to reach %6.2f  %s\n", what, figure, unit, reach,
		       figure <= reach ? "reached" : "MISSED");
	else
		printf("%-68s %9.2f %-6s\n", what, figure, unit);
	fflush(stdout);
}
