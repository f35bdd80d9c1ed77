/* SPDX-License-Identifier: MIT */
/* Records of the ledger: zeroed when taken, reused when given, and undone with the operation. */
#include <string.h>

#include "support/machine.h"
#include "support/suite.h"

static struct machine m;

static void make(void)
{
	const struct conf conf = machine_conf(4 << 20, PROFILE_STRICT);

	machine_make(&m, &conf);
}

START_TEST(index_zero_is_never_given)
{
	make();
	machine_enter(&m);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_ne(pool_take(&m.ledger, POOL_OBJECT), 0);
	journal_rollback(&m.ledger.buddy.journal);
	ck_well(machine_leave(&m));
	machine_drop(&m);
}
END_TEST

START_TEST(record_is_zero_when_taken_again)
{
	uint32_t index;
	char *record;

	make();
	machine_enter(&m);
	index = pool_take(&m.ledger, POOL_OBJECT);
	record = pool_record(&m.ledger, POOL_OBJECT, index);
	memset(record, 0xff, m.ledger.h->pool[POOL_OBJECT].size);
	pool_give(&m.ledger, POOL_OBJECT, index);
	ck_assert_uint_eq(m.ledger.h->pool[POOL_OBJECT].live, 0);
	ck_assert_uint_eq(pool_take(&m.ledger, POOL_OBJECT), index);
	for (uint32_t i = 0; i < m.ledger.h->pool[POOL_OBJECT].size; i++)
		ck_assert_int_eq(record[i], 0);
	ck_assert_uint_eq(m.ledger.h->pool[POOL_OBJECT].live, 1);
	pool_give(&m.ledger, POOL_OBJECT, index);
	ck_well(machine_leave(&m));
	machine_drop(&m);
}
END_TEST

/*
 * A record that goes and is taken again in one operation
 * is another's by then: undoing must bring all of it.
 */
START_TEST(record_given_and_taken_in_one_operation_comes_back_whole)
{
	uint32_t index;
	char *record;

	make();
	machine_enter(&m);
	index = pool_take(&m.ledger, POOL_OBJECT);
	record = pool_record(&m.ledger, POOL_OBJECT, index);
	memset(record + 4, 0x5a, m.ledger.h->pool[POOL_OBJECT].size - 4);
	ledger_leave(&m.ledger);
	machine_enter(&m);
	pool_give(&m.ledger, POOL_OBJECT, index);
	ck_assert_uint_eq(pool_take(&m.ledger, POOL_OBJECT), index);
	memset(record + 4, 0x33, m.ledger.h->pool[POOL_OBJECT].size - 4);
	journal_rollback(&m.ledger.buddy.journal);
	for (uint32_t i = 4; i < m.ledger.h->pool[POOL_OBJECT].size; i++)
		ck_assert_int_eq(record[i], 0x5a);
	ck_assert_uint_eq(m.ledger.h->pool[POOL_OBJECT].live, 1);
	pool_give(&m.ledger, POOL_OBJECT, index);
	ck_well(machine_leave(&m));
	machine_drop(&m);
}
END_TEST

START_TEST(pool_grows_and_ends_at_its_limit)
{
	const struct pool *p;
	uint32_t taken = 0, first;

	make();
	p = &m.ledger.h->pool[POOL_OBJECT];
	machine_enter(&m);
	first = p->exists;
	while (pool_take(&m.ledger, POOL_OBJECT)) {
		taken++;
		journal_commit(&m.ledger.buddy.journal);
	}
	ck_assert_uint_gt(p->exists, first);
	ck_assert_uint_gt(taken + 3, p->limit);
	ck_assert_uint_le(taken, p->limit);
	ck_assert_uint_eq(p->live, taken);
	ledger_leave(&m.ledger);
	machine_drop(&m);
}
END_TEST

SUITE("arena/pool", ONE(index_zero_is_never_given), ONE(record_is_zero_when_taken_again),
      ONE(record_given_and_taken_in_one_operation_comes_back_whole),
      ONE(pool_grows_and_ends_at_its_limit))
