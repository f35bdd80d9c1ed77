/* SPDX-License-Identifier: MIT */
/* row.c - see row.h. */
#include "row.h"

void row_check(const struct row *row, const struct conf *conf)
{
	const char *word = conf_profile_name(conf->profile);
	struct scene s = { .r = row->r };
	struct verdict v = { 0 };
	uint64_t before, after;

	machine_make(&s.m, conf);
	if (row->setup)
		row->setup(&s);
	before = s.m.ledger.h->buddy.free_pages;
	machine_enter(&s.m);
	if (row->judge)
		row->judge(&s, &v);
	else
		policy_mmap(&s.m.mm, &s.r, &v);
	ck_assert_msg(!s.m.ledger.buddy.journal.area->count, "%s: a decision changed the state",
		      row->name);
	ledger_leave(&s.m.ledger);
	after = s.m.ledger.h->buddy.free_pages;
	machine_drop(&s.m);
	ck_assert_uint_eq(before, after);
	ck_assert_msg(v.result == row->result[conf->profile], "%s, %s: %ld", row->name, word,
		      v.result);
	ck_assert_msg(v.action == row->action[conf->profile], "%s, %s: action %u", row->name, word,
		      v.action);
	ck_assert_msg(v.result || v.swap == row->swap, "%s, %s: swap %u", row->name, word, v.swap);
	for (unsigned i = 0; i < MOST; i++)
		ck_assert_msg((i < v.rules ? v.rule[i] : RULE_NONE) == row->rules[conf->profile][i],
			      "%s, %s: rule %u is %s", row->name, word, i,
			      i < v.rules ? rule_get((enum rule_id)v.rule[i])->name : "missing");
}

const struct row *row_at(const struct row_table *const *tables, size_t n, size_t i)
{
	for (size_t t = 0; t < n; t++) {
		if (i < tables[t]->count)
			return &tables[t]->row[i];
		i -= tables[t]->count;
	}
	ck_abort_msg("there are not so many rows");
	return NULL;
}

size_t rows_count(const struct row_table *const *tables, size_t n)
{
	size_t count = 0;

	for (size_t t = 0; t < n; t++)
		count += tables[t]->count;
	return count;
}

bool rows_meet(const struct row_table *const *tables, size_t n, enum rule_id rule, unsigned profile)
{
	for (size_t i = rows_count(tables, n); i-- > 0;) {
		const struct row *row = row_at(tables, n, i);

		for (unsigned k = 0; k < MOST; k++)
			if (row->rules[profile][k] == rule)
				return true;
	}
	return false;
}
