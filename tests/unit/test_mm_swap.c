/* SPDX-License-Identifier: MIT */
/*
 * Swap that is reserved and given back: of a machine with
 * an MMU, whatever is mapped, cut, copied and dropped.
 */
#include "mm/mm.h"
#include "support/machine.h"
#include "support/suite.h"

#define RAM (8ULL << 20)
#define POOL ((uint32_t)(RAM / 8 * 7 >> NOMMU_PAGE_SHIFT)) /* no other swap */
#define AT 0x700000000000ULL

static void make(struct machine *m)
{
	struct conf conf = machine_conf(RAM, PROFILE_HPUX_11_31);

	conf.swap = 0;
	machine_make(m, &conf);
}

/* A private mapping at page `page` behind AT; 0 if there is no swap for it. */
static uint32_t map(struct machine *m, uint32_t page, uint32_t pages, uint32_t swap, uint32_t flags)
{
	struct mm_region r = { .start = NO_PAGE,
			       .pages = pages,
			       .top = pages,
			       .flags = REGION_COPY,
			       .kind = NOMMU_KIND_MAPPING };
	struct mm_vma v = { .proc = m->mm.self,
			    .start = NO_PAGE,
			    .pages = pages,
			    .flags = flags,
			    .swap = swap,
			    .view = AT + ((uint64_t)page << NOMMU_PAGE_SHIFT) };
	uint32_t vma;

	machine_enter(m);
	v.region = mm_region_new(&m->mm, &r);
	vma = mm_vma_new(&m->mm, &v, false);
	if (!vma) {
		set32(mm_journal(&m->mm), &mm_region(&m->mm, v.region)->users, 1);
		mm_region_put(&m->mm, v.region);
	}
	ck_well(machine_leave(m));
	return vma;
}

static uint32_t cut(struct machine *m, uint32_t vma, uint32_t from, uint32_t to)
{
	uint32_t gave;

	machine_enter(m);
	gave = mm_vma_cut(&m->mm, vma, from, to);
	ck_well(machine_leave(m));
	return gave;
}

static uint32_t found(const struct machine *m, uint32_t page)
{
	return mm_find(&m->mm, AT + ((uint64_t)page << NOMMU_PAGE_SHIFT));
}

START_TEST(pool_is_swap_and_seven_eighths_of_the_ram)
{
	struct conf conf = machine_conf(RAM, PROFILE_HPUX_11_31);
	struct machine m;

	conf.swap = 1 << 20;
	machine_make(&m, &conf);
	ck_assert_uint_eq(m.ledger.h->swap_pages, POOL + 256);
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL + 256);
	machine_drop(&m);
}
END_TEST

START_TEST(mapping_takes_its_swap_and_gives_it_back)
{
	struct machine m;
	uint32_t vma;

	make(&m);
	vma = map(&m, 0, 10, 10, 0);
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL - 10);
	ck_assert_uint_eq(mm_proc(&m.mm, m.mm.self)->pages, 10);
	ck_assert_uint_eq(m.ledger.h->stats.kind[NOMMU_KIND_MAPPING], 10);
	machine_enter(&m);
	mm_vma_erase(&m.mm, vma, false);
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL);
	machine_drop(&m);
}
END_TEST

START_TEST(mapping_beyond_the_pool_is_not_made)
{
	struct machine m;

	make(&m);
	ck_assert_uint_ne(map(&m, 0, POOL, POOL, 0), 0);
	ck_assert_uint_eq(map(&m, 10000, 1, 1, 0), 0);
	ck_assert_uint_ne(map(&m, 10000, 1, 0, VMA_NORESERVE), 0);
	machine_drop(&m);
}
END_TEST

START_TEST(hole_leaves_two_mappings_with_their_swap)
{
	struct machine m;
	uint32_t vma;

	make(&m);
	vma = map(&m, 0, 10, 10, 0);
	ck_assert_uint_eq(cut(&m, vma, 3, 5), 2);
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL - 8);
	ck_assert_uint_eq(found(&m, 2), vma);
	ck_assert_uint_eq(found(&m, 3), 0);
	ck_assert_uint_ne(found(&m, 5), vma);
	ck_assert_uint_eq(mm_vma(&m.mm, found(&m, 5))->pages, 5);
	ck_assert_uint_eq(mm_vma(&m.mm, found(&m, 5))->pgoff, 5);
	ck_assert_uint_eq(mm_vma(&m.mm, found(&m, 5))->swap, 5);
	machine_drop(&m);
}
END_TEST

START_TEST(ends_are_cut_off)
{
	struct machine m;
	uint32_t vma;

	make(&m);
	vma = map(&m, 0, 10, 10, 0);
	ck_assert_uint_eq(cut(&m, vma, 0, 4), 4);
	ck_assert_uint_eq(found(&m, 3), 0);
	ck_assert_uint_eq(found(&m, 4), vma);
	ck_assert_uint_eq(cut(&m, vma, 5, 6), 1);
	ck_assert_uint_eq(found(&m, 9), 0);
	ck_assert_uint_eq(mm_vma(&m.mm, vma)->pages, 5);
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL - 5);
	machine_drop(&m);
}
END_TEST

START_TEST(pages_written_are_reserved_one_by_one)
{
	struct machine m;
	uint32_t vma;

	make(&m);
	vma = map(&m, 0, 10, 0, VMA_NORESERVE);
	machine_enter(&m);
	ck_assert(mm_vma_reserve(&m.mm, vma, 6));
	ck_assert(!mm_vma_reserve(&m.mm, vma, POOL + 1));
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL - 6);
	ck_assert_uint_eq(cut(&m, vma, 8, 10), 0);
	ck_assert_uint_eq(cut(&m, vma, 0, 4), 2);
	ck_assert_uint_eq(mm_vma(&m.mm, vma)->swap, 4);
	machine_drop(&m);
}
END_TEST

START_TEST(child_reserves_what_is_private)
{
	struct machine m;
	uint32_t child;

	make(&m);
	map(&m, 0, 10, 10, 0);
	map(&m, 10, 10, 0, VMA_NORESERVE);
	map(&m, 20, 10, 10, VMA_SHARED);
	child = machine_join(&m, 2);
	machine_enter(&m);
	ck_assert(mm_proc_copy(&m.mm, m.mm.self, child));
	ck_well(machine_leave(&m));
	ck_assert_uint_eq(mm_proc(&m.mm, child)->pages, 10);
	ck_assert_uint_eq(m.ledger.h->swap_free, POOL - 30);
	machine_drop(&m);
}
END_TEST

SUITE("mm/swap", ONE(pool_is_swap_and_seven_eighths_of_the_ram),
      ONE(mapping_takes_its_swap_and_gives_it_back), ONE(mapping_beyond_the_pool_is_not_made),
      ONE(hole_leaves_two_mappings_with_their_swap), ONE(ends_are_cut_off),
      ONE(pages_written_are_reserved_one_by_one), ONE(child_reserves_what_is_private))
