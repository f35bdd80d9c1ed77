/* SPDX-License-Identifier: MIT */
/*
 * memory.c - the memory of the heaviest recording for the page's script: the plot, the maps of the
 * arena, requests by size. page_memory.js reads it.
 */
#include <stdlib.h>

#include "fit/map.h"
#include "html/page.h"

#include "base/types.h"

#define PLOT_POINTS 400
#define RUNS_MAX 12000 /* of pages in a map; beyond it several pages become one */
#define HOLDERS 15

/* Kinds without their waste, then the waste. */
static void put_usage(struct html *html, const struct usage *usage)
{
	for (unsigned i = 0; i < NOMMU_KINDS; i++)
		emit_uint(&html->emit, NULL, usage->kind[i] - usage->waste_of[i]);
	emit_uint(&html->emit, NULL, usage->waste);
}

static void put_plot(struct html *html, const struct memory *memory)
{
	uint32_t group = memory->points_count / PLOT_POINTS + 1;

	emit_list(&html->emit, "plot");
	for (uint32_t i = 0; i < memory->points_count; i += group) {
		uint32_t best = i;

		for (uint32_t k = i; k < i + group && k < memory->points_count; k++)
			if (memory->points[k].usage.total > memory->points[best].usage.total)
				best = k;
		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, memory->points[i].time);
		put_usage(html, &memory->points[best].usage);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	emit_uint(&html->emit, "end", memory->end_ns);
	emit_uint(&html->emit, "peakTime", memory->peak_ns);
	emit_list(&html->emit, "peakUsage");
	put_usage(html, &memory->peak);
	emit_end(&html->emit);
}

static uint32_t map_runs(const struct map *map, uint32_t cell)
{
	uint32_t runs = 0;

	for (uint32_t page = cell; page < map->count; page += cell)
		runs += map->pages[page] != map->pages[page - cell] ||
			map->region[page] != map->region[page - cell];
	return runs;
}

static void put_run(struct html *html, uint32_t start, uint64_t pages, unsigned what,
		    uint32_t place)
{
	emit_list(&html->emit, NULL);
	emit_uint(&html->emit, NULL, start);
	emit_uint(&html->emit, NULL, pages);
	emit_uint(&html->emit, NULL, what);
	emit_uint(&html->emit, NULL, place);
	emit_end(&html->emit);
}

/* Runs of pages alike that are not free: [first, pages, what, place]. */
static void put_runs(struct html *html, const struct map *map, const struct memory *memory,
		     uint32_t cell)
{
	uint32_t start = 0;

	emit_list(&html->emit, "runs");
	for (uint32_t page = cell; page < map->count + cell; page += cell) {
		struct site *site;

		if (page < map->count && map->pages[page] == map->pages[start] &&
		    map->region[page] == map->region[start])
			continue;
		if (map->pages[start] == MAP_KERNEL) {
			put_run(html, start, min_u64(page, map->count) - start, MAP_KERNEL, 0);
		} else if (map->pages[start]) {
			site = &html->report->sites[memory->regions[map->region[start]].site];
			site_resolve(html->report, site);
			put_run(html, start, min_u64(page, map->count) - start, map->pages[start],
				html_place(html, &site->places[site->user]));
		}
		start = page;
	}
	emit_end(&html->emit);
}

static void put_blocks(struct html *html, const uint32_t *blocks, unsigned max_order)
{
	emit_list(&html->emit, "blocks");
	for (unsigned i = 0; i <= max_order; i++)
		emit_uint(&html->emit, NULL, blocks[i]);
	emit_end(&html->emit);
}

static void put_map(struct html *html, const char *key, const struct run *run, uint32_t steps,
		    const struct nommu_record_free *lists)
{
	uint32_t cell = 1;
	struct map map;

	map_build(&map, run, steps);
	if (!map.count) {
		map_free(&map);
		return;
	}
	while (map_runs(&map, cell) > RUNS_MAX)
		cell *= 2;
	emit_object(&html->emit, key);
	emit_uint(&html->emit, "pages", map.count);
	put_runs(html, &map, &run->memory, cell);
	put_blocks(html, lists ? lists->blocks : map.blocks, run->header.max_order);
	emit_uint(&html->emit, "free", map.free_pages);
	emit_end(&html->emit);
	map_free(&map);
}

static void put_refusal(struct html *html, const struct run *run)
{
	const struct memory *memory = &run->memory;
	const struct nommu_record_free *lists =
		memory->refusal_free.head.type ? &memory->refusal_free : NULL;
	const struct region *region;
	struct site *site;

	if (memory->refusal_region >= memory->regions_count)
		return;
	region = &memory->regions[memory->refusal_region];
	site = &html->report->sites[region->site];
	site_resolve(html->report, site);
	emit_object(&html->emit, "refused");
	emit_uint(&html->emit, "time", memory->refusal_ns);
	emit_uint(&html->emit, "pages", region->pages);
	emit_uint(&html->emit, "place", html_place(html, &site->places[site->user]));
	emit_uint(&html->emit, "reserve", lists ? lists->reserve : run->header.reserve_pages);
	emit_end(&html->emit);
	put_map(html, "refusalMap", run, memory->refusal_step, lists);
}

static void put_orders(struct html *html, const struct memory *memory)
{
	unsigned used = NOMMU_RECORDING_ORDERS;

	while (used && !memory->asked[used - 1])
		used--;
	emit_list(&html->emit, "orders");
	for (unsigned i = 0; i < used; i++) {
		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, memory->asked[i]);
		emit_uint(&html->emit, NULL, memory->refused[i]);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_holders(struct html *html, const struct memory *memory)
{
	struct share *shares;
	uint32_t used = shares_at_peak(html->report, memory, true, &shares);

	emit_list(&html->emit, "holders");
	for (uint32_t i = 0; i < used && i < HOLDERS; i++) {
		struct site *site = &html->report->sites[shares[i].site];

		site_resolve(html->report, site);
		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, html_place(html, &site->places[site->user]));
		emit_uint(&html->emit, NULL, shares[i].pages);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	free(shares);
}

void html_memory(struct html *html)
{
	const struct run *run = report_heaviest(html->report);

	if (!run || run->from_json)
		return;
	emit_uint(&html->emit, "page", run->header.page_size);
	emit_uint(&html->emit, "ram", run->header.ram_pages);
	emit_uint(&html->emit, "maxOrder", run->header.max_order);
	emit_uint(&html->emit, "largest", run->memory.largest_pages);
	emit_list(&html->emit, "kinds");
	for (unsigned i = 0; i < NOMMU_KINDS; i++)
		emit_string(&html->emit, NULL, kind_name(i));
	emit_end(&html->emit);
	put_plot(html, &run->memory);
	put_orders(html, &run->memory);
	if (!run->memory.regions_count)
		return;
	put_holders(html, &run->memory);
	put_map(html, "peakMap", run, run->memory.peak_step, NULL);
	put_refusal(html, run);
}
