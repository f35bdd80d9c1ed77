/* SPDX-License-Identifier: MIT */
/*
 * test_fidelity.c - what the models ask of the kernel against what the real libcs ask, in pages,
 * for the same calls. The figures of the real ones: uClibc-ng 5e6fd08b's libc/stdlib/malloc built
 * for x86-64 over a lowest-fit page source, and musl 1.2.3 (Debian's, static) under strace with brk
 * refused and mremap not growing, as without an MMU. Peaks are sums over four seeds: a single run
 * of a fragmenting program differs by several per cent if any address in it does.
 */
#include <check.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/types.h"
#include "heap/heap.h"
#include "heap/source.h"
#include "heap/workload.h"

#define SEEDS 4

static const struct figure {
	const struct heap_model *model;
	enum workload workload;
	uint64_t peaks;	  /* pages, sum over the seeds */
	uint64_t largest; /* pages of the largest request */
} figures[] = {
	{ &heap_uclibc, WORKLOAD_OBJECTS, 896, 1 },  { &heap_uclibc, WORKLOAD_BUFFERS, 3544, 84 },
	{ &heap_uclibc, WORKLOAD_TABLES, 4563, 98 }, { &heap_uclibc, WORKLOAD_MIXED, 5925, 33 },
	{ &heap_musl, WORKLOAD_OBJECTS, 1093, 16 },  { &heap_musl, WORKLOAD_BUFFERS, 3014, 84 },
	{ &heap_musl, WORKLOAD_TABLES, 4276, 98 },   { &heap_musl, WORKLOAD_MIXED, 6414, 64 },
};

struct player {
	struct heap heap;
	void *block[WORKLOAD_SLOTS];
};

static void allocate(void *ctx, uint32_t slot, size_t size, size_t align, int clear)
{
	struct player *player = ctx;

	if (align)
		player->block[slot] = heap_memalign(&player->heap, align, size, NULL);
	else if (clear)
		player->block[slot] = heap_calloc(&player->heap, 1, size, NULL);
	else
		player->block[slot] = heap_malloc(&player->heap, size, NULL);
}

static void resize(void *ctx, uint32_t slot, size_t size)
{
	struct player *player = ctx;

	player->block[slot] = heap_realloc(&player->heap, player->block[slot], size, NULL);
}

static void release(void *ctx, uint32_t slot)
{
	struct player *player = ctx;

	if (heap_free(&player->heap, player->block[slot]) != HEAP_OK)
		abort();
}

static void play(const struct figure *figure, uint64_t seed, bool caches, struct heap_stats *stats)
{
	static struct player player;
	struct strip *strip = strip_make(16384);
	struct heap_source source = strip_source(strip);
	struct heap_calls calls = { &player, allocate, resize, release };

	ck_assert_int_eq(heap_init(&player.heap, figure->model, &source), 0);
	if (caches)
		heap_use_caches(&player.heap);
	workload_run(figure->workload, seed, &calls);
	heap_stats(&player.heap, stats);
	heap_destroy(&player.heap);
	strip_free(strip);
}

static void compare(const struct figure *figure, bool caches)
{
	uint64_t peaks = 0, largest = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct heap_stats stats;

		play(figure, seed, caches, &stats);
		peaks += stats.peak_pages;
		largest = max_u64(largest, page_align(stats.largest) >> NOMMU_PAGE_SHIFT);
	}
	ck_assert_msg(peaks * 100 <= figure->peaks * 105 && peaks * 100 >= figure->peaks * 95,
		      "%s %s: peaks %lu, the libc %lu", heap_model_name(figure->model),
		      workload_name(figure->workload), peaks, figure->peaks);
	ck_assert_uint_eq(largest, figure->largest);
}

START_TEST(peaks_are_the_libcs)
{
	compare(&figures[_i], false);
}
END_TEST

START_TEST(peaks_are_the_libcs_with_caches)
{
	compare(&figures[_i], true);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap fidelity");
	TCase *tcase = tcase_create("figures");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 100);
	tcase_add_loop_test(tcase, peaks_are_the_libcs, 0, (int)ARRAY_SIZE(figures));
	tcase_add_loop_test(tcase, peaks_are_the_libcs_with_caches, 0, (int)ARRAY_SIZE(figures));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
