/* SPDX-License-Identifier: MIT */
/*
 * mm/vma: a mapping is cut, trimmed, resized and taken
 * out; what is left is found, what went is free.
 */
#include "support/machine.h"
#include "support/suite.h"

#define RAM (4u << 20)
#define PAGES 8

static struct machine m;
static uint32_t vma, start, free_before;

static uint32_t free_pages(void)
{
	return m.ledger.h->buddy.free_pages;
}

static void make(void)
{
	struct conf conf = machine_conf(RAM, PROFILE_LINUX_6_12);

	machine_make(&m, &conf);
	vma = machine_map(&m, PAGES);
	ck_assert_uint_ne(vma, 0);
	start = mm_vma(&m.mm, vma)->start;
	free_before = free_pages();
}

/* The mapping that a page of the first one belongs to. */
static uint32_t at(uint32_t page)
{
	return mm_find(&m.mm, machine_address(&m, start + page));
}

static uint32_t pages_at(uint32_t page)
{
	return at(page) ? mm_vma(&m.mm, at(page))->pages : 0;
}

static const struct {
	const char *name;
	uint32_t from, to; /* as mm_vma_shrink() */
	uint32_t left;	   /* pages at the front, page 0 */
	uint32_t right;	   /* pages of the mapping that starts at `to` */
	uint32_t spare;	   /* pages that go back */
	uint32_t first;	   /* the first of them, from the mapping's start */
} shrinks[] = {
	{ "all but one page goes", 1, PAGES, 1, 0, 7, 1 },
	{ "the upper end goes", 3, PAGES, 3, 0, 5, 3 },
	{ "one page of the upper end goes", 7, PAGES, 7, 0, 1, 7 },
	{ "the lower end goes", 0, 3, 0, 5, 3, 0 },
	{ "one page of the lower end goes", 0, 1, 0, 7, 1, 0 },
};

START_TEST(an_end_that_is_taken_off_is_free)
{
	uint32_t first = 0, spare;

	make();
	machine_enter(&m);
	spare = mm_vma_spare(&m.mm, vma, shrinks[_i].from, shrinks[_i].to, &first);
	mm_vma_shrink(&m.mm, vma, shrinks[_i].from, shrinks[_i].to);
	ck_well(machine_leave(&m));
	ck_assert_msg(spare == shrinks[_i].spare && first == start + shrinks[_i].first,
		      "%s: %u at %u", shrinks[_i].name, spare, first - start);
	ck_assert_uint_eq(pages_at(0), shrinks[_i].left);
	if (shrinks[_i].right)
		ck_assert_uint_eq(pages_at(shrinks[_i].to), shrinks[_i].right);
	ck_assert_uint_eq(free_pages(), free_before + shrinks[_i].spare);
	machine_drop(&m);
}
END_TEST

START_TEST(a_cut_makes_two_mappings_and_gives_nothing_back)
{
	uint32_t where = (uint32_t)_i + 1, lower;

	make();
	machine_enter(&m);
	lower = mm_vma_split(&m.mm, vma, where);
	ck_well(machine_leave(&m));
	ck_assert_uint_ne(lower, 0);
	ck_assert_uint_ne(at(0), at(where));
	ck_assert_uint_eq(pages_at(0), where);
	ck_assert_uint_eq(pages_at(where), PAGES - where);
	ck_assert_uint_ne(mm_vma(&m.mm, at(0))->region, mm_vma(&m.mm, at(where))->region);
	ck_assert_uint_eq(free_pages(), free_before);
	machine_drop(&m);
}
END_TEST

START_TEST(the_halves_of_a_cut_go_back_one_by_one)
{
	make();
	machine_enter(&m);
	mm_vma_split(&m.mm, vma, 3);
	ck_well(machine_leave(&m));
	machine_enter(&m);
	mm_vma_erase(&m.mm, at(3), false);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(free_pages(), free_before + 5);
	ck_assert_uint_eq(at(3), 0);
	ck_assert_uint_eq(pages_at(0), 3);
	machine_enter(&m);
	mm_vma_erase(&m.mm, at(0), false);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(free_pages(), free_before + PAGES);
	ck_assert_uint_eq(m.ledger.h->pool[POOL_VMA].live, 0);
	ck_assert_uint_eq(m.ledger.h->pool[POOL_REGION].live, 0);
	machine_drop(&m);
}
END_TEST

/* nommu.c:1559: the region keeps its pages, so that the view can grow back into them. */
START_TEST(a_resize_moves_the_end_and_keeps_the_pages)
{
	make();
	machine_enter(&m);
	mm_vma_resize(&m.mm, vma, 5);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(mm_vma(&m.mm, vma)->pages, 5);
	ck_assert_uint_eq(free_pages(), free_before);
	machine_enter(&m);
	mm_vma_resize(&m.mm, vma, PAGES);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(pages_at(0), PAGES);
	machine_enter(&m);
	mm_vma_erase(&m.mm, vma, false);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(free_pages(), free_before + PAGES);
	machine_drop(&m);
}
END_TEST

SUITE("mm/vma", LOOP(an_end_that_is_taken_off_is_free, ARRAY_SIZE(shrinks)),
      LOOP(a_cut_makes_two_mappings_and_gives_nothing_back, PAGES - 1),
      ONE(the_halves_of_a_cut_go_back_one_by_one), ONE(a_resize_moves_the_end_and_keeps_the_pages))
