/* SPDX-License-Identifier: MIT */
/*
 * malloc.c - a pair of malloc and free in a program with the library in front, as nommu run has it,
 * against the same program without: the median of the ratios of runs in turns. bench_pairs says
 * what the patterns are. Time is that of the thread, or with four threads what the clock on the
 * wall says, divided by four.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench.h"

#define ROUNDS 9

static double pair(char *pattern, char *threads, char *const with[])
{
	char path[] = "/tmp/nommu-bench.XXXXXX";
	char *argv[] = { BENCH_PAIRS, pattern, threads, NULL };
	int fd = mkstemp(path);
	double nanoseconds = 0, cpu;
	FILE *file;

	if (fd < 0)
		return 0;
	if (bench_child(argv, with, path, &cpu) == 0) {
		file = fdopen(fd, "r");
		if (!file || fscanf(file, "%lf", &nanoseconds) != 1)
			nanoseconds = 0;
		if (file)
			fclose(file);
	} else {
		close(fd);
	}
	unlink(path);
	return nanoseconds;
}

static void compare(char *mode, char *model, char *pattern, char *threads)
{
	char libc[40], kind[24], what[80];
	char *with[] = { "LD_PRELOAD=" BENCH_LIBRARY, kind, libc, NULL };
	double ours[ROUNDS], theirs[ROUNDS], ratios[ROUNDS];

	snprintf(libc, sizeof libc, "NOMMU_LIBC=%s", model);
	snprintf(kind, sizeof kind, "NOMMU_MODE=%s", mode);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = pair(pattern, threads, with);
		theirs[i] = pair(pattern, threads, NULL);
		if (!(ours[i] > 0) || !(theirs[i] > 0)) {
			printf("%s %s %s: the program failed\n", mode, model, pattern);
			return;
		}
		ratios[i] = ours[i] / theirs[i];
	}
	snprintf(what, sizeof what, "malloc %s %s, %s, %s thread%s: %.0f ns to %.0f", mode, model,
		 pattern, threads, *threads == '1' ? "" : "s", bench_median(ours, ROUNDS),
		 bench_median(theirs, ROUNDS));
	bench_line(what, bench_median(ratios, ROUNDS), "x", *threads == '1' ? 1.5 : 2);
}

void bench_malloc(void)
{
	static char *const models[] = { "uclibc", "uclibc-simple", "musl" };
	static char *const patterns[] = { "same", "random", "held" };

	for (unsigned i = 0; i < 3; i++)
		for (unsigned j = 0; j < 3; j++) {
			compare("run", models[i], patterns[j], "1");
			compare("run", models[i], patterns[j], "4");
		}
	for (unsigned i = 0; i < 3; i++)
		compare("audit", models[i], "held", "1");
}
