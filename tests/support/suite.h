/* SPDX-License-Identifier: MIT */
/*
 * suite.h - a test program in one macro: SUITE("arena/buddy", test_a, test_b) runs them all.
 * LOOP(test, n) stands for n tests, one per row of a table; a failure names its row.
 */
#ifndef NOMMU_TESTS_SUITE_H
#define NOMMU_TESTS_SUITE_H

#include <check.h>
#include <stddef.h>

#include "base/compiler.h"

struct suite_entry {
	const TTest *test;
	size_t rows; /* 0: a test without a table */
};

#define LOOP(test, n)                                                                              \
	{                                                                                          \
		(test), (n)                                                                        \
	}
#define ONE(test)                                                                                  \
	{                                                                                          \
		(test), 0                                                                          \
	}

static inline int suite_run(const char *name, const struct suite_entry *entry, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *cases = tcase_create(name);
	SRunner *runner;
	int failed;

	/* a loaded machine, or valgrind: ctest has the real limit */
	tcase_set_timeout(cases, 120);
	for (size_t i = 0; i < count; i++)
		tcase_add_loop_test(cases, entry[i].test, 0,
				    entry[i].rows ? (int)entry[i].rows : 1);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#define SUITE(name, ...)                                                                           \
	int main(void)                                                                             \
	{                                                                                          \
		const struct suite_entry entry[] = { __VA_ARGS__ };                                \
		return suite_run(name, entry, ARRAY_SIZE(entry));                                  \
	}

/* For functions that answer NULL where all is well, else what is wrong. */
#define ck_well(call)                                                                              \
	do {                                                                                       \
		const char *wrong_ = (call);                                                       \
		ck_assert_msg(!wrong_, "%s: %s", #call, wrong_ ? wrong_ : "");                     \
	} while (0)

#endif
