/* SPDX-License-Identifier: MIT */
/* test_heap.c - what holds for every model: contents, alignment, limits, misuse, refusals. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "heap/fixture.h"

START_TEST(contents_survive_random_operations)
{
	set_up(models[_i % MODELS], 32768, _i / MODELS % 2);
	random_operations((uint64_t)_i + 1, 20000 / SCALE);
	heap_thread_exit(&heap);
	tear_down();
}
END_TEST

START_TEST(any_refused_mapping_is_survived)
{
	for (long fail = 1; fail < 60 / SCALE + 1; fail++) {
		set_up(models[_i % MODELS], 8192, _i / MODELS);
		strip->fail_at = fail;
		random_operations(77, 300);
		tear_down();
	}
}
END_TEST

START_TEST(a_small_machine_is_survived)
{
	set_up(models[_i % MODELS], 200, _i / MODELS);
	random_operations(5, 10000 / SCALE);
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

SUITE("heap", LOOP(contents_survive_random_operations, 4 * MODELS),
      LOOP(any_refused_mapping_is_survived, 2 * MODELS),
      LOOP(a_small_machine_is_survived, 2 * MODELS), LOOP(four_mebibytes_need_a_page_more, MODELS),
      LOOP(absurd_sizes_are_refused, MODELS), LOOP(sizes_of_zero_give_distinct_blocks, MODELS),
      LOOP(alignments_up_to_four_mebibytes, MODELS), LOOP(misuse_is_told_and_harmless, 2 * MODELS),
      LOOP(a_block_written_after_free_is_survived, MODELS))
