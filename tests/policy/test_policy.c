/* SPDX-License-Identifier: MIT */
/*
 * Every decision of a Linux without an MMU by a named row: a state, a request, and what each
 * profile answers, which rules it meets and what is to be done (linux_*.c). The last test counts
 * that no rule was forgotten.
 */
#include "linux.h"

static const struct row_table *const tables[] = { &linux_mmap_rows, &linux_file_rows,
						  &linux_range_rows, &linux_object_rows };

/*
 * Rules that no decision here meets: lib/sys or the hooks
 * judge them with rule_answer(), or reports note them.
 */
static const uint16_t elsewhere[] = {
	RULE_NO_BRK,	      RULE_FORK,	 RULE_VFORK_CHILD,   RULE_DAEMON,
	RULE_FORKPTY,	      RULE_NO_FALLOCATE, RULE_MEMFD,	     RULE_STACK_DEPTH,
	RULE_IMAGE_TOO_LARGE, RULE_OVERCOMMIT,	 RULE_UNINITIALIZED, RULE_SPAWN_ATTRIBUTES,
	RULE_DLOPEN,	      RULE_NOT_COVERED,	 RULE_INTERNAL,
};

static void check(int index, enum conf_profile profile)
{
	const struct conf conf = machine_conf(16 << 20, profile);

	row_check(row_at(tables, ARRAY_SIZE(tables), (unsigned)index), &conf);
}

START_TEST(strict_answers_as_the_row_says)
{
	check(_i, PROFILE_STRICT);
}
END_TEST

START_TEST(linux_answers_as_the_row_says)
{
	check(_i, PROFILE_LINUX_6_12);
}
END_TEST

static bool met_elsewhere(enum rule_id rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (elsewhere[i] == rule)
			return true;
	return rule >= RULE_ATFORK; /* scan's */
}

START_TEST(every_rule_has_a_row_in_every_profile)
{
	const size_t n = ARRAY_SIZE(tables);

	for (unsigned rule = 1; rule < RULES; rule++)
		for (unsigned profile = PROFILE_STRICT; profile <= PROFILE_LINUX_6_12; profile++)
			if (rule_applies((enum rule_id)rule, (enum conf_profile)profile))
				ck_assert_msg(rows_meet(tables, n, (enum rule_id)rule, profile) !=
						      met_elsewhere((enum rule_id)rule),
					      "%s, %s", rule_get((enum rule_id)rule)->name,
					      conf_profile_name((enum conf_profile)profile));
}
END_TEST

START_TEST(oom_killer_takes_the_newest_of_the_highest_score)
{
	const struct conf conf = machine_conf(4 << 20, PROFILE_LINUX_6_12);
	struct machine m;
	uint32_t old, new;

	machine_make(&m, &conf);
	ck_assert_uint_eq(policy_oom_victim(&m.mm), m.mm.self);
	old = machine_join(&m, 2);
	new = machine_join(&m, 3);
	ck_assert_uint_eq(policy_oom_victim(&m.mm), new);
	mm_proc(&m.mm, old)->adj = 1500;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), old);
	mm_proc(&m.mm, old)->vforking = 1;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), new);
	mm_proc(&m.mm, new)->adj = 0;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), m.mm.self);
	mm_proc(&m.mm, m.mm.self)->state = PROC_ENDED;
	ck_assert_uint_eq(policy_oom_victim(&m.mm), 0);
	machine_drop(&m);
}
END_TEST

SUITE("policy", LOOP(strict_answers_as_the_row_says, rows_count(tables, ARRAY_SIZE(tables))),
      LOOP(linux_answers_as_the_row_says, rows_count(tables, ARRAY_SIZE(tables))),
      ONE(every_rule_has_a_row_in_every_profile),
      ONE(oom_killer_takes_the_newest_of_the_highest_score))
