/* SPDX-License-Identifier: MIT */
/*
 * Every decision of HP-UX by a named row (hpux_*.c). There is no HP-UX to ask: the rows say what
 * its manual says. The last test counts that no rule was forgotten.
 */
#include "hpux.h"

static const struct row_table *const tables[] = { &hpux_mmap_rows, &hpux_range_rows,
						  &hpux_call_rows };

/* Rules that no decision here meets: lib/sys or the launcher notes them. */
static const uint16_t elsewhere[] = { RULE_SWAP_UNUSED, RULE_NOT_COVERED, RULE_INTERNAL };

START_TEST(hpux_answers_as_the_row_says)
{
	struct conf conf = machine_conf(HPUX_RAM, PROFILE_HPUX_11_31);

	conf.swap = 0;
	row_check(row_at(tables, ARRAY_SIZE(tables), (unsigned)_i), &conf);
}
END_TEST

START_TEST(every_rule_has_a_row)
{
	for (unsigned rule = 1; rule < RULES; rule++) {
		bool other = false;

		for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
			other |= elsewhere[i] == rule;
		ck_assert_msg((rows_meet(tables, ARRAY_SIZE(tables), (enum rule_id)rule,
					 PROFILE_HPUX_11_31) ||
			       other) == rule_applies((enum rule_id)rule, PROFILE_HPUX_11_31),
			      "%s", rule_get((enum rule_id)rule)->name);
	}
}
END_TEST

SUITE("policy/hpux", LOOP(hpux_answers_as_the_row_says, rows_count(tables, ARRAY_SIZE(tables))),
      ONE(every_rule_has_a_row))
