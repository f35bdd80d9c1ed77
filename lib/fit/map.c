/* SPDX-License-Identifier: MIT */
/*
 * map.c - the arena page by page after some steps of a
 * recording, what of it is free, and who holds the rest.
 */
#include "fit/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "fit/fit.h"

#define MAP_PAGES_MAX (1u << 22) /* 16 GiB of 4 KiB pages: beyond it a map shows nothing */

static void map_paint(struct map *map, const struct region *region, uint32_t index)
{
	for (uint64_t i = 0; i < region->kept && region->start + i < map->count; i++) {
		map->pages[region->start + i] =
			(uint8_t)(1 + region->kind + (i >= region->pages ? MAP_WASTE : 0));
		map->region[region->start + i] = index;
	}
}

static void map_clear(struct map *map, const struct step *step)
{
	for (uint64_t i = 0; i < step->pages && step->start + i < map->count; i++) {
		map->pages[step->start + i] = 0;
		map->region[step->start + i] = NONE;
	}
}

/* What is free, as the page allocator would have it: the largest aligned blocks. */
static void map_blocks(struct map *map, unsigned max_order)
{
	for (uint32_t page = 0; page < map->count;) {
		uint32_t end = page;
		unsigned order = 0;

		if (map->pages[page]) {
			page++;
			continue;
		}
		while (end < map->count && !map->pages[end] && end - page < 1u << max_order)
			end++;
		while (order < max_order && page % (2u << order) == 0 &&
		       page + (2u << order) <= end)
			order++;
		map->blocks[order]++;
		map->free_pages += 1u << order;
		if (1u << order > map->largest_free)
			map->largest_free = 1u << order;
		page += 1u << order;
	}
}

/* A board's free lists have gaps between them, which the kernel has. */
static void map_start(struct map *map, const struct run *run)
{
	struct replay replay = { .board = run->header.free_blocks };

	if (!run->header.has_buddyinfo ||
	    !replay_prepare(&replay, run->header.ram_pages, run->header.max_order))
		return;
	memset(map->pages, MAP_KERNEL, map->count);
	for (uint32_t page = 0; page < replay.buddy.pages && page < map->count; page++) {
		uint32_t state = buddy_state(buddy_word(&replay.view, page));

		if (state)
			memset(map->pages + page, 0,
			       min_u64(1ULL << (state - 1), map->count - page));
	}
	replay_close(&replay);
}

void map_build(struct map *map, const struct run *run, uint32_t steps)
{
	const struct memory *memory = &run->memory;
	uint64_t count = run->header.ram_pages;

	memset(map, 0, sizeof(*map));
	if (run->header.swap_pages) /* reservations have no place */
		return;
	if (run->header.has_buddyinfo)
		count = buddy_span(count, run->header.free_blocks, run->header.max_order);
	for (uint32_t i = 0; i < memory->regions_count; i++)
		if (!memory->regions[i].refused)
			count = max_u64(count, (uint64_t)memory->regions[i].start +
						       memory->regions[i].kept);
	if (!count || count > MAP_PAGES_MAX)
		return;
	map->count = (uint32_t)count;
	map->pages = calloc(count, 1);
	map->region = malloc(count * sizeof(*map->region));
	if (!map->pages || !map->region) {
		map->count = 0;
		return;
	}
	memset(map->region, 0xff, count * sizeof(*map->region));
	map_start(map, run);
	for (uint32_t i = 0; i < steps && i < memory->steps_count; i++) {
		const struct step *step = &memory->steps[i];

		if (memory->regions[step->region].refused)
			continue;
		if (step->pages)
			map_clear(map, step);
		else
			map_paint(map, &memory->regions[step->region], step->region);
	}
	map_blocks(map, run->header.max_order);
}

unsigned map_fragmentation(const struct map *map, const struct run *run)
{
	uint64_t whole = (uint64_t)map->blocks[run->header.max_order] << run->header.max_order;

	return map->free_pages ? (unsigned)(100 - 100 * whole / map->free_pages) : 0;
}

void map_free(struct map *map)
{
	free(map->pages);
	free(map->region);
	memset(map, 0, sizeof(*map));
}

static int by_pages(const void *left, const void *right)
{
	const struct share *a = left, *b = right;

	if (a->pages != b->pages)
		return a->pages > b->pages ? -1 : 1;
	return a->site < b->site ? -1 : 1;
}

/* Pages of each region that are taken after so many steps. */
static uint32_t *left_after(const struct memory *memory, uint32_t steps)
{
	uint32_t *left = calloc(memory->regions_count + 1u, sizeof(*left));

	for (uint32_t i = 0; left && i < memory->steps_count && i < steps; i++) {
		const struct step *step = &memory->steps[i];
		uint32_t *pages = &left[step->region];

		if (!step->pages)
			*pages = memory->regions[step->region].kept;
		else
			*pages -= (uint32_t)min_u64(step->pages, *pages);
	}
	return left;
}

uint32_t shares_at_peak(const struct report *report, const struct memory *memory, bool with_stacks,
			struct share **shares)
{
	struct share *list = calloc(report->sites_count + 1u, sizeof(*list));
	uint32_t *left = left_after(memory, memory->peak_step), used = 0;

	*shares = list;
	for (uint32_t i = 0; list && i < report->sites_count; i++)
		list[i].site = i;
	for (uint32_t i = 0; list && left && i < memory->regions_count; i++) {
		const struct region *region = &memory->regions[i];

		if (region->refused || (region->kind == NOMMU_KIND_STACK && !with_stacks))
			continue;
		list[region->site].pages += left[i];
		list[region->site].waste += min_u64(region->kept - region->pages, left[i]);
	}
	free(left);
	if (list)
		qsort(list, report->sites_count, sizeof(*list), by_pages);
	while (list && used < report->sites_count && list[used].pages)
		used++;
	return used;
}
