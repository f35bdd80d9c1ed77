/* SPDX-License-Identifier: MIT */
/* test_heap_threads.c - many threads, forked children and signal handlers, for every model. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heap/fixture.h"

#define THREADS 4

static void *exchange[64]; /* blocks that wander between threads */

static void *churn(void *argument)
{
	uint64_t state = (uintptr_t)argument;

	for (int i = 0; i < 30000 / SCALE; i++) {
		unsigned char *block;
		size_t size;

		state = state * 6364136223846793005u + 1442695040888963407u;
		size = (state >> 40) % 3000 + 8;
		block = heap_malloc(&heap, size, NULL);
		expect(block);
		memset(block, (int)size, size);
		block = __atomic_exchange_n(&exchange[(state >> 33) % 64], block, __ATOMIC_ACQ_REL);
		expect(heap_free(&heap, block) == HEAP_OK);
	}
	heap_thread_exit(&heap);
	return NULL;
}

START_TEST(threads_share_a_heap)
{
	pthread_t thread[THREADS];

	set_up(models[_i], 65536, true);
	for (uintptr_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, churn, (void *)(i + 1)), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < 64; i++)
		heap_free(&heap, __atomic_exchange_n(&exchange[i], NULL, __ATOMIC_ACQ_REL));
	tear_down();
}
END_TEST

static void *one_block(void *argument)
{
	void *block = heap_malloc(&heap, 100, NULL);

	(void)argument;
	heap_free(&heap, block);
	heap_free(&heap, heap_malloc(&heap, 3000, NULL));
	heap_thread_exit(&heap);
	return heap_malloc(&heap, 50, NULL);
}

START_TEST(ten_thousand_threads_leave_nothing)
{
	struct heap_stats stats;
	pthread_attr_t attributes;

	set_up(models[_i], 4096, true);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (int i = 0; i < 10000 / SCALE; i++) {
		pthread_t thread;
		void *block;

		expect(pthread_create(&thread, &attributes, one_block, NULL) == 0);
		pthread_join(thread, &block);
		expect(heap_free(&heap, block) == HEAP_OK);
	}
	heap_thread_exit(&heap);
	heap_stats(&heap, &stats);
	expect(stats.cached == 0);
	expect(stats.used == 0);
	tear_down();
}
END_TEST

/* ---- fork, signals ---- */

static volatile int stop_forking;

static void *churn_until_stopped(void *argument)
{
	(void)argument;
	while (!__atomic_load_n(&stop_forking, __ATOMIC_RELAXED)) {
		void *block[8];

		for (size_t i = 0; i < 8; i++)
			block[i] = heap_malloc(&heap, i * 300 + 1, NULL);
		for (size_t i = 0; i < 8; i++)
			heap_free(&heap, block[i]);
	}
	heap_thread_exit(&heap);
	return NULL;
}

static void child_uses_heap(void)
{
	void *block[100];

	alarm(20);
	for (size_t i = 0; i < 100; i++)
		block[i] = heap_malloc(&heap, i * 50, NULL);
	for (size_t i = 0; i < 100; i++)
		if (heap_free(&heap, block[i]) != HEAP_OK)
			_exit(1);
	_exit(heap_check(&heap));
}

START_TEST(a_child_forked_among_threads_has_a_whole_heap)
{
	pthread_t thread[2];

	set_up(models[_i], 65536, true);
	stop_forking = 0;
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, churn_until_stopped, NULL);
	for (int i = 0; i < 50 / SCALE + 1; i++) {
		int status;
		pid_t child;

		heap_free(&heap, heap_malloc(&heap, 100, NULL));
		heap_fork_prepare(&heap);
		child = fork();
		if (child == 0) {
			heap_fork_child(&heap);
			child_uses_heap();
		}
		heap_fork_parent(&heap);
		waitpid(child, &status, 0);
		ck_assert_int_eq(status, 0);
	}
	__atomic_store_n(&stop_forking, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	tear_down();
}
END_TEST

static volatile int in_handler;
static void *of_handler;

static void allocate_in_handler(int signal_number)
{
	(void)signal_number;
	in_handler++;
	heap_free(&heap, of_handler);
	of_handler = heap_malloc(&heap, (size_t)in_handler % 2000, NULL);
}

START_TEST(signal_handlers_may_call)
{
	struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };

	set_up(models[_i % MODELS], 32768, _i / MODELS);
	signal(SIGALRM, allocate_in_handler);
	setitimer(ITIMER_REAL, &often, NULL);
	random_operations(9, 100000 / SCALE);
	setitimer(ITIMER_REAL, &never, NULL);
	heap_free(&heap, of_handler);
	ck_assert_int_gt(in_handler, 0);
	tear_down();
}
END_TEST

SUITE("heap/threads", LOOP(threads_share_a_heap, MODELS),
      LOOP(ten_thousand_threads_leave_nothing, MODELS),
      LOOP(a_child_forked_among_threads_has_a_whole_heap, MODELS),
      LOOP(signal_handlers_may_call, 2 * MODELS))
