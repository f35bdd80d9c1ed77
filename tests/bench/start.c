/* SPDX-License-Identifier: MIT */
/*
 * start.c - what the start and end of a program cost more with the library in front: processor
 * time of /bin/true, in turns with one without, the median of the differences. With an own machine
 * the program makes and removes it; joining, there is one already. And a program of half a second
 * that makes a hundred calls.
 */
#include <nommu/nommu.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

#define ROUNDS 101
#define FEW_ROUNDS 31
#define PRELOAD "LD_PRELOAD=" BENCH_LIBRARY

static char record[64];

static double more(char *const with[])
{
	static char *const argv[] = { "/bin/true", NULL };
	double plain, ours, difference[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		if (bench_child(argv, NULL, "/dev/null", &plain) ||
		    bench_child(argv, with, "/dev/null", &ours))
			return 1e9;
		difference[i] = ours - plain;
	}
	return bench_median(difference, ROUNDS);
}

static void own_machine(void)
{
	char *run[] = { PRELOAD, NULL };
	char *large[] = { PRELOAD, "NOMMU_RAM=1G", NULL };
	char *audit[] = { PRELOAD, "NOMMU_MODE=audit", record, NULL };

	bench_line("start: own machine of 64 MiB, run", more(run), "ms", 2);
	bench_line("start: own machine of 64 MiB, audit, recorded", more(audit), "ms", 2);
	bench_line("start: own machine of 1 GiB, run", more(large), "ms", 2);
}

static void joining(bool audit, const char *what)
{
	char option[sizeof record], path[NOMMU_PATH_SIZE], error[NOMMU_ERROR_SIZE],
		ledger[NOMMU_PATH_SIZE + 16];
	const char *options[] = { audit ? "mode=audit" : "mode=run", audit ? option : NULL, NULL };
	char *with[] = { PRELOAD, ledger, NULL };

	snprintf(option, sizeof option, "record%s", strchr(record, '='));
	if (nommu_create(options, path, error)) {
		printf("%s: %s\n", what, error);
		return;
	}
	snprintf(ledger, sizeof ledger, "NOMMU_LEDGER=%s", path);
	bench_line(what, more(with), "ms", 2);
	nommu_destroy();
}

static void few_calls(void)
{
	static char *const argv[] = { BENCH_PAIRS, "few", "1", NULL };
	char *audit[] = { PRELOAD, "NOMMU_MODE=audit", record, NULL };
	double plain, ours, ratio[FEW_ROUNDS];

	for (int i = 0; i < FEW_ROUNDS; i++) {
		if (bench_child(argv, NULL, "/dev/null", &plain) ||
		    bench_child(argv, audit, "/dev/null", &ours))
			return;
		ratio[i] = ours / plain;
	}
	bench_line("a program that makes few calls, audit, recorded",
		   bench_median(ratio, FEW_ROUNDS), "x", 1.01);
}

void bench_start(void)
{
	snprintf(record, sizeof record, "NOMMU_RECORD=/dev/shm/nommu-bench-%d.rec", (int)getpid());
	own_machine();
	joining(false, "start: joining a machine, run");
	joining(true, "start: joining a machine, audit, recorded");
	few_calls();
	unlink(strchr(record, '=') + 1);
}
