/* SPDX-License-Identifier: MIT */
/*
 * What fit names works, and one step below does not;
 * what is refused counts, what no machine has does not.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "heap/heap.h"
#include "render/render.h"
#include "report/shapes.h"
#include "support/suite.h"

static const char path[] = "fit.rec";

static struct report *read_recording(struct recording *recording)
{
	struct report *report = report_open();
	char error[REPORT_ERROR_SIZE];

	ck_assert_int_eq(recording_write(recording, path), 0);
	ck_assert_msg(!report_add(report, path, error), "%s", error);
	recording_free(recording);
	unlink(path);
	return report;
}

static struct fit_found fit(struct report *report)
{
	FILE *null = fopen("/dev/null", "w");
	char error[REPORT_ERROR_SIZE];
	struct fit_found found;

	ck_assert_msg(!render_fit(report, REPORT_TEXT, null, NULL, &found, error), "%s", error);
	fclose(null);
	return found;
}

/* The claim itself: replayed at that size it succeeds, 64 KiB below it fails. */
static void check_fit(struct report *report, const struct fit_found *found, unsigned order)
{
	struct replay replay;
	struct replay_result result;

	replay_open(&replay, &report->runs[0].memory, &report->runs[0].header);
	replay_run(&replay, found->ram_bytes / 4096, order, &result);
	ck_assert(result.done);
	replay_run(&replay, found->ram_bytes / 4096 - 16, order, &result);
	ck_assert(!result.done);
	replay_close(&replay);
}

START_TEST(smallest_ram_works_and_below_it_fails)
{
	struct recording recording;
	struct report *report;
	struct fit_found found;

	ck_assert_int_eq(shape_make(&recording, _i ? "typical" : "worse"), 0);
	report = read_recording(&recording);
	found = fit(report);
	ck_assert_uint_gt(found.ram_bytes, 3 << 20);
	check_fit(report, &found, 10);
	report_close(report);
}
END_TEST

START_TEST(a_refused_block_counts)
{
	struct recording recording;
	struct report *report;
	struct fit_found found;

	recording_start(&recording, 256);
	recording_region(&recording, 1, NOMMU_KIND_HEAP, 0, 16, 16, 0);
	recording_region(&recording, 2, NOMMU_KIND_HEAP, 0, 512, 0, ENOMEM);
	report = read_recording(&recording);
	found = fit(report);
	ck_assert_uint_ge(found.ram_bytes, 528 * 4096);
	ck_assert_uint_eq(found.max_order, 9);
	report_close(report);
}
END_TEST

START_TEST(a_block_refused_for_another_reason_does_not)
{
	struct recording recording;
	struct report *report;
	struct fit_found found;

	recording_start(&recording, 256);
	recording_region(&recording, 1, NOMMU_KIND_HEAP, 0, 16, 16, 0);
	recording_region(&recording, 2, NOMMU_KIND_SHARED, 0, 512, 0, ENODEV);
	report = read_recording(&recording);
	found = fit(report);
	ck_assert_uint_lt(found.ram_bytes, 1 << 20);
	report_close(report);
}
END_TEST

START_TEST(nothing_goes_back_twice)
{
	struct recording recording;
	struct report *report;
	uint64_t region;

	recording_start(&recording, 256);
	region = recording_region(&recording, 1, NOMMU_KIND_HEAP, 0, 16, 16, 0);
	recording_release(&recording, region, 4, 4);
	recording_release(&recording, region, 4, 4);
	recording_release(&recording, region, 2, 4);
	recording_release(&recording, region, 14, 9);
	recording_release(&recording, region, 0, 4);
	recording_release(&recording, region, 8, 8);
	recording_region(&recording, 1, NOMMU_KIND_HEAP, 0, 16, 16, 0);
	report = read_recording(&recording);
	fit(report); /* a damaged free list would not come back */
	report_close(report);
}
END_TEST

/*
 * 14308 pages; 1 of order 0 is taken out of the largest block, which falls into all smaller ones.
 */
