/* SPDX-License-Identifier: MIT */
/* html_data.c - what the page's script shows, as JSON with numbered texts and places; page.js reads
 * it. */
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/types.h"

#define PLOT_POINTS 400
#define RUNS_MAX 12000	  /* of pages in a map; beyond it several pages become one */
#define EXCERPTS_MAX 4000 /* source excerpts in the page */
#define LINE_MAX_BYTES 160
#define ROWS_MAX 2000 /* processes, files, recordings */
#define HOLDERS 15

static uint32_t text_number(struct html *html, const char *text)
{
	uint32_t *number;

	if (!text)
		text = "";
	number = table_at(&html->texts, hash_string(HASH_START, text), strlen(text));
	if (*number == NONE) {
		*number = html->text_count;
		*ARRAY_ADD(html, text) = text;
	}
	return *number;
}

static uint32_t place_number(struct html *html, struct place *place)
{
	uint64_t key = hash_string(hash_string(HASH_START, place->function), place->file);
	uint32_t *number;

	key = hash_bytes(key, &place->line, sizeof(place->line));
	key = hash_string(key, place->module);
	number = table_at(&html->places, key, place->offset);
	if (*number == NONE) {
		*number = html->place_count;
		*ARRAY_ADD(html, place) = place;
	}
	return *number;
}

/* The number of the excerpt around a place plus 1, or 0 if there is no source. */
static uint32_t excerpt_number(struct html *html, struct place *place)
{
	uint32_t *number;

	if (!place->file || !place->line || html->excerpt_count >= EXCERPTS_MAX ||
	    !source_line(&html->pool, place->file, place->line))
		return 0;
	number = table_at(&html->excerpts, hash_string(HASH_START, place->file), place->line);
	if (*number == NONE) {
		*number = html->excerpt_count;
		*ARRAY_ADD(html, excerpt) = place;
	}
	return *number + 1;
}

static unsigned finding_state(const struct finding *finding)
{
	return (unsigned)finding->baseline | (finding->accepted ? 4u : 0);
}

static unsigned profile_bits(const struct finding *finding)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < PROFILES; i++)
		bits |= finding->refused_by[i] ? 1u << i : 0;
	return bits;
}

static void put_finding(struct html *html, struct finding *finding)
{
	struct emit *emit = &html->emit;

	emit_list(emit, NULL);
	emit_uint(emit, NULL, finding->rule ? finding->rule : 0);
	emit_uint(emit, NULL, finding->severity);
	emit_uint(emit, NULL, finding->count);
	emit_uint(emit, NULL, place_number(html, &finding->at));
	emit_list(emit, NULL);
	for (uint32_t i = 1; i < finding->stack_count && i < 24; i++)
		emit_uint(emit, NULL, place_number(html, &finding->stack[i]));
	emit_end(emit);
	emit_uint(emit, NULL, text_number(html, finding->call_text));
	emit_uint(emit, NULL, text_number(html, finding->answer));
	emit_uint(emit, NULL, excerpt_number(html, &finding->at));
	emit_uint(emit, NULL, finding_state(finding));
	emit_uint(emit, NULL, text_number(html, finding->where));
	emit_uint(emit, NULL, profile_bits(finding));
	emit_end(emit);
}

static void put_findings(struct html *html)
{
	emit_list(&html->emit, "findings");
	for (uint32_t i = 0; i < html->report->findings_count; i++)
		put_finding(html, &html->report->findings[i]);
	emit_end(&html->emit);
}

