/* SPDX-License-Identifier: MIT */
/* child.c - programs with and without the library in front, in turns; see bench.h. */
#include "bench/bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Few variables, so that nothing of the environment
 * decides; and hashes that are the same each time.
 */
static char *const plain[] = { "PATH=/usr/bin:/bin", "LC_ALL=C",	 "HOME=/tmp",
			       "PYTHONHASHSEED=0",   "PERL_HASH_SEED=0", NULL };

static double milliseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void make_environment(char *env[BENCH_VARIABLES], char *const with[])
{
	unsigned count = 0;

	for (unsigned i = 0; plain[i]; i++)
		env[count++] = plain[i];
	for (unsigned i = 0; with && with[i] && count < BENCH_VARIABLES - 1; i++)
		env[count++] = with[i];
	env[count] = NULL;
}

int bench_child(char *const argv[], char *const with[], const char *output, double *cpu)
{
	char *env[BENCH_VARIABLES];
	posix_spawn_file_actions_t files;
	struct rusage use;
	int status = -1;
	pid_t pid;

	make_environment(env, with);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &files, NULL, argv, env) == 0 &&
	    wait4(pid, &status, 0, &use) == pid)
		*cpu = milliseconds(use.ru_utime) + milliseconds(use.ru_stime);
	posix_spawn_file_actions_destroy(&files);
	return status;
}

static int by_value(const void *one, const void *two)
{
	double a = *(const double *)one, b = *(const double *)two;

	return (a > b) - (a < b);
}

double bench_median(double *values, unsigned count)
{
	qsort(values, count, sizeof *values, by_value);
	return values[count / 2];
}
