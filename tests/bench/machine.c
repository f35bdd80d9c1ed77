/* SPDX-License-Identifier: MIT */
/*
 * machine.c - the machine without preloading: mapping, writing and unmapping against the host's
 * mmap and munmap, and what the bookkeeping costs by itself, also with many mappings and many
 * processes. Processor time of the thread, the best of several rounds.
 */
#include <nommu/nommu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define UNINITIALIZED 0x4000000

static void die(const char *what)
{
	fprintf(stderr, "nommu-bench: %s\n", what);
	exit(1);
}

/* ---- map, write every page, unmap ---- */

static void touch(char *at, size_t len)
{
	for (size_t i = 0; i < len; i += 4096)
		at[i] = 1;
}

static void host_write(void *context, unsigned count)
{
	size_t len = *(size_t *)context;

	while (count--) {
		char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);

		touch(at, len);
		munmap(at, len);
	}
}

static void machine_write(void *context, unsigned count)
{
	size_t len = *(size_t *)context;

	while (count--) {
		long at = nommu_mmap(0, len, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);

		if (at < 0)
			die("the machine refused a mapping");
		touch((char *)at, len);
		nommu_munmap((uint64_t)at, len);
	}
}

/* ---- bookkeeping alone: memory that is not cleared and not touched ---- */

static void machine_pair(void *context, unsigned count)
{
	size_t len = *(size_t *)context;

	while (count--) {
		long at =
			nommu_mmap(0, len, PROT_READ | PROT_WRITE, PRIVATE | UNINITIALIZED, -1, 0);

		if (at < 0)
			die("the machine refused a mapping");
		nommu_munmap((uint64_t)at, len);
	}
}

static void hold(unsigned mappings)
{
	for (unsigned i = 0; i < mappings; i++)
		if (nommu_mmap(0, 4096, PROT_READ, PRIVATE | UNINITIALIZED, -1, 0) < 0)
			die("the machine refused one of many mappings");
}

/* Starts processes that hold 1000 mappings each and work until they are killed. */
static void start_others(const char *path, pid_t *pids, unsigned count)
{
	size_t len = 4096;

	for (unsigned i = 0; i < count; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		char error[NOMMU_ERROR_SIZE];

		nommu_leave();
		if (nommu_join(path, error))
			_exit(1);
		hold(1000);
		for (;;) {
			machine_pair(&len, 1);
			usleep(1000);
		}
	}
}

static void bookkeeping(const char *path)
{
	size_t len = 4096;
	double alone, many, processes;
	pid_t pids[7];

	alone = bench_best(machine_pair, &len, 20000);
	bench_line("map-unmap pair of 4 KiB, untouched", alone, "ns", 600);
	len = 65536;
	bench_line("map-unmap pair of 64 KiB, untouched", bench_best(machine_pair, &len, 20000),
		   "ns", 600);
	len = 4096;
	nommu_handlers();
	bench_line("the same with signals blocked inside", bench_best(machine_pair, &len, 20000),
		   "ns", 0);
	alone = bench_best(machine_pair, &len, 20000);
	hold(1000);
	bench_line("with 1 000 live mappings, ratio", bench_best(machine_pair, &len, 20000) / alone,
		   "x", 2);
	hold(99000);
	many = bench_best(machine_pair, &len, 20000);
	bench_line("with 100 000 live mappings, ratio", many / alone, "x", 2);
	start_others(path, pids, 7);
	usleep(300000);
	processes = bench_best(machine_pair, &len, 20000);
	bench_line("with 8 processes at work, ratio", processes / alone, "x", 0);
	for (unsigned i = 0; i < 7; i++) {
		kill(pids[i], 9);
		waitpid(pids[i], NULL, 0);
	}
}

static void against_host(void)
{
	static const struct {
		size_t len;
		const char *what;
		double reach;
		unsigned count;
	} rows[] = {
		{ 4096, "map-write-unmap of 4 KiB against the host's", 0.5, 4000 },
		{ 65536, "map-write-unmap of 64 KiB against the host's", 0.5, 1000 },
		{ 1 << 20, "map-write-unmap of 1 MiB against the host's", 1.0, 50 },
		{ 4 << 20, "map-write-unmap of 4 MiB against the host's", 1.0, 15 },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t len = rows[i].len;
		double host = bench_best(host_write, &len, rows[i].count);
		double machine = bench_best(machine_write, &len, rows[i].count);

		bench_line(rows[i].what, machine / host, "x", rows[i].reach);
	}
}

void bench_machine(void)
{
	const char *options[] = { "ram=1G", "profile=linux-6.12", "uninitialized=stale", NULL };
	char path[NOMMU_PATH_SIZE], error[NOMMU_ERROR_SIZE];

	if (nommu_create(options, path, error) || nommu_join(path, error))
		die(error);
	against_host();
	bookkeeping(path);
	nommu_leave();
	nommu_destroy();
}
