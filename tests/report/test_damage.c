/* SPDX-License-Identifier: MIT */
/*
 * A recording cut at every byte, and with every byte flipped in turn, is read and rendered in every
 * format: the sanitizers, and the limit of time, say whether that went well.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/render.h"
#include "report/shapes.h"
#include "support/suite.h"

static const char path[] = "damaged.rec";
static struct recording recording;

static void setup(void)
{
	ck_assert_int_eq(shape_make(&recording, "typical"), 0);
}

static void teardown(void)
{
	recording_free(&recording);
	unlink(path);
}

static void render_all(struct report *report, FILE *null, bool all)
{
	char error[REPORT_ERROR_SIZE];

	for (unsigned format = 0; format < (all ? REPORT_FORMATS : REPORT_SARIF); format++)
		ck_assert_msg(!render_report(report, format, null, NULL, error), "%s", error);
	if (all)
		(void)render_fit(report, REPORT_TEXT, null, NULL, NULL,
				 error); /* there may be no memory */
}

static void read_damaged(FILE *null, bool all)
{
	struct report *report = report_open();
	char error[REPORT_ERROR_SIZE] = "";

	ck_assert_ptr_nonnull(report);
	if (report_add(report, path, error))
		ck_assert_str_ne(error, "");
	else
		render_all(report, null, all);
	report_close(report);
}

START_TEST(cut_at_any_byte)
{
	FILE *null = fopen("/dev/null", "w");

	setup();
	for (size_t size = 0; size < recording.used; size++) {
		struct recording cut = recording;

		if (size > 512 && size < NOMMU_RECORDING_HEADER)
			continue; /* zeroes */
		cut.used = size;
		ck_assert_int_eq(recording_write(&cut, path), 0);
		read_damaged(null, size % 16 == 0);
	}
	fclose(null);
	teardown();
}
END_TEST

static const unsigned char flips[] = { 0xff, 0x01 };

START_TEST(any_byte_flipped)
{
	FILE *null = fopen("/dev/null", "w");

	setup();
	for (size_t i = 0; i < recording.used; i++) {
		if (i > 512 && i < NOMMU_RECORDING_HEADER)
			continue;
		recording.bytes[i] ^= flips[_i];
		ck_assert_int_eq(recording_write(&recording, path), 0);
		recording.bytes[i] ^= flips[_i];
		read_damaged(null, i % 16 == 0);
	}
	fclose(null);
	teardown();
}
END_TEST

START_TEST(a_recording_with_lost_records_is_never_ready)
{
	struct report *whole = report_open(), *lossy = report_open();
	char error[REPORT_ERROR_SIZE];

	ck_assert_int_eq(shape_make(&recording, "empty"), 0);
	ck_assert_int_eq(recording_write(&recording, path), 0);
	ck_assert_int_eq(report_add(whole, path, error), 0);
	recording_header(&recording)->lost = 1;
	ck_assert_int_eq(recording_write(&recording, path), 0);
	ck_assert_int_eq(report_add(lossy, path, error), 0);
	ck_assert_int_eq(report_verdict(whole), VERDICT_READY);
	ck_assert_int_eq(report_verdict(lossy), VERDICT_NEEDS_WORK);
	report_close(whole);
	report_close(lossy);
	teardown();
}
END_TEST

START_TEST(unknown_records_are_skipped)
{
	struct {
		struct nommu_record head;
		uint64_t what[3];
	} future = { .what = { 1, 2, 3 } };
	struct report *report = report_open();
	struct report_counts before, after;
	char error[REPORT_ERROR_SIZE];

	setup();
	ck_assert_int_eq(recording_write(&recording, path), 0);
	ck_assert_int_eq(report_add(report, path, error), 0);
	report_count(report, &before);
	report_close(report);
	recording_put(&recording, 999, &future, sizeof(future), NULL, 0);
	recording_header(&recording)->minor = 77;
	ck_assert_int_eq(recording_write(&recording, path), 0);
	report = report_open();
	ck_assert_int_eq(report_add(report, path, error), 0);
	report_count(report, &after);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	report_close(report);
	teardown();
}
END_TEST

START_TEST(unfinished_records_cost_nothing_else)
{
	struct nommu_record_call call = { .call = NOMMU_CALL_FORK,
					  .site = 0x1234,
					  .rules = { RULE_FORK },
					  .severity = { SEVERITY_ERROR } };
	struct report *report = report_open();
	char error[REPORT_ERROR_SIZE];
	size_t at;

	setup();
	at = recording.used;
	recording_call(&recording, &call, NULL);
	memset(recording.bytes + at + offsetof(struct nommu_record, type), 0,
	       2); /* claimed, never finished */
	recording_call(&recording, &call, NULL);
	ck_assert_int_eq(recording_write(&recording, path), 0);
	ck_assert_int_eq(report_add(report, path, error), 0);
	ck_assert_int_eq(report_worst(report), SEVERITY_ERROR);
	report_close(report);
	teardown();
}
END_TEST

START_TEST(another_major_is_refused)
{
	struct report *report = report_open();
	char error[REPORT_ERROR_SIZE];

	setup();
	recording_header(&recording)->major = 2;
	ck_assert_int_eq(recording_write(&recording, path), 0);
	ck_assert_int_eq(report_add(report, path, error), -1);
	ck_assert_ptr_nonnull(strstr(error, "another version"));
	report_close(report);
	teardown();
}
END_TEST

SUITE("report/damage", ONE(cut_at_any_byte), LOOP(any_byte_flipped, ARRAY_SIZE(flips)),
      ONE(a_recording_with_lost_records_is_never_ready), ONE(unknown_records_are_skipped),
      ONE(unfinished_records_cost_nothing_else), ONE(another_major_is_refused))
