/* SPDX-License-Identifier: MIT */
/*
 * bench_pairs PATTERN THREADS - pairs of malloc and free with whatever malloc the process has;
 * prints the nanoseconds that a pair took. same: sizes of 16, 32 ... 4096, freed at once; random:
 * 16 to 4096 in random order, freed at once; held: the same, 64 blocks held, a random one replaced.
 * few: hardly a call, much arithmetic. Every block's first word is written, as any program would.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAIRS 200000
#define HELD 64
#define THREADS_MAX 16

enum pattern { SAME, RANDOM, HOLD, FEW };

static enum pattern pattern;
static uint32_t sizes[4096];
static uint32_t victims[4096];
static pthread_barrier_t barrier;
static volatile uint64_t result;

static void make_orders(void)
{
	uint32_t state = 1;

	for (size_t i = 0; i < 4096; i++) {
		state = state * 1664525u + 1013904223u;
		sizes[i] = 16 + (state >> 8) % 4081;
		victims[i] = (state >> 20) % HELD;
	}
}

static void *get(size_t size)
{
	void *block = malloc(size);

	*(void *volatile *)block = block;
	return block;
}

static void run_few(void)
{
	uint64_t value = 1;

	for (uint32_t i = 0; i < 2000 * PAIRS; i++) {
		value = value * 6364136223846793005u + 1442695040888963407u;
		if (i % (20 * PAIRS) == 0)
			free(get(value >> 50));
	}
	result = value;
}

static void run_pairs(void)
{
	void *held[HELD] = { NULL };

	for (uint32_t i = 0; i < PAIRS; i++) {
		size_t size = pattern == SAME ? 16u << (i / 64 % 9) : sizes[i % 4096];
		uint32_t victim = victims[i % 4096];

		if (pattern != HOLD) {
			free(get(size));
			continue;
		}
		free(held[victim]);
		held[victim] = get(size);
	}
	for (int i = 0; i < HELD; i++)
		free(held[i]);
}

static void *work(void *argument)
{
	run_pairs();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	run_pairs();
	pthread_barrier_wait(&barrier);
	return argument;
}

static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/*
 * With one thread no thread is made: both mallocs know
 * the difference. Processor time: other load counts less.
 */
static double alone(void)
{
	double begin;

	if (pattern == FEW) {
		begin = now(CLOCK_PROCESS_CPUTIME_ID);
		run_few();
		return (now(CLOCK_PROCESS_CPUTIME_ID) - begin) / 2000;
	}
	run_pairs();
	begin = now(CLOCK_THREAD_CPUTIME_ID);
	run_pairs();
	return now(CLOCK_THREAD_CPUTIME_ID) - begin;
}

static double together(int threads)
{
	pthread_t thread[THREADS_MAX];
	double begin, end;

	pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, work, NULL))
			exit(1);
	pthread_barrier_wait(&barrier);
	begin = now(CLOCK_MONOTONIC);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	end = now(CLOCK_MONOTONIC);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	return (end - begin) / threads;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "same", "random", "held", "few" };
	int threads = argc == 3 ? atoi(argv[2]) : 0;

	while (argc == 3 && pattern <= FEW && strcmp(names[pattern], argv[1]))
		pattern++;
	if (threads < 1 || threads > THREADS_MAX || pattern > FEW)
		return 2;
	make_orders();
	printf("%.3f\n", (threads == 1 ? alone() : together(threads)) / PAIRS);
	return 0;
}
