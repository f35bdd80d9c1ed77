/* SPDX-License-Identifier: MIT */
/* No line of a report is longer than its width, whatever the names and paths in it. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "render/text.h"
#include "support/suite.h"

static const char long_path[] =
	"/home/somebody/work/products/router-2000/buildroot/output/build/application-12.34.56/src/"
	"libraries/storage/journal/writer.c";

/* The longest line of what was written. */
static unsigned longest_line(const char *words)
{
	unsigned longest = 0;

	while (*words) {
		size_t len = strcspn(words, "\n");
		unsigned columns = text_columns(words, len);

		longest = columns > longest ? columns : longest;
		words += len + (words[len] == '\n');
	}
	return longest;
}

static char *wrapped(const char *words, unsigned width, unsigned first, unsigned indent)
{
	struct report_style style = { .width = width };
	struct text text = { .style = &style, .width = width };
	size_t size;
	char *written;

	text.out = open_memstream(&written, &size);
	text_wrap(&text, words, first, indent);
	fclose(text.out);
	return written;
}

static const struct {
	const char *words;
	unsigned width, first, indent;
	const char *expected;
} wraps[] = {
	{ "one two three", 40, 0, 0, "one two three\n" },
	{ "one two three", 7, 0, 2, "one two\n  three\n" },
	{ "abcdefghij", 4, 0, 0, "abcd\nefgh\nij\n" },
	{ "abcdefghij", 4, 2, 1, "ab\n cde\n fgh\n ij\n" },
	{ "abcdefghij", 4, 9, 1, "\n abc\n def\n ghi\n j\n" },
	{ "\xc3\xa4\xc3\xb6\xc3\xbc", 2, 0, 0, "\xc3\xa4\xc3\xb6\n\xc3\xbc\n" },
	{ "a\033[31mb", 40, 0, 0, "a?[31mb\n" },
};

START_TEST(words_are_wrapped)
{
	char *written =
		wrapped(wraps[_i].words, wraps[_i].width, wraps[_i].first, wraps[_i].indent);

	ck_assert_str_eq(written, wraps[_i].expected);
	free(written);
}
END_TEST

START_TEST(anything_fits_any_width)
{
	unsigned width = (unsigned)_i + 10;
	char *written = wrapped(long_path, width, MARGIN, MARGIN);

	ck_assert_uint_le(longest_line(written), width);
	free(written);
}
END_TEST

START_TEST(the_end_of_a_long_path_stays)
{
	struct report_style style = { .width = 80, .root = "/nowhere" };
	struct text text = { .style = &style, .width = 80 };
	struct place place = { .function = "journal_write", .file = long_path, .line = 1234 };
	const char *words = text_place(&text, &place, true), *gap = strstr(words, "  ");

	ck_assert_ptr_nonnull(gap);
	ck_assert_ptr_nonnull(strstr(words, "/journal/writer.c:1234"));
	ck_assert_uint_le(strlen(gap + 2), 80 - MARGIN - 2);
	place.file = "/short/path.c";
	ck_assert_str_eq(text_place(&text, &place, true), "journal_write  /short/path.c:1234");
	pool_free(&text.pool);
}
END_TEST

SUITE("render/text", LOOP(words_are_wrapped, ARRAY_SIZE(wraps)), LOOP(anything_fits_any_width, 111),
      ONE(the_end_of_a_long_path_stays))
