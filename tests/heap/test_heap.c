/* SPDX-License-Identifier: MIT */
/*
 * test_heap.c - what holds for every model: contents, alignment, misuse, refusals, threads, fork.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/types.h"
#include "heap/heap.h"
#include "heap/source.h"

static const struct heap_model *const models[] = { &heap_uclibc, &heap_uclibc_simple, &heap_musl };
#define MODELS ((int)ARRAY_SIZE(models))

/* ThreadSanitizer is an order of magnitude slower than anything else that these run under. */
#if defined(__SANITIZE_THREAD__)
#define SCALE 20
#else
#define SCALE 1
#endif

/* For loops: Check's own assertions write a line each, true or not. */
#define expect(claim)                                                                              \
	do {                                                                                       \
		if (!(claim))                                                                      \
			ck_abort_msg("%s", #claim);                                                \
	} while (0)

static struct strip *strip;
static struct heap heap;

static void set_up(const struct heap_model *model, size_t pages, bool caches)
{
	struct heap_source source;

	strip = strip_make(pages);
	source = strip_source(strip);
	ck_assert_int_eq(heap_init(&heap, model, &source), 0);
	if (caches)
		heap_use_caches(&heap);
}

static void tear_down(void)
{
	ck_assert_int_eq(heap_check(&heap), 0);
	heap_destroy(&heap);
	ck_assert_uint_eq(strip->in_use, 0);
	ck_assert(strip->exact);
	strip_free(strip);
}

/* ---- random operations against a shadow ---- */

#define SLOTS 400

static uint64_t seed;
struct shadow {
	unsigned char *block;
	size_t size;
	unsigned char fill;
};

static uint32_t random32(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static size_t random_size(void)
{
	switch (random32() % 16) {
	case 0:
		return random32() % 300000;
	case 1:
	case 2:
		return random32() % 20000;
	case 3:
		return random32() % 3;
	default:
		return random32() % 700;
	}
}

static void fill(struct shadow *shadow)
{
	shadow->fill = (unsigned char)random32();
	memset(shadow->block, shadow->fill, shadow->size);
}

static void verify(const struct shadow *shadow, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (shadow->block[i] != shadow->fill)
			ck_abort_msg("byte %zu of %zu at %p is %02x", i, shadow->size,
				     (void *)shadow->block, shadow->block[i]);
}

static void check_new(struct shadow *shadow)
{
	expect((uintptr_t)shadow->block % 16 == 0);
	expect(heap_owns(&heap, shadow->block));
	expect(heap_usable_size(&heap, shadow->block) >= shadow->size);
	shadow->size = heap_usable_size(&heap, shadow->block);
	fill(shadow);
}

static void make(struct shadow *shadow)
{
	shadow->size = random_size();
	if (random32() % 8 == 0) {
		size_t align = 1UL << random32() % 14;

		shadow->block = heap_memalign(&heap, align, shadow->size, NULL);
		expect((uintptr_t)shadow->block % align == 0);
	} else if (random32() % 4 == 0) {
		shadow->block = heap_calloc(&heap, 1, shadow->size, NULL);
		for (size_t i = 0; shadow->block && i < shadow->size; i++)
			expect(shadow->block[i] == 0);
	} else {
		shadow->block = heap_malloc(&heap, shadow->size, NULL);
	}
	if (shadow->block)
		check_new(shadow);
}

static void change(struct shadow *shadow)
{
	size_t size = random_size() + 1, kept = size < shadow->size ? size : shadow->size;
	unsigned char *block = heap_realloc(&heap, shadow->block, size, NULL);

	if (!block) {
		verify(shadow, shadow->size);
		return;
	}
	shadow->block = block;
	verify(shadow, kept);
	shadow->size = size;
	check_new(shadow);
}

static void end(struct shadow *shadow)
{
	verify(shadow, shadow->size);
	expect(heap_free(&heap, shadow->block) == HEAP_OK);
	shadow->block = NULL;
}

static void random_operations(int count)
{
	static struct shadow shadows[SLOTS];

	for (int i = 0; i < count; i++) {
		struct shadow *shadow = &shadows[random32() % SLOTS];

		if (!shadow->block)
			make(shadow);
		else if (random32() % 4 == 0)
			change(shadow);
		else
			end(shadow);
		if (i % 100 == 0)
			expect(heap_check(&heap) == 0);
	}
	for (int i = 0; i < SLOTS; i++)
		if (shadows[i].block)
			end(&shadows[i]);
}

START_TEST(contents_survive_random_operations)
{
	seed = (uint64_t)_i + 1;
	set_up(models[_i % MODELS], 32768, _i / MODELS % 2);
	random_operations(20000 / SCALE);
	heap_thread_exit(&heap);
	tear_down();
}
END_TEST

START_TEST(any_refused_mapping_is_survived)
{
	seed = 77;
	for (long fail = 1; fail < 60 / SCALE + 1; fail++) {
		set_up(models[_i % MODELS], 8192, _i / MODELS);
		strip->fail_at = fail;
		random_operations(300);
		tear_down();
	}
}
END_TEST

START_TEST(a_small_machine_is_survived)
{
	seed = 5;
	set_up(models[_i % MODELS], 200, _i / MODELS);
	random_operations(10000 / SCALE);
	tear_down();
}
END_TEST

/* ---- limits ---- */

START_TEST(four_mebibytes_need_a_page_more)
{
	struct heap_result result = { HEAP_OK, 0, 0 };

	set_up(models[_i], 8192, true);
	strip->largest_allowed = 1024;
	ck_assert_ptr_null(heap_malloc(&heap, 4 << 20, &result));
	ck_assert_int_eq(result.reason, HEAP_REFUSED);
	ck_assert_int_eq(result.error, -ENOMEM);
	ck_assert_uint_gt(result.requested, 4 << 20);
	ck_assert_ptr_nonnull(heap_malloc(&heap, (4 << 20) - 4096, &result));
	tear_down();
}
END_TEST

START_TEST(absurd_sizes_are_refused)
{
	struct heap_result result = { HEAP_OK, 0, 0 };
	void *block;

	set_up(models[_i], 256, true);
	ck_assert_ptr_null(heap_malloc(&heap, SIZE_MAX, &result));
	ck_assert_int_eq(result.reason, HEAP_TOO_LARGE);
	ck_assert_ptr_null(heap_malloc(&heap, PTRDIFF_MAX, &result));
	ck_assert_ptr_null(heap_malloc(&heap, (size_t)PTRDIFF_MAX + 1, &result));
	ck_assert_ptr_null(heap_calloc(&heap, SIZE_MAX / 2, 3, &result));
	ck_assert_int_eq(result.reason, HEAP_TOO_LARGE);
	ck_assert_ptr_null(heap_memalign(&heap, 64, SIZE_MAX - 32, &result));
	ck_assert_ptr_null(heap_memalign(&heap, 48, 8, &result));
	ck_assert_int_eq(result.reason, HEAP_BAD_ALIGN);
	ck_assert_ptr_null(heap_memalign(&heap, 1UL << 62, 8, &result));
	block = heap_malloc(&heap, 10, NULL);
	ck_assert_ptr_null(heap_realloc(&heap, block, SIZE_MAX - 8, &result));
	ck_assert_int_eq(heap_free(&heap, block), HEAP_OK);
	tear_down();
}
END_TEST

START_TEST(sizes_of_zero_give_distinct_blocks)
{
	void *one, *two;

	set_up(models[_i], 256, true);
	one = heap_malloc(&heap, 0, NULL);
	two = heap_calloc(&heap, 0, 5, NULL);
	ck_assert_ptr_nonnull(one);
	ck_assert_ptr_nonnull(two);
	ck_assert_ptr_ne(one, two);
	one = heap_realloc(&heap, one, 0, NULL);
	ck_assert_int_eq(one == NULL, models[_i] == &heap_uclibc);
	heap_free(&heap, one);
	heap_free(&heap, two);
	tear_down();
}
END_TEST

START_TEST(alignments_up_to_four_mebibytes)
{
	set_up(models[_i], 32768, true);
	for (size_t align = 16; align <= 4 << 20; align <<= 1) {
		for (size_t size = 0; size < 70000; size = size * 3 + 7) {
			unsigned char *block = heap_memalign(&heap, align, size, NULL);

			expect(block);
			expect(!((uintptr_t)block & (align - 1)));
			memset(block, 1, heap_usable_size(&heap, block));
			expect(heap_free(&heap, block) == HEAP_OK);
		}
	}
	tear_down();
}
END_TEST

/* ---- misuse ---- */

START_TEST(misuse_is_told_and_harmless)
{
	char *one, *two, on_stack[64];

	set_up(models[_i % MODELS], 256, _i / MODELS);
	one = heap_malloc(&heap, 100, NULL);
	two = heap_malloc(&heap, 100, NULL);
	ck_assert_int_eq(heap_free(&heap, one + 16), HEAP_NOT_A_BLOCK);
	ck_assert_int_eq(heap_free(&heap, one + 1), HEAP_NOT_A_BLOCK);
	ck_assert_int_eq(heap_free(&heap, on_stack + (16 - (uintptr_t)on_stack % 16)),
			 HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(&heap, (void *)0x10), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(&heap, (void *)-16L), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(&heap, one), HEAP_OK);
	ck_assert_int_ne(heap_free(&heap, one), HEAP_OK);
	ck_assert_ptr_null(heap_realloc(&heap, one, 500, NULL));
	ck_assert_uint_eq(heap_usable_size(&heap, one), 0);
	ck_assert(!heap_owns(&heap, one));
	ck_assert_int_eq(heap_free(&heap, two), HEAP_OK);
	tear_down();
}
END_TEST

START_TEST(a_block_written_after_free_is_survived)
{
	void *block[20];

	set_up(models[_i], 256, true);
	for (int i = 0; i < 20; i++)
		block[i] = heap_malloc(&heap, 100, NULL);
	for (int i = 0; i < 20; i++) {
		heap_free(&heap, block[i]);
		if (models[_i] != &heap_uclibc_simple)
			memset(block[i], 0x5a, 100);
	}
	for (int i = 0; i < 20; i++) {
		block[i] = heap_malloc(&heap, 100, NULL);
		expect(block[i]);
		for (int j = 0; j < i; j++)
			expect(block[i] != block[j]);
	}
	heap_trim(&heap);
	tear_down();
}
END_TEST

/* ---- threads ---- */

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

	seed = 9;
	set_up(models[_i % MODELS], 32768, _i / MODELS);
	signal(SIGALRM, allocate_in_handler);
	setitimer(ITIMER_REAL, &often, NULL);
	random_operations(100000 / SCALE);
	setitimer(ITIMER_REAL, &never, NULL);
	heap_free(&heap, of_handler);
	ck_assert_int_gt(in_handler, 0);
	tear_down();
}
END_TEST

Suite *heap_suite(void);
Suite *heap_suite(void)
{
	Suite *suite = suite_create("heap");
	TCase *models_alone = tcase_create("alone"), *limits = tcase_create("limits");
	TCase *threads = tcase_create("threads"), *processes = tcase_create("processes");

	tcase_set_timeout(models_alone, 100);
	tcase_add_loop_test(models_alone, contents_survive_random_operations, 0, 4 * MODELS);
	tcase_add_loop_test(models_alone, any_refused_mapping_is_survived, 0, 2 * MODELS);
	tcase_add_loop_test(models_alone, a_small_machine_is_survived, 0, 2 * MODELS);
	suite_add_tcase(suite, models_alone);
	tcase_add_loop_test(limits, four_mebibytes_need_a_page_more, 0, MODELS);
	tcase_add_loop_test(limits, absurd_sizes_are_refused, 0, MODELS);
	tcase_add_loop_test(limits, sizes_of_zero_give_distinct_blocks, 0, MODELS);
	tcase_add_loop_test(limits, alignments_up_to_four_mebibytes, 0, MODELS);
	tcase_add_loop_test(limits, misuse_is_told_and_harmless, 0, 2 * MODELS);
	tcase_add_loop_test(limits, a_block_written_after_free_is_survived, 0, MODELS);
	suite_add_tcase(suite, limits);
	tcase_set_timeout(threads, 100);
	tcase_add_loop_test(threads, threads_share_a_heap, 0, MODELS);
	tcase_add_loop_test(threads, ten_thousand_threads_leave_nothing, 0, MODELS);
	suite_add_tcase(suite, threads);
	tcase_set_timeout(processes, 100);
	tcase_add_loop_test(processes, a_child_forked_among_threads_has_a_whole_heap, 0, MODELS);
	tcase_add_loop_test(processes, signal_handlers_may_call, 0, 2 * MODELS);
	suite_add_tcase(suite, processes);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(heap_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
