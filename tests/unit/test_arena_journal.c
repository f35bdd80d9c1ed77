/* SPDX-License-Identifier: MIT */
/* Undo: whatever part of an operation was done, the values of its start come back. */
#include <stdlib.h>
#include <string.h>

#include "arena/journal.h"
#include "support/suite.h"

#define WORDS 64

struct shared {
	struct journal_area area;
	uint32_t narrow[WORDS];
	uint64_t wide[WORDS];
};

static struct shared *make(struct journal *j)
{
	struct shared *s = calloc(1, sizeof *s);

	j->area = &s->area;
	j->base = (char *)s;
	for (uint32_t i = 0; i < WORDS; i++) {
		s->narrow[i] = i;
		s->wide[i] = ~(uint64_t)i;
	}
	return s;
}

static void ck_untouched(const struct shared *s)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		ck_assert_uint_eq(s->narrow[i], i);
		ck_assert_uint_eq(s->wide[i], ~(uint64_t)i);
	}
}

static void scribble(const struct journal *j, struct shared *s, unsigned stores)
{
	for (unsigned i = 0; i < stores; i++) {
		if (rand() % 2)
			set32(j, &s->narrow[rand() % WORDS], (uint32_t)rand());
		else
			set64(j, &s->wide[rand() % WORDS], (uint64_t)rand() << 33);
	}
}

START_TEST(rollback_brings_every_value_back)
{
	struct journal j;
	struct shared *s = make(&j);

	srand((unsigned)_i);
	scribble(&j, s, (unsigned)_i * 40);
	ck_assert_uint_eq(journal_rollback(&j), (unsigned)_i * 40);
	ck_untouched(s);
	ck_assert_uint_eq(s->area.count, 0);
	free(s);
}
END_TEST

START_TEST(commit_keeps_what_was_stored)
{
	struct journal j;
	struct shared *s = make(&j);

	set32(&j, &s->narrow[3], 33);
	set64(&j, &s->wide[3], 1ULL << 40);
	journal_commit(&j);
	ck_assert_uint_eq(journal_rollback(&j), 0);
	ck_assert_uint_eq(s->narrow[3], 33);
	ck_assert_uint_eq(s->wide[3], 1ULL << 40);
	free(s);
}
END_TEST

START_TEST(saved_store_that_was_never_made_does_no_harm)
{
	struct journal j;
	struct shared *s = make(&j);

	set32(&j, &s->narrow[1], 11);
	/* died between the entry and the store */
	journal_save(&j, &s->narrow[2], 0, s->narrow[2]);
	journal_rollback(&j);
	ck_untouched(s);
	free(s);
}
END_TEST

START_TEST(rollback_that_was_cut_short_is_finished_by_the_next)
{
	struct journal j;
	struct shared *s = make(&j), *copy = malloc(sizeof *copy);

	srand(5);
	scribble(&j, s, 200);
	memcpy(copy, s, sizeof *copy);
	/* Died after `done` steps, before the count went down for the last of them. */
	for (uint32_t done = 1; done <= 200; done++) {
		memcpy(s, copy, sizeof *s);
		s->area.count = 200;
		for (uint32_t n = 200; n > 200 - done; n--) {
			const struct journal_entry *e = &s->area.entry[n - 1];

			if (e->where & JOURNAL_WIDE)
				*(uint64_t *)((char *)s + (e->where & ~JOURNAL_WIDE)) = e->old;
			else
				*(uint32_t *)((char *)s + e->where) = (uint32_t)e->old;
			s->area.count = n > 200 - done + 1 ? n - 1 : n;
		}
		journal_rollback(&j);
		ck_untouched(s);
	}
	free(copy);
	free(s);
}
END_TEST

START_TEST(room_counts_down_and_without_an_area_is_endless)
{
	struct journal j, none = { NULL, NULL };
	struct shared *s = make(&j);
	uint32_t word = 1;

	ck_assert_uint_eq(journal_room(&j), JOURNAL_ENTRIES);
	set32(&j, &s->narrow[0], 5);
	ck_assert_uint_eq(journal_room(&j), JOURNAL_ENTRIES - 1);
	set32(&none, &word, 2);
	ck_assert_uint_eq(word, 2);
	ck_assert_uint_eq(journal_room(&none), UINT32_MAX);
	journal_commit(&none);
	free(s);
}
END_TEST

SUITE("arena/journal", LOOP(rollback_brings_every_value_back, 20),
      ONE(commit_keeps_what_was_stored), ONE(saved_store_that_was_never_made_does_no_harm),
      ONE(rollback_that_was_cut_short_is_finished_by_the_next),
      ONE(room_counts_down_and_without_an_area_is_endless))
