/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "support/child.h"
#include "support/suite.h"

/* What say_format() and libc make of the same must be the same text. */
#define SAME(...)                                                                                  \
	do {                                                                                       \
		char ours[256], theirs[256];                                                       \
		size_t len = say_format(ours, sizeof ours, __VA_ARGS__);                           \
		int wanted = snprintf(theirs, sizeof theirs, __VA_ARGS__);                         \
		ck_assert_str_eq(ours, theirs);                                                    \
		ck_assert_uint_eq(len, (size_t)wanted);                                            \
	} while (0)

START_TEST(formats_as_libc_does)
{
	SAME("plain");
	SAME("%s|%10s|%-10s|", "text", "right", "left");
	SAME("%c%c", 'a', 'b');
	SAME("%d %d %d", 0, -1, INT32_MIN);
	SAME("%u %u", 0u, UINT32_MAX);
	SAME("%ld %lu", INT64_MIN, UINT64_MAX);
	SAME("%lld %llu", -5LL, 5ULL);
	SAME("%x %lx %llx", 0xbeefu, 0xdeadbeef00ul, 1ull);
	SAME("%08x %8x %-8x|", 0x1fu, 0x1fu, 0x1fu);
	SAME("%5u|%05u|%-5u|", 42u, 42u, 42u);
	SAME("%zu", (size_t)7);
	SAME("100%%");
	SAME("%05d|%5d|%-5d|", -42, -42, -42);
}
END_TEST

START_TEST(null_text_is_said_to_be_none)
{
	char buf[32];
	const char *volatile nothing = NULL;

	say_format(buf, sizeof buf, "<%s>", nothing);
	ck_assert_str_eq(buf, "<(none)>");
}
END_TEST

START_TEST(cuts_and_terminates_at_every_size)
{
	for (size_t size = 1; size <= 20; size++) {
		char buf[24];

		memset(buf, '#', sizeof buf);
		ck_assert_uint_eq(say_format(buf, size, "%s %d", "0123456789", 12345),
				  size - 1 < 16 ? size - 1 : 16);
		ck_assert_int_eq(buf[size - 1 < 16 ? size - 1 : 16], '\0');
		ck_assert_int_eq(buf[size], '#');
	}
}
END_TEST

static void say_to_pipe(void *context)
{
	int *fd = context;

	dup2(fd[1], 2);
	say("%s %d", "answer", 42);
}

START_TEST(says_one_line_with_its_name_to_stderr)
{
	char text[64] = "";
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(child_status(say_to_pipe, fd), 0);
	ck_assert_int_eq(read(fd[0], text, sizeof text), 17);
	ck_assert_str_eq(text, "nommu: answer 42\n");
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static void say_to_nobody(void *context)
{
	char long_text[3000];

	(void)context;
	close(2);
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	say("%s", long_text);
}

START_TEST(closed_stderr_and_long_text_are_no_error)
{
	ck_assert_int_eq(child_status(say_to_nobody, NULL), 0);
}
END_TEST

SUITE("base/say", ONE(formats_as_libc_does), ONE(null_text_is_said_to_be_none),
      ONE(cuts_and_terminates_at_every_size), ONE(says_one_line_with_its_name_to_stderr),
      ONE(closed_stderr_and_long_text_are_no_error))
