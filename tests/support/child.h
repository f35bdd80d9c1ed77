/* SPDX-License-Identifier: MIT */
/*
 * child.h - parts of a test that need a process of their own: a process is in one machine and
 * stays there, and some are to die. In a child EXPECT() takes the place of Check's assertions,
 * which belong to the runner.
 */
#ifndef NOMMU_TESTS_CHILD_H
#define NOMMU_TESTS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#define CHILD_FAILED 77
#define CHILD_SKIPPED 78

/* Says what did not hold and ends this child. */
_Noreturn void child_fail(const char *file, int line, const char *what, long got, long wanted);
/* Says why and ends this child; child_status() then answers CHILD_SKIPPED << 8. */
_Noreturn void child_skip(const char *why);

#define EXPECT(x)                                                                                  \
	do {                                                                                       \
		if (!(x))                                                                          \
			child_fail(__FILE__, __LINE__, #x, 0, 0);                                  \
	} while (0)
#define EXPECT_EQ(a, b)                                                                            \
	do {                                                                                       \
		long got_ = (long)(a), wanted_ = (long)(b);                                        \
		if (got_ != wanted_)                                                               \
			child_fail(__FILE__, __LINE__, #a " == " #b, got_, wanted_);               \
	} while (0)
#define EXPECT_WELL(call)                                                                          \
	do {                                                                                       \
		const char *wrong_ = (call);                                                       \
		if (wrong_)                                                                        \
			child_fail(__FILE__, __LINE__, wrong_, 0, 0);                              \
	} while (0)

typedef void child_body(void *context);

/* Starts a child that runs body and ends with 0; it dies with its parent. */
pid_t child_start(child_body *body, void *context);
/* Its wait status. */
int child_wait(pid_t pid);
/* Both. */
int child_status(child_body *body, void *context);

/*
 * A test of this name (suite.h), whose body is a child:
 * CHILD_TEST(claim) { EXPECT(...); }. The body may return.
 */
#define CHILD_TEST(name)                                                                           \
	static void name##_in_child(void *);                                                       \
	START_TEST(name)                                                                           \
	{                                                                                          \
		ck_assert_int_eq(child_status(name##_in_child, NULL), 0);                          \
	}                                                                                          \
	END_TEST                                                                                   \
	static void name##_in_child(__attribute__((unused)) void *context)

/* Under valgrind or with CK_FORK=no tests take longer and may not do everything. */
bool under_valgrind(void);

#endif
