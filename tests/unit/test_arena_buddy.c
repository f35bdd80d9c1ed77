/* SPDX-License-Identifier: MIT */
/*
 * The page allocator by itself: figures that a real
 * 6.12 gave, and random use against its own check.
 */
#include <stdlib.h>
#include <string.h>

#include "arena/buddy.h"
#include "support/suite.h"

struct arena {
	struct buddy b;
	struct buddy_view v;
};

static void make(struct arena *a, uint64_t free_pages, const uint32_t *free, unsigned max_order)
{
	memset(a, 0, sizeof *a);
	a->b.pages = (uint32_t)buddy_span(free_pages, free, max_order);
	a->b.max_order = max_order;
	a->b.trim = 1;
	a->b.reserve = buddy_reserve(free_pages);
	a->v.b = &a->b;
	a->v.page = calloc(a->b.pages, sizeof *a->v.page);
	a->v.block = calloc((a->b.pages >> max_order) + 1, sizeof *a->v.block);
	buddy_setup(&a->v, free_pages, free);
	ck_well(buddy_check(&a->v));
}

static void drop(struct arena *a)
{
	free(a->v.page);
	free(a->v.block);
}

/* The free lists of a 64 MiB guest, and how many of each size it granted one after the other. */
static const uint32_t measured[BUDDY_ORDERS] = { 2, 7, 5, 4, 2, 6, 3, 2, 3, 3, 11 };
static const struct capacity {
	unsigned pages;
	unsigned granted;
} capacities[] = {
	{ 32, 438 }, { 16, 874 }, { 256, 53 }, { 1024, 11 }, { 24, 444 }, { 33, 219 }, { 65, 108 },
};

static uint64_t sum(const uint32_t *free)
{
	uint64_t pages = 0;

	for (unsigned order = 0; order < BUDDY_ORDERS; order++)
		pages += (uint64_t)free[order] << order;
	return pages;
}

START_TEST(grants_as_many_blocks_as_the_real_kernel)
{
	const struct capacity *c = &capacities[_i];
	struct arena a;
	unsigned granted = 0;
	uint32_t kept;

	make(&a, sum(measured), measured, 10);
	while (buddy_alloc(&a.v, c->pages, &kept) != BUDDY_NONE)
		granted++;
	ck_well(buddy_check(&a.v));
	ck_assert_msg(granted * 100 >= c->granted * 98 && granted * 100 <= c->granted * 102,
		      "%u pages: granted %u, the kernel %u", c->pages, granted, c->granted);
	drop(&a);
}
END_TEST

START_TEST(setup_has_exactly_the_lists_that_were_asked_for)
{
	unsigned max_order = (unsigned)_i % 12;
	uint32_t lists[BUDDY_ORDERS] = { 0 };
	struct arena a;

	srand((unsigned)_i);
	for (unsigned order = 0; order <= max_order; order++)
		lists[order] = (uint32_t)(rand() % 4 ? rand() % 12 : rand() % 200);
	lists[max_order]++;
	make(&a, sum(lists), lists, max_order);
	for (unsigned order = 0; order <= max_order; order++)
		ck_assert_uint_eq(buddy_blocks(&a.v, order), lists[order]);
	ck_assert_uint_eq(a.b.free_pages, sum(lists));
	drop(&a);
}
END_TEST

/* By pageblock: pages that are free in blocks of 32 and more, in a 24 MiB guest of 6.12. */
START_TEST(free_blocks_lie_as_a_booted_kernel_leaves_them)
{
	static const uint32_t lists[BUDDY_ORDERS] = { 3, 6, 5, 3, 2, 5, 2, 4, 3, 3, 1 };
	static const struct {
		uint32_t pages, type;
	} blocks[] = {
		{ 256 + 32 + 32, BUDDY_MOVABLE },	      /* behind the kernel's image */
		{ 128, BUDDY_UNMOVABLE },		      /* the kernel's records */
		{ 512 + 256 + 32, BUDDY_UNMOVABLE },	      /* the first program */
		{ 512 + 256 + 128 + 64 + 32, BUDDY_MOVABLE }, /* the middle of RAM */
		{ 1024, BUDDY_MOVABLE },		      /* in use by nobody */
		{ 512 + 128 + 128 + 64 + 32, BUDDY_MOVABLE }, /* the top of RAM */
	};
	struct arena a;

	make(&a, sum(lists), lists, 10);
	ck_assert_uint_eq(a.b.pages, ARRAY_SIZE(blocks) << 10);
	for (uint32_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		uint32_t pages = 0;

		for (uint32_t page = i << 10; page < (i + 1) << 10; page++)
			if (buddy_state(buddy_word(&a.v, page)) > 5)
				pages += 1u << (buddy_state(buddy_word(&a.v, page)) - 1);
		ck_assert_uint_eq(pages, blocks[i].pages);
		ck_assert_uint_eq(a.v.block[i].type, blocks[i].type);
	}
	drop(&a);
}
END_TEST

START_TEST(clean_run_is_whole_blocks_from_page_zero)
{
	struct arena a;

	make(&a, 3 * 1024 + 5, NULL, 10);
	ck_assert_uint_eq(a.b.pages, 4 * 1024);
	ck_assert_uint_eq(a.b.free_pages, 3 * 1024 + 5);
	ck_assert_uint_eq(buddy_blocks(&a.v, 10), 3);
	ck_assert_uint_eq(buddy_blocks(&a.v, 2), 1);
	ck_assert_uint_eq(buddy_blocks(&a.v, 0), 1);
	drop(&a);
}
END_TEST

/* vm.nr_trim_pages: asked, trim, kept; as recorded from the kernel. */
static const struct trim {
	uint32_t asked, trim, kept;
} trims[] = {
	{ 257, 0, 512 }, { 257, 300, 512 }, { 200, 300, 256 }, { 412, 100, 412 }, { 413, 100, 512 },
	{ 257, 1, 257 }, { 256, 1, 256 },   { 1, 1, 1 },       { 3, 1, 3 },	  { 3, 2, 4 },
	{ 5, 3, 5 },	 { 5, 4, 8 },	    { 511, 1, 511 },   { 1023, 1, 1023 }, { 1024, 0, 1024 },
};

START_TEST(tail_goes_back_where_at_least_trim_pages_would)
{
	const struct trim *t = &trims[_i];
	struct arena a;
	uint32_t kept = 0, page;

	make(&a, 8192, NULL, 10);
	a.b.trim = t->trim;
	page = buddy_alloc(&a.v, t->asked, &kept);
	ck_assert_uint_ne(page, BUDDY_NONE);
	ck_assert_uint_eq(kept, t->kept);
	ck_assert_uint_eq(a.b.free_pages, 8192 - t->kept);
	ck_well(buddy_check(&a.v));
	buddy_free(&a.v, page, kept);
	ck_well(buddy_check(&a.v));
	ck_assert_uint_eq(buddy_blocks(&a.v, 10), 8);
	drop(&a);
}
END_TEST

START_TEST(reserve_is_the_min_watermark)
{
	ck_assert_uint_eq(buddy_reserve(0), 0);
	ck_assert_uint_eq(buddy_reserve(16384), 256);	  /* int_sqrt(65536 * 16) = 1024 KiB */
	ck_assert_uint_eq(buddy_reserve(57248 / 4), 239); /* int_sqrt(57248 * 16) = 957 KiB */
}
END_TEST

START_TEST(single_pages_are_had_down_to_the_watermark_exactly)
{
	struct arena a;
	uint32_t kept;

	make(&a, 16384, NULL, 10);
	while (buddy_alloc(&a.v, 1, &kept) != BUDDY_NONE)
		;
	ck_assert_uint_eq(a.b.free_pages, a.b.reserve);
	ck_assert_int_eq(buddy_would(&a.v, 1), BUDDY_EMPTY);
	drop(&a);
}
END_TEST

START_TEST(answers_tell_too_large_from_fragmented_from_empty)
{
	struct arena a;
	uint32_t page[4096], kept;

	make(&a, 4096, NULL, 10);
	a.b.reserve = 0;
	ck_assert_int_eq(buddy_would(&a.v, 1025), BUDDY_TOO_LARGE);
	ck_assert_int_eq(buddy_would(&a.v, UINT64_MAX), BUDDY_TOO_LARGE);
	ck_assert_int_eq(buddy_would(&a.v, 1024), BUDDY_OK);
	for (unsigned i = 0; i < 4095; i++)
		page[i] = buddy_alloc(&a.v, 1, &kept);
	for (unsigned i = 0; i < 4095; i += 2)
		buddy_free(&a.v, page[i], 1);
	ck_well(buddy_check(&a.v));
	ck_assert_int_eq(buddy_would(&a.v, 4), BUDDY_FRAGMENTED);
	ck_assert_uint_eq(buddy_alloc(&a.v, 4, &kept), BUDDY_NONE);
	while (buddy_alloc(&a.v, 1, &kept) != BUDDY_NONE)
		;
	ck_assert_int_eq(buddy_would(&a.v, 1), BUDDY_EMPTY);
	drop(&a);
}
END_TEST

START_TEST(largest_is_the_largest)
{
	struct arena a;
	uint32_t kept;

	make(&a, 1024 + 64, NULL, 10);
	a.b.reserve = 0;
	ck_assert_uint_eq(buddy_largest(&a.v), 1024);
	buddy_alloc(&a.v, 1024, &kept);
	ck_assert_uint_eq(buddy_largest(&a.v), 64);
	buddy_alloc(&a.v, 64, &kept);
	ck_assert_uint_eq(buddy_largest(&a.v), 0);
	drop(&a);
}
END_TEST

#define SLOTS 400

struct use {
	uint32_t start, pages;
};

static void free_some(struct arena *a, struct use *use)
{
	uint32_t cut = 1 + (uint32_t)rand() % use->pages;

	/* Whole, from the start, or from the end: what munmap does. */
	if (rand() % 2)
		cut = use->pages;
	if (rand() % 2) {
		buddy_free(&a->v, use->start, cut);
		use->start += cut;
	} else {
		buddy_free(&a->v, use->start + use->pages - cut, cut);
	}
	use->pages -= cut;
}

START_TEST(random_use_keeps_every_invariant_and_ends_whole)
{
	struct use use[SLOTS] = { { 0, 0 } };
	struct arena a;
	uint64_t taken = 0, total;

	srand((unsigned)_i * 7919u + 1);
	make(&a, _i % 2 ? sum(measured) : 4096 + (uint64_t)(rand() % 4096),
	     _i % 2 ? measured : NULL, _i % 2 ? 10 : (unsigned)rand() % 11);
	total = a.b.free_pages;
	a.b.trim = (uint32_t)rand() % 3;
	for (unsigned step = 0; step < 3000; step++) {
		struct use *u = &use[rand() % SLOTS];
		uint32_t kept = 0;

		taken -= u->pages;
		if (u->pages) {
			free_some(&a, u);
		} else {
			u->start = buddy_alloc(&a.v, 1 + (uint64_t)(rand() % (1 << rand() % 10)),
					       &kept);
			u->pages = u->start == BUDDY_NONE ? 0 : kept;
		}
		taken += u->pages;
		ck_assert_uint_eq(taken + a.b.free_pages, total);
		if (step % 8 == 0)
			ck_well(buddy_check(&a.v));
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (use[i].pages)
			buddy_free(&a.v, use[i].start, use[i].pages);
	ck_well(buddy_check(&a.v));
	ck_assert_uint_eq(a.b.free_pages, total);
	drop(&a);
}
END_TEST

/*
 * One bit after the other of the allocator's words:
 * what the check does not see must be of no account.
 */
START_TEST(check_finds_what_is_torn)
{
	struct arena a;
	uint64_t *word;

	make(&a, sum(measured), measured, 10);
	a.b.free_pages--;
	ck_assert_ptr_nonnull(buddy_check(&a.v));
	a.b.free_pages++;
	for (uint32_t page = 0; page < a.b.pages; page++) {
		word = &a.v.page[page].word;
		for (unsigned bit = 0; buddy_state(&a.v.page[page]) && bit < 61; bit += 3) {
			*word ^= 1ULL << bit;
			ck_assert_ptr_nonnull(buddy_check(&a.v));
			*word ^= 1ULL << bit;
		}
	}
	for (unsigned order = 0; order <= 10; order++) {
		word = &a.b.list[BUDDY_MOVABLE][order].ends;
		for (unsigned bit = 0; bit < 64; bit++) {
			*word ^= 1ULL << bit;
			ck_assert_ptr_nonnull(buddy_check(&a.v));
			*word ^= 1ULL << bit;
		}
	}
	ck_well(buddy_check(&a.v));
	drop(&a);
}
END_TEST

/* A pageblock of very many free blocks is not moved by an operation that has little room left. */
START_TEST(a_request_fits_what_is_left_of_the_journal)
{
	const uint32_t scattered[BUDDY_ORDERS] = { 300 };
	struct journal_area *area = calloc(1, sizeof *area);
	struct arena a;
	uint32_t kept;

	make(&a, 300, scattered, 10);
	a.v.journal = (struct journal){ area, (char *)&a };
	for (uint32_t left = 50; left <= JOURNAL_ENTRIES; left += 50) {
		area->count = JOURNAL_ENTRIES - left;
		if (buddy_would(&a.v, 1) != BUDDY_OK)
			break;
		ck_assert_uint_ne(buddy_alloc(&a.v, 1, &kept), BUDDY_NONE);
		ck_well(buddy_check(&a.v));
	}
	drop(&a);
	free(area);
}
END_TEST

SUITE("arena/buddy", LOOP(grants_as_many_blocks_as_the_real_kernel, ARRAY_SIZE(capacities)),
      LOOP(setup_has_exactly_the_lists_that_were_asked_for, 120),
      ONE(free_blocks_lie_as_a_booted_kernel_leaves_them),
      ONE(clean_run_is_whole_blocks_from_page_zero),
      LOOP(tail_goes_back_where_at_least_trim_pages_would, ARRAY_SIZE(trims)),
      ONE(reserve_is_the_min_watermark), ONE(single_pages_are_had_down_to_the_watermark_exactly),
      ONE(answers_tell_too_large_from_fragmented_from_empty), ONE(largest_is_the_largest),
      LOOP(random_use_keeps_every_invariant_and_ends_whole, 20), ONE(check_finds_what_is_torn),
      ONE(a_request_fits_what_is_left_of_the_journal))
