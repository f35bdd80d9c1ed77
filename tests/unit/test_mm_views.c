/* SPDX-License-Identifier: MIT */
/* The index of one process's views against a plain array that does the same slowly. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mm/views.h"
#include "support/suite.h"

#define MOST 3000

struct plain {
	struct view view[MOST];
	unsigned count;
};

static struct view *plain_first(struct plain *p, uint64_t from, uint64_t to)
{
	struct view *best = NULL;

	for (unsigned i = 0; i < p->count; i++)
		if (p->view[i].end > from && p->view[i].start < to &&
		    (!best || p->view[i].start < best->start))
			best = &p->view[i];
	return best;
}

static uint64_t number(uint64_t below)
{
	return ((uint64_t)rand() << 20 ^ (uint64_t)rand()) % below;
}

static void add_one(struct views *v, struct plain *p, uint64_t space, uint32_t name)
{
	uint64_t start = number(space) << 12;
	struct view view = { start, start + ((1 + number(8)) << 12), name };

	if (p->count == MOST || plain_first(p, view.start, view.end))
		return;
	p->view[p->count++] = view;
	ck_assert(views_add(v, &view));
}

static void remove_one(struct views *v, struct plain *p)
{
	unsigned i = (unsigned)rand() % p->count;

	ck_assert(views_remove(v, p->view[i].start));
	ck_assert(!views_remove(v, p->view[i].start));
	p->view[i] = p->view[--p->count];
}

static void resize_one(struct views *v, struct plain *p)
{
	struct view *view = &p->view[(unsigned)rand() % p->count];
	uint64_t old = view->start;

	if (view->end - view->start < 2 << 12)
		return;
	if (rand() % 2)
		view->start += 1 << 12;
	else
		view->end -= 1 << 12;
	views_resize(v, old, view->start, view->end);
}

static void compare_one(struct views *v, struct plain *p, uint64_t space)
{
	uint64_t from = number(space) << 12, to = from + 1 + (number(64) << 11);
	const struct view *got = views_first(v, from, to), *wanted = plain_first(p, from, to);

	ck_assert_int_eq(got != NULL, wanted != NULL);
	if (!got)
		return;
	ck_assert_uint_eq(got->start, wanted->start);
	ck_assert_uint_eq(got->end, wanted->end);
	ck_assert_uint_eq(got->vma, wanted->vma);
}

START_TEST(answers_as_a_plain_array_does)
{
	struct plain *p = calloc(1, sizeof *p);
	struct views *v = views_new();
	uint64_t space = _i % 2 ? 2000 : 1 << 20;

	ck_assert_ptr_nonnull(v);
	srand((unsigned)_i);
	for (uint32_t step = 0; step < 12000; step++) {
		unsigned what = (unsigned)rand() % 16;

		if (what < (step / 3000 % 2 ? 3u : 9u))
			add_one(v, p, space, step);
		else if (what < 11 && p->count)
			remove_one(v, p);
		else if (what < 13 && p->count)
			resize_one(v, p);
		if (step % 4 == 0)
			compare_one(v, p, space);
	}
	for (uint64_t from = 0; from < space << 12; from += (space << 12) / 1000)
		compare_one(v, p, space);
	ck_assert(!views_torn(v));
	free(p);
}
END_TEST

START_TEST(ascending_views_fill_many_leaves_and_go_again)
{
	struct views *v = views_new();
	const uint64_t n = 100000;

	for (uint64_t i = 0; i < n; i++) {
		struct view view = { i << 13, (i << 13) + 4096, (uint32_t)i + 1 };

		ck_assert(views_add(v, &view));
	}
	for (uint64_t i = 0; i < n; i += 997) {
		ck_assert_uint_eq(views_first(v, i << 13, (i << 13) + 1)->vma, i + 1);
		ck_assert_ptr_null(views_first(v, (i << 13) + 4096, (i + 1) << 13));
	}
	for (uint64_t i = 0; i < n; i++)
		ck_assert(views_remove(v, i << 13));
	ck_assert_ptr_null(views_first(v, 0, UINT64_MAX));
}
END_TEST

START_TEST(empty_index_finds_nothing)
{
	struct views *v = views_new();

	ck_assert_ptr_null(views_first(v, 0, UINT64_MAX));
	ck_assert(!views_remove(v, 4096));
	views_resize(v, 4096, 0, 1);
	views_clear(v);
	ck_assert(!views_torn(v));
}
END_TEST

SUITE("mm/views", LOOP(answers_as_a_plain_array_does, 8),
      ONE(ascending_views_fill_many_leaves_and_go_again), ONE(empty_index_finds_nothing))
