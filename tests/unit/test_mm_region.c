/* SPDX-License-Identifier: MIT */
/*
 * mm/region: pages go back with their last user, and
 * regions that may be shared are listed by address.
 */
#include "support/machine.h"
#include "support/suite.h"

#define RAM (4u << 20)

static struct machine m;

static uint32_t free_pages(void)
{
	return m.ledger.h->buddy.free_pages;
}

static void make(void)
{
	struct conf conf = machine_conf(RAM, PROFILE_STRICT);

	machine_make(&m, &conf);
}

static uint32_t again(uint32_t vma, uint32_t proc)
{
	struct mm_vma copy = *mm_vma(&m.mm, vma);
	uint32_t more;

	copy.proc = proc;
	copy.flags &= ~(uint32_t)(VMA_LISTED | VMA_VIEW | VMA_START);
	machine_enter(&m);
	more = mm_vma_new(&m.mm, &copy, false);
	ck_well(machine_leave(&m));
	ck_assert_uint_ne(more, 0);
	return more;
}

static void erase(uint32_t vma)
{
	machine_enter(&m);
	mm_vma_erase(&m.mm, vma, false);
	ck_well(machine_leave(&m));
}

START_TEST(trimmed_pages_are_as_many_as_were_asked_for)
{
	static const uint32_t asked[] = { 1, 2, 3, 5, 17, 100, 255, 256, 257 };
	uint32_t before, vma;

	make();
	before = free_pages();
	vma = machine_map(&m, asked[_i]);
	ck_assert_uint_eq(before - free_pages(), asked[_i]);
	ck_assert_uint_eq(m.ledger.h->stats.kind[NOMMU_KIND_MAPPING], asked[_i]);
	erase(vma);
	ck_assert_uint_eq(free_pages(), before);
	ck_assert_uint_eq(m.ledger.h->stats.kind[NOMMU_KIND_MAPPING], 0);
	ck_assert_uint_eq(m.ledger.h->stats.peak, asked[_i]);
	machine_drop(&m);
}
END_TEST

START_TEST(a_shared_region_stays_until_its_last_user)
{
	uint32_t object, first, second, region, proc;

	make();
	object = machine_object(&m, 7, 4);
	first = machine_show(&m, object, 0, 4);
	region = mm_vma(&m.mm, first)->region;
	proc = machine_join(&m, 4711);
	second = again(first, proc);
	ck_assert_uint_eq(mm_region(&m.mm, region)->users, 2);
	erase(first);
	ck_assert_uint_eq(mm_region(&m.mm, region)->users, 1);
	ck_assert_uint_eq(mm_object(&m.mm, object)->users, 1);
	erase(second);
	ck_assert_uint_eq(m.ledger.h->pool[POOL_REGION].live, 0);
	ck_assert_uint_eq(mm_object(&m.mm, object)->users, 0);
	machine_drop(&m);
}
END_TEST

START_TEST(an_object_keeps_its_pages_without_users)
{
	uint32_t before, object;

	make();
	before = free_pages();
	object = machine_object(&m, 7, 5);
	ck_assert_uint_eq(before - free_pages(), 5);
	erase(machine_show(&m, object, 1, 2));
	ck_assert_uint_eq(before - free_pages(), 5);
	machine_enter(&m);
	mm_object_drop(&m.mm, object);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(free_pages(), before);
	machine_drop(&m);
}
END_TEST

START_TEST(regions_that_may_be_shared_are_listed_by_address)
{
	uint32_t object[3], count = 0;

	make();
	for (uint64_t i = 0; i < ARRAY_SIZE(object); i++)
		object[i] = machine_object(&m, i + 1, 3);
	machine_show(&m, object[2], 0, 3);
	machine_show(&m, object[0], 1, 1);
	machine_show(&m, object[1], 0, 2);
	machine_map(&m, 4); /* private: not in the list */
	for (uint32_t r = m.ledger.h->region_first; r; r = mm_region(&m.mm, r)->next, count++)
		if (mm_region(&m.mm, r)->next)
			ck_assert_uint_lt(mm_region(&m.mm, r)->start,
					  mm_region(&m.mm, mm_region(&m.mm, r)->next)->start);
	ck_assert_uint_eq(count, 3);
	machine_drop(&m);
}
END_TEST

SUITE("mm/region", LOOP(trimmed_pages_are_as_many_as_were_asked_for, 9),
      ONE(a_shared_region_stays_until_its_last_user), ONE(an_object_keeps_its_pages_without_users),
      ONE(regions_that_may_be_shared_are_listed_by_address))
