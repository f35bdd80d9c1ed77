/* SPDX-License-Identifier: MIT */
/*
 * bench_heap.c - see bench_heap.h. Pages come straight from the host, so that what is compared is malloc
 * with malloc. Every block's first word is written, as any program would.
 */
#include "heap/bench_heap.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "heap/source.h"

#define ROUNDS 9
#define PAIRS 200000
#define HELD 64
#define THREADS_MAX 16

struct job {
	struct heap *heap; /* NULL: libc */
	enum bench_pattern pattern;
	pthread_barrier_t *start;
};

static uint32_t sizes[4096];
static uint32_t victims[4096];

static void make_orders(void)
{
	uint32_t state = 1;

	for (size_t i = 0; i < 4096; i++) {
		state = state * 1664525u + 1013904223u;
		sizes[i] = 16 + (state >> 8) % 4081;
		victims[i] = (state >> 20) % HELD;
	}
}

static inline void *get(struct heap *heap, size_t size)
{
	void *block = heap ? heap_malloc(heap, size, NULL) : malloc(size);

	*(void *volatile *)block = block;
	return block;
}

static inline void put(struct heap *heap, void *block)
{
	if (heap)
		heap_free(heap, block);
	else
		free(block);
}

static void run_pairs(struct heap *heap, enum bench_pattern pattern)
{
	static const uint32_t steps[] = { 16, 32, 64, 128, 256, 512, 1024, 2048, 4096 };
	void *held[HELD] = { NULL };

	for (uint32_t i = 0; i < PAIRS; i++) {
		size_t size = pattern == BENCH_SAME ? steps[i / 64 % 9] : sizes[i % 4096];
		uint32_t victim = pattern == BENCH_HELD ? victims[i % 4096] : 0;

		if (pattern != BENCH_HELD) {
			put(heap, get(heap, size));
			continue;
		}
		put(heap, held[victim]);
		held[victim] = get(heap, size);
	}
	for (int i = 0; i < HELD; i++)
		put(heap, held[i]);
}

static void *work(void *argument)
{
	struct job *job = argument;

	run_pairs(job->heap, job->pattern);
	pthread_barrier_wait(job->start);
	pthread_barrier_wait(job->start);
	run_pairs(job->heap, job->pattern);
	pthread_barrier_wait(job->start);
	if (job->heap)
		heap_thread_exit(job->heap);
	return NULL;
}

static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/*
 * Nanoseconds for a pair. With one thread no thread is made (both mallocs know the difference) and its own
 * time is taken, which a busy machine disturbs less.
 */
static double measure(struct heap *heap, enum bench_pattern pattern, int threads)
{
	pthread_t thread[THREADS_MAX];
	pthread_barrier_t start;
	struct job job = { heap, pattern, &start };
	double begin, end;

	if (threads == 1) {
		run_pairs(heap, pattern);
		begin = now(CLOCK_THREAD_CPUTIME_ID);
		run_pairs(heap, pattern);
		return (now(CLOCK_THREAD_CPUTIME_ID) - begin) / PAIRS;
	}
	pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, work, &job);
	pthread_barrier_wait(&start);
	begin = now(CLOCK_MONOTONIC);
	pthread_barrier_wait(&start);
	pthread_barrier_wait(&start);
	end = now(CLOCK_MONOTONIC);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start);
	return (end - begin) / PAIRS / threads;
}

static int by_value(const void *one, const void *two)
{
	double a = *(const double *)one, b = *(const double *)two;

	return (a > b) - (a < b);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof *values, by_value);
	return values[ROUNDS / 2];
}

const char *bench_pattern_name(enum bench_pattern pattern)
{
	static const char *const names[BENCH_PATTERNS] = { "same", "random", "held" };

	return names[pattern];
}

struct bench_ratio bench_heap_pairs(const struct heap_model *model, enum bench_pattern pattern,
				    int threads)
{
	double ours[ROUNDS], libcs[ROUNDS], ratios[ROUNDS];
	struct heap_source source = host_source();
	struct heap heap;

	make_orders();
	if (threads > THREADS_MAX || heap_init(&heap, model, &source))
		return (struct bench_ratio){ 0, 0, 0 };
	heap_use_caches(&heap);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = measure(&heap, pattern, threads);
		libcs[i] = measure(NULL, pattern, threads);
		ratios[i] = ours[i] / libcs[i];
	}
	heap_destroy(&heap);
	return (struct bench_ratio){ median(ours), median(libcs), median(ratios) };
}

void bench_heap_print(void)
{
	static const struct heap_model *const models[] = { &heap_uclibc, &heap_musl };

	printf("%-8s %-8s %8s %10s %10s %7s\n", "model", "pattern", "threads", "ours ns", "libc ns",
	       "ratio");
	for (int threads = 1; threads <= 4; threads += 3) {
		for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
			for (int pattern = 0; pattern < BENCH_PATTERNS; pattern++) {
				struct bench_ratio ratio =
					bench_heap_pairs(models[i], (enum bench_pattern)pattern,
							 threads);

				printf("%-8s %-8s %8d %10.1f %10.1f %7.2f\n",
				       heap_model_name(models[i]),
				       bench_pattern_name((enum bench_pattern)pattern), threads,
				       ratio.ours, ratio.libcs, ratio.ratio);
			}
		}
	}
}