START_TEST(a_board_loses_its_largest_blocks_first)
{
	static const uint32_t board[BUDDY_ORDERS] = { 2, 7, 5, 4, 2, 6, 3, 2, 3, 3, 11 };
	static const struct {
		uint64_t pages;
		unsigned max_order;
		uint32_t lists[12];
	} rows[] = {
		{ 14308, 10, { 2, 7, 5, 4, 2, 6, 3, 2, 3, 3, 11 } },
		{ 14307, 10, { 3, 8, 6, 5, 3, 7, 4, 3, 4, 4, 10 } },
		{ 14308 + 1025, 10, { 3, 7, 5, 4, 2, 6, 3, 2, 3, 3, 12 } },
		{ 14308 - 11 * 1024 - 512, 10, { 2, 7, 5, 4, 2, 6, 3, 2, 3, 2, 0 } },
		{ 14308, 9, { 2, 7, 5, 4, 2, 6, 3, 2, 3, 25 } },
		{ 14308, 11, { 2, 7, 5, 4, 2, 6, 3, 2, 3, 3, 11, 0 } },
		{ 3, 10, { 3 } },
		{ 0, 10, { 0 } },
	};
	uint32_t lists[BUDDY_ORDERS];
	uint64_t pages = 0;

	replay_lists(board, rows[_i].pages, rows[_i].max_order, lists);
	for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
		pages += (uint64_t)lists[order] << order;
		ck_assert_uint_eq(lists[order], order < 12 ? rows[_i].lists[order] : 0);
	}
	ck_assert_uint_eq(pages, rows[_i].pages);
}
END_TEST

/* On a board that has only blocks of 64 KiB one of 128 KiB wants a larger one, whatever is free. */
START_TEST(a_board_is_replayed_with_its_free_lists)
{
	struct recording recording;
	struct report *report;
	struct fit_found found;

	recording_start(&recording, 16 * 100);
	recording_header(&recording)->has_buddyinfo = 1;
	recording_header(&recording)->free_blocks[4] = 100;
	recording_region(&recording, 1, NOMMU_KIND_HEAP, 0, 32, 0, ENOMEM);
	report = read_recording(&recording);
	found = fit(report);
	ck_assert_uint_eq(found.ram_bytes, (16 * 100 + 32) * 4096);
	check_fit(report, &found, 10);
	report_close(report);
}
END_TEST

/* 100 blocks of 5000 bytes: malloc-simple takes two pages for each, the others share pages. */
START_TEST(heaps_are_compared)
{
	static const char *const names[] = { "uclibc", "uclibc-simple", "musl" };
	struct recording recording;
	char error[REPORT_ERROR_SIZE];
	struct memory memory;

	recording_start(&recording, 4096);
	for (uint64_t i = 1; i <= 100; i++)
		recording_heap(&recording, NOMMU_CALL_MALLOC, 5000, i << 16, 0);
	for (uint64_t i = 1; i <= 100; i++)
		recording_heap(&recording, NOMMU_CALL_FREE, 0, i << 16, 0);
	recording_exit(&recording, 0, 0, 0);
	ck_assert_int_eq(recording_write(&recording, path), 0);
	ck_assert_msg(!heaps_replay(path, heap_model_find(names[_i]), &memory, error), "%s", error);
	ck_assert_uint_ge(memory.kind_peak[NOMMU_KIND_HEAP], 123);
	if (_i == 1)
		ck_assert_uint_ge(memory.kind_peak[NOMMU_KIND_HEAP], 200);
	ck_assert_uint_eq(memory.now.total, 0);
	ck_assert_uint_eq(memory.unmatched, 0);
	memory_free(&memory);
	recording_free(&recording);
	unlink(path);
}
END_TEST

SUITE("fit", LOOP(heaps_are_compared, 3), LOOP(smallest_ram_works_and_below_it_fails, 2),
      ONE(a_refused_block_counts), ONE(a_block_refused_for_another_reason_does_not),
      ONE(nothing_goes_back_twice), LOOP(a_board_loses_its_largest_blocks_first, 8),
      ONE(a_board_is_replayed_with_its_free_lists))