static void put_rules(struct html *html)
{
	emit_list(&html->emit, "rules");
	for (unsigned id = 0; id < RULES; id++) {
		const struct rule *rule = rule_get(id);

		emit_list(&html->emit, NULL);
		emit_string(&html->emit, NULL, rule->name);
		emit_string(&html->emit, NULL, rule->title);
		emit_string(&html->emit, NULL, rule->why);
		emit_string(&html->emit, NULL, rule->hint);
		emit_string(&html->emit, NULL, rule->source);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	emit_list(&html->emit, "profiles");
	for (unsigned i = 0; i < PROFILES; i++)
		emit_string(&html->emit, NULL, conf_profile_name(i));
	emit_end(&html->emit);
}

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

/* Runs of pages alike: [first, pages, kind (0 free), place]. */
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
		if (map->pages[start]) {
			site = &html->report->sites[memory->regions[map->region[start]].site];
			site_resolve(html->report, site);
			emit_list(&html->emit, NULL);
			emit_uint(&html->emit, NULL, start);
			emit_uint(&html->emit, NULL, min_u64(page, map->count) - start);
			emit_uint(&html->emit, NULL, map->pages[start]);
			emit_uint(&html->emit, NULL, place_number(html, &site->places[site->user]));
			emit_end(&html->emit);
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
	emit_uint(&html->emit, "place", place_number(html, &site->places[site->user]));
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
		emit_uint(&html->emit, NULL, place_number(html, &site->places[site->user]));
		emit_uint(&html->emit, NULL, shares[i].pages);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	free(shares);
}

static void put_memory(struct html *html)
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

static void put_processes(struct html *html)
{
	static const char *const ends[] = {"exited", "replaced by exec", "died",
					   "killed, out of memory"};
	const struct report *report = html->report;

	emit_list(&html->emit, "processes");
	for (uint32_t i = 0; i < report->images_count && i < ROWS_MAX; i++) {
		const struct image *image = &report->images[i];

		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, image->pid);
		emit_string(&html->emit, NULL, image->command);
		emit_string(&html->emit, NULL,
			    !image->ended		    ? "end not recorded"
			    : image->how < ARRAY_SIZE(ends) ? ends[image->how]
							    : "ended");
		emit_uint(&html->emit, NULL, image->peak_pages);
		emit_end(&html->emit);
	}
	for (uint32_t i = 0; i < report->lost_count && i < ROWS_MAX; i++) {
		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, report->lost[i].pid);
		emit_string(&html->emit, NULL, report->lost[i].command);
		emit_string(&html->emit, NULL, "lost: ran without the library");
		emit_uint(&html->emit, NULL, 0);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_inputs(struct html *html)
{
	const struct report *report = html->report;

	emit_list(&html->emit, "recordings");
	for (uint32_t i = 0; i < report->runs_count && i < ROWS_MAX; i++) {
		const struct run *run = &report->runs[i];

		emit_list(&html->emit, NULL);
		emit_string(&html->emit, NULL, run->path);
		emit_string(&html->emit, NULL, run->command ? run->command : "");
		emit_uint(&html->emit, NULL, run->peak_bytes);
		emit_uint(&html->emit, NULL, run->events);
		emit_uint(&html->emit, NULL, run->damaged);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	emit_list(&html->emit, "files");
	for (uint32_t i = 0; i < report->files_count && i < ROWS_MAX; i++) {
		emit_list(&html->emit, NULL);
		emit_string(&html->emit, NULL, report->files[i].path);
		emit_string(&html->emit, NULL, report->files[i].verdict);
		emit_uint(&html->emit, NULL, report->files[i].findings);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_places(struct html *html)
{
	char buf[4096];

	emit_list(&html->emit, "places");
	for (uint32_t i = 0; i < html->place_count; i++) {
		const struct place *place = html->place[i];
		const char *file =
			source_relative(place->file, html->style->root, buf, sizeof(buf));

		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, text_number(html, place->module));
		emit_uint(&html->emit, NULL, text_number(html, place->function));
		emit_uint(&html->emit, NULL,
			  text_number(html, file ? pool_string(&html->pool, file) : NULL));
		emit_uint(&html->emit, NULL, place->line);
		emit_hex(&html->emit, NULL, place->offset);
		emit_uint(&html->emit, NULL, place->inlined);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_excerpts(struct html *html)
{
	emit_list(&html->emit, "excerpts");
	for (uint32_t i = 0; i < html->excerpt_count; i++) {
		const struct place *place = html->excerpt[i];
		uint32_t first = place->line > 2 ? place->line - 2 : 1;

		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, first);
		for (uint32_t line = first; line <= place->line + 2; line++) {
			const char *source = source_line(&html->pool, place->file, line);

			if (source)
				emit_string(&html->emit, NULL,
					    strlen(source) > LINE_MAX_BYTES
						    ? pool_format(&html->pool, "%.*s",
								  LINE_MAX_BYTES, source)
						    : source);
		}
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

void html_data(struct html *html)
{
	text_number(html, ""); /* 0: nothing */
	emit_object(&html->emit, NULL);
	put_rules(html);
	put_findings(html);
	put_memory(html);
	put_processes(html);
	put_inputs(html);
	put_places(html);
	put_excerpts(html);
	emit_list(&html->emit, "texts");
	for (uint32_t i = 0; i < html->text_count; i++)
		emit_string(&html->emit, NULL, html->text[i]);
	emit_end(&html->emit);
	emit_end(&html->emit);
}
