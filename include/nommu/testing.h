/* SPDX-License-Identifier: MIT */
/*
 * testing.h - for test suites that run with nommu in front: what did this process's calls meet?
 *
 * *	START_TEST(index_is_portable)
 * *	{
 * *		NOMMU_ASSERT_PORTABLE(ck_assert_int_eq(index_open("a.idx"), 0));
 * *	}
 *
 * under `nommu audit ./suite`, or under `CK_FORK=no nommu run ./suite` (Check forks for each test,
 * which run refuses). There is nothing to link: without nommu in front the function is absent,
 * nommu_in_front() is 0, and the assertions only run their statement.
 */
#ifndef NOMMU_TESTING_H
#define NOMMU_TESTING_H

#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Since the process started; a forked child goes on from its parent's figures. */
struct nommu_findings {
	uint64_t notes; /* calls that met a rule, each counted by the worst that it met */
	uint64_t warnings;
	uint64_t errors;
	/* latest of the worst severity so far, "shared-file"; "" if there is none */
	const char *rule;
	const char *title; /* what the program did, one line */
	/* errno that a machine without an MMU answers it with; 0: the call goes through */
	int error;
};

/*
 * Any thread, signal handlers too. Only there when nommu is in front: ask nommu_in_front() first.
 */
void nommu_findings(struct nommu_findings *findings) __attribute__((weak));

static inline int nommu_in_front(void)
{
	return nommu_findings != 0;
}

/* As nommu_findings(), and all zero without nommu. */
static inline struct nommu_findings nommu_ask(void)
{
	struct nommu_findings findings;

	memset(&findings, 0, sizeof findings);
	findings.rule = findings.title = "";
	if (nommu_in_front())
		nommu_findings(&findings);
	return findings;
}

/*
 * For Check (check.h included before use): runs the
 * statement; the test fails if a call in it was refused.
 */
#define NOMMU_ASSERT_PORTABLE(statement)                                                           \
	do {                                                                                       \
		const uint64_t nommu_before_ = nommu_ask().errors;                                 \
		struct nommu_findings nommu_after_;                                                \
		statement;                                                                         \
		nommu_after_ = nommu_ask();                                                        \
		if (nommu_after_.errors != nommu_before_)                                          \
			ck_abort_msg("not portable: %s (%s): nommu explain %s",                    \
				     nommu_after_.title, strerror(nommu_after_.error),             \
				     nommu_after_.rule);                                           \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif
