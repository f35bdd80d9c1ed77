/* SPDX-License-Identifier: MIT */
#include "fit/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"

/* The largest request that any machine could grant; more is reported, not replayed. */
static bool is_possible(const struct region *region)
{
	return pages_order(region->pages) < BUDDY_ORDERS;
}

/* Requests of shared objects are granted whole, so their block counts, not what was asked for. */
static uint32_t wanted_pages(const struct region *region)
{
	return region->flags & 1 ? region->kept : region->pages;
}

/* What a region still has, while the steps are checked: nothing may go back twice, damaged or not.
 */
struct piece {
	uint32_t start, end; /* pages from the region's start */
	uint32_t next;	     /* piece of the same region, or NONE */
};

struct checker {
	uint32_t *first; /* piece of each region; NONE: all of it or nothing, see whole */
	bool *whole;
	struct piece *pieces;
	uint32_t pieces_count, pieces_room;
};

static void add_piece(struct checker *checker, uint32_t region, uint32_t start, uint32_t end)
{
	struct piece *piece;

	if (start >= end)
		return;
	piece = ARRAY_ADD(checker, pieces);
	*piece = (struct piece){ start, end, checker->first[region] };
	checker->first[region] = checker->pieces_count - 1;
}

/* Takes [start, end) out of what the region has; false if it is not there in one piece. */
static bool take_out(struct checker *checker, uint32_t region, uint32_t kept, uint32_t start,
		     uint32_t end)
{
	uint32_t *link = &checker->first[region];

	if (checker->whole[region]) {
		if (end > kept)
			return false;
		checker->whole[region] = false;
		add_piece(checker, region, 0, start);
		add_piece(checker, region, end, kept);
		return true;
	}
	for (; *link != NONE; link = &checker->pieces[*link].next) {
		struct piece piece = checker->pieces[*link];

		if (start < piece.start || end > piece.end)
			continue;
		*link = piece.next;
		add_piece(checker, region, piece.start, start);
		add_piece(checker, region, end, piece.end);
		return true;
	}
	return false;
}

static void add_release(struct replay *replay, struct checker *checker, const struct region *region,
			const struct step *step, uint64_t *now)
{
	uint32_t kept = region->refused ? region->pages : region->kept;
	uint64_t offset = (uint64_t)step->start - region->start;
	struct replay_step *copy;

	if (step->start < region->start || offset + step->pages > kept ||
	    !take_out(checker, step->region, kept, (uint32_t)offset,
		      (uint32_t)offset + step->pages))
		return;
	copy = &replay->steps[replay->steps_count++];
	copy->region = step->region;
	copy->offset = (uint32_t)offset;
	/* The block may be cut elsewhere in the replay: the region's end is the region's end. */
	copy->pages = offset + step->pages == kept ? UINT32_MAX : step->pages;
	*now -= min_u64(*now, step->pages);
}

static void add_step(struct replay *replay, struct checker *checker, const struct memory *memory,
		     const struct step *step, uint64_t *now)
{
	const struct region *region = &memory->regions[step->region];

	if (!is_possible(region)) {
		if (!step->pages) {
			replay->impossible++;
			replay->impossible_pages = max_u64(replay->impossible_pages, region->pages);
		}
		return;
	}
	if (step->pages) {
		add_release(replay, checker, region, step, now);
		return;
	}
	checker->whole[step->region] = true;
	checker->first[step->region] = NONE;
	replay->steps[replay->steps_count++].region = step->region;
	*now += wanted_pages(region);
	replay->peak_pages = max_u64(replay->peak_pages, *now);
}

void replay_open(struct replay *replay, const struct memory *memory,
		 const struct nommu_recording_header *header)
{
	struct checker checker = { 0 };
	uint64_t now = 0;

	memset(replay, 0, sizeof(*replay));
	replay->trim = (uint32_t)min_u64(header->trim, UINT32_MAX);
	replay->board = header->has_buddyinfo ? header->free_blocks : NULL;
	replay->steps = calloc(memory->steps_count + 1u, sizeof(*replay->steps));
	replay->regions = calloc(memory->regions_count + 1u, sizeof(*replay->regions));
	checker.first = calloc(memory->regions_count + 1u, sizeof(*checker.first));
	checker.whole = calloc(memory->regions_count + 1u, sizeof(*checker.whole));
	if (!replay->steps || !replay->regions || !checker.first || !checker.whole)
		pool_exhausted();
	replay->regions_count = memory->regions_count;
	for (uint32_t i = 0; i < memory->regions_count; i++) {
		const struct region *region = &memory->regions[i];

		replay->regions[i].pages = wanted_pages(region);
		if (is_possible(region) && pages_order(region->pages) > replay->top_order)
			replay->top_order = pages_order(region->pages);
	}
	for (uint32_t i = 0; i < memory->steps_count; i++)
		add_step(replay, &checker, memory, &memory->steps[i], &now);
	free(checker.first);
	free(checker.whole);
	free(checker.pieces);
}

void replay_close(struct replay *replay)
{
	free(replay->steps);
	free(replay->regions);
	free(replay->view.page);
	free(replay->view.block);
	memset(replay, 0, sizeof(*replay));
}

static void add_blocks(uint64_t pages, unsigned max_order, uint32_t lists[BUDDY_ORDERS])
{
	lists[max_order] += (uint32_t)(pages >> max_order);
	for (unsigned order = 0; order < max_order; order++)
		lists[order] += pages >> order & 1;
}

static void take_blocks(uint64_t pages, unsigned max_order, uint32_t lists[BUDDY_ORDERS])
{
	for (unsigned order = max_order + 1; pages && order-- > 0;) {
		uint64_t whole = min_u64(lists[order], pages >> order);

		lists[order] -= (uint32_t)whole;
		pages -= whole << order;
		if (!pages || !lists[order])
			continue;
		lists[order]--;
		add_blocks((1ULL << order) - pages, max_order, lists);
		return;
	}
}

void replay_lists(const uint32_t *board, uint64_t pages, unsigned max_order,
		  uint32_t lists[BUDDY_ORDERS])
{
	uint64_t all = 0;

	memset(lists, 0, BUDDY_ORDERS * sizeof(*lists));
	for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
		all += (uint64_t)board[order] << order;
		if (order > max_order)
			lists[max_order] += board[order] << (order - max_order);
		else
			lists[order] += board[order];
	}
	if (pages > all)
		add_blocks(pages - all, max_order, lists);
	else
		take_blocks(all - pages, max_order, lists);
}

bool replay_prepare(struct replay *replay, uint64_t ram_pages, unsigned max_order)
{
	uint32_t lists[BUDDY_ORDERS], *free_lists = replay->board ? lists : NULL;
	uint64_t span;

	if (free_lists)
		replay_lists(replay->board, ram_pages, max_order, free_lists);
	span = buddy_span(ram_pages, free_lists, max_order);

	if (!span || span > UINT32_MAX / 2)
		return false;
	if (span > replay->room) {
		free(replay->view.page);
		free(replay->view.block);
		replay->view.page = malloc(span * sizeof(*replay->view.page));
		replay->view.block = malloc(span * sizeof(*replay->view.block));
		replay->room = replay->view.page && replay->view.block ? (uint32_t)span : 0;
	}
	if (span > replay->room)
		return false;
	memset(&replay->buddy, 0, sizeof(replay->buddy));
	memset(replay->view.page, 0, span * sizeof(*replay->view.page));
	replay->buddy.pages = (uint32_t)span;
	replay->buddy.max_order = max_order;
	replay->buddy.reserve = buddy_reserve(ram_pages);
	replay->buddy.trim = replay->trim;
	replay->view.b = &replay->buddy;
	buddy_setup(&replay->view, ram_pages, free_lists);
	return true;
}

static void give_back(struct replay *replay, const struct replay_step *step)
{
	struct replay_region *region = &replay->regions[step->region];
	uint32_t pages = step->pages;

	if (step->offset >= region->kept)
		return;
	if (pages > region->kept - step->offset)
		pages = region->kept - step->offset;
	buddy_free(&replay->view, region->start + step->offset, pages);
}

void replay_run(struct replay *replay, uint64_t ram_pages, unsigned max_order,
		struct replay_result *result)
{
	memset(result, 0, sizeof(*result));
	result->answer = BUDDY_EMPTY;
	if (!replay_prepare(replay, ram_pages, max_order))
		return;
	for (uint32_t i = 0; i < replay->steps_count; i++) {
		const struct replay_step *step = &replay->steps[i];
		struct replay_region *region = &replay->regions[step->region];

		if (step->pages) {
			give_back(replay, step);
			continue;
		}
		region->start = buddy_alloc(&replay->view, region->pages, &region->kept);
		if (region->start != BUDDY_NONE)
			continue;
		result->step = i;
		result->wanted = region->pages;
		result->answer = buddy_would(&replay->view, region->pages);
		result->free_pages = replay->buddy.free_pages;
		result->largest = buddy_largest(&replay->view);
		result->reserve = replay->buddy.reserve;
		for (unsigned order = 0; order <= max_order; order++)
			result->blocks[order] = buddy_blocks(&replay->view, order);
		return;
	}
	result->done = true;
}
