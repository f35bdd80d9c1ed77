/* SPDX-License-Identifier: MIT */
/*
 * fit.c - the smallest RAM and the smallest max-order in which a recorded run would have succeeded:
 * a search over replays. Success is not strictly monotonic (another size lays blocks out
 * otherwise), so what is found is tried again below until a row of sizes fails.
 */
#include "report/fit.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/compiler.h"
#include "base/types.h"
#include "heap/heap.h"
#include "report/emit.h"

#define STEP_PAGES 16u		    /* 64 KiB */
#define ROW 8u			    /* sizes below that must fail as well */
#define RAM_MAX ((uint64_t)1 << 24) /* pages: 64 GiB */

struct fit {
	struct report *report;
	const struct run *run;
	struct replay replay;
	struct report_fit found;
	struct replay_result below; /* what held it up one step below */
	uint64_t ram_pages, ram_at_max_order;
	unsigned order; /* that ram_pages is for */
};

static bool works(struct fit *fit, uint64_t pages, unsigned order, struct replay_result *result)
{
	struct replay_result local;

	if (!result)
		result = &local;
	fit->found.replays++;
	replay_run(&fit->replay, pages, order, result);
	fit->found.steps += result->done ? fit->replay.steps_count : result->step;
	return result->done;
}

/* The smallest multiple of 64 KiB that works, 0 if none does. */
static uint64_t smallest_ram(struct fit *fit, unsigned order)
{
	uint64_t low = fit->replay.peak_pages / STEP_PAGES, high = low + 1, tried;

	if (!fit->replay.steps_count)
		return STEP_PAGES;
	while (!works(fit, high * STEP_PAGES, order, NULL)) {
		low = high;
		high *= 2;
		if (high * STEP_PAGES > RAM_MAX)
			return 0;
	}
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (works(fit, middle * STEP_PAGES, order, NULL))
			high = middle;
		else
			low = middle;
	}
	for (tried = 1; tried <= ROW && high > tried; tried++) {
		if (!works(fit, (high - tried) * STEP_PAGES, order, NULL))
			continue;
		high -= tried;
		tried = 0;
	}
	return high * STEP_PAGES;
}

/* The smallest max-order with RAM in plenty: below the largest request it cannot be. */
static unsigned smallest_order(struct fit *fit)
{
	uint64_t plenty = min_u64(
		max_u64(fit->run->header.ram_pages, fit->replay.peak_pages * 4) + 1024, RAM_MAX);
	unsigned order = fit->replay.top_order;

	while (order + 1 < BUDDY_ORDERS && !works(fit, plenty, order, NULL))
		order++;
	return order;
}

static void search(struct fit *fit)
{
	struct timespec start, end;
	unsigned recorded = fit->run->header.max_order;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	fit->found.max_order = smallest_order(fit);
	fit->order = fit->found.max_order > recorded ? fit->found.max_order : recorded;
	fit->ram_pages = smallest_ram(fit, fit->order);
	fit->ram_at_max_order = fit->order == fit->found.max_order
					? fit->ram_pages
					: smallest_ram(fit, fit->found.max_order);
	if (fit->ram_pages > STEP_PAGES)
		works(fit, fit->ram_pages - STEP_PAGES, fit->order, &fit->below);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	fit->found.seconds =
		(double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	fit->found.ram_bytes = fit->ram_pages * fit->run->header.page_size;
	fit->found.ram_at_max_order = fit->ram_at_max_order * fit->run->header.page_size;
}

static const char *kib_text(uint64_t bytes)
{
	static char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "k", bytes / 1024);
	return text;
}

/* The site of the request that failed one step below, or NULL. */
static struct place *held_up_by(struct fit *fit)
{
	const struct memory *memory = &fit->run->memory;
	struct site *site;
	uint32_t region;

	if (fit->below.done || !fit->below.wanted)
		return NULL;
	region = fit->replay.steps[fit->below.step].region;
	site = &fit->report->sites[memory->regions[region].site];
	site_resolve(fit->report, site);
	return &site->places[site->user];
}

static const char *place_words(struct pool *pool, const struct place *place, const char *root)
{
	char buf[4096];
	const char *file = source_relative(place->file, root, buf, sizeof(buf));

	if (place->function && file && place->line)
		return pool_format(pool, "%s  %s:%u", place->function, file, place->line);
	if (place->function)
		return pool_format(pool, "%s  %s", place->function,
				   place->module ? place->module : "");
	return pool_format(pool, "%s+0x%" PRIx64, place->module ? place->module : "",
			   place->offset);
}

static const char *answer_words(enum buddy_answer answer)
{
	switch (answer) {
	case BUDDY_FRAGMENTED:
		return "enough was free, but no block large enough";
	case BUDDY_TOO_LARGE:
		return "larger than the largest block";
	default:
		return "not enough was free";
	}
}

static void put_blocks(struct fit *fit, FILE *out)
{
	unsigned last = fit->order;

	while (last && !fit->below.blocks[last])
		last--;
	fputs("                     free blocks by order:", out);
	for (unsigned i = 0; i <= last; i++)
		fprintf(out, " %u", fit->below.blocks[i]);
	putc('\n', out);
}

static void put_held_up(struct fit *fit, FILE *out, const struct report_style *style, uint64_t page)
{
	struct place *place = held_up_by(fit);
	struct pool pool = {0};

	if (!place)
		return;
	fprintf(out, "\none step below       %" PRIu64 "k fails at request %u of %u:\n",
		(fit->ram_pages - STEP_PAGES) * page / 1024, fit->below.step + 1,
		fit->replay.steps_count);
	fprintf(out, "                     %" PRIu64 " KiB (a block of %" PRIu64 " KiB), %s\n",
		fit->below.wanted * page / 1024, (page << pages_order(fit->below.wanted)) / 1024,
		answer_words(fit->below.answer));
	fprintf(out, "                     asked for by %s\n",
		place_words(&pool, place, style->root));
	fprintf(out,
		"                     free then %" PRIu64 " KiB, largest block %" PRIu64 " KiB\n",
		fit->below.free_pages * page / 1024, fit->below.largest * page / 1024);
	put_blocks(fit, out);
	pool_free(&pool);
}

static const char *const heap_names[] = {"uclibc", "uclibc-simple", "musl"};

/* The same run on the heap of another C library. Returns -1 if the recording cannot be read again.
 */
static int fit_heap(struct fit *fit, const char *name, struct memory *memory,
		    struct report_fit *found)
{
	struct run run = *fit->run;
	struct fit other = {.report = fit->report, .run = &run};
	char error[REPORT_ERROR_SIZE];

	if (heaps_replay(run.path, heap_model_find(name), memory, error))
		return -1;
	run.memory = *memory;
	replay_open(&other.replay, memory, run.header.trim);
	search(&other);
	replay_close(&other.replay);
	*found = other.found;
	return 0;
}

static void put_heaps(struct fit *fit, FILE *out, uint64_t page)
{
	if (!fit->run->memory.heap_calls) {
		fputs("\nWith --record-heap at recording time other C libraries are compared "
		      "too.\n",
		      out);
		return;
	}
	fprintf(out, "\nheap of              RAM        max-order  heap at most\n");
	for (unsigned i = 0; i < ARRAY_SIZE(heap_names); i++) {
		struct report_fit found;
		struct memory memory;

		if (fit_heap(fit, heap_names[i], &memory, &found))
			return;
		fprintf(out, "%-20s %-10s %-10u", heap_names[i],
			found.ram_bytes ? kib_text(found.ram_bytes) : "none", found.max_order);
		fprintf(out, " %s%s\n", kib_text(memory.kind_peak[NOMMU_KIND_HEAP] * page),
			i == fit->run->header.libc ? "  (as recorded)" : "");
		memory_free(&memory);
	}
}

static void put_text(struct fit *fit, FILE *out, const struct report_style *style)
{
	const struct nommu_recording_header *header = &fit->run->header;
	uint64_t page = header->page_size;

	fprintf(out, "nommu fit: %s\n",
		fit->run->command && *fit->run->command ? fit->run->command : fit->run->path);
	fprintf(out, "recorded with RAM %" PRIu64 "k, max-order %u; %u requests and returns\n\n",
		header->ram_pages * page / 1024, header->max_order, fit->replay.steps_count);
	if (!fit->ram_pages)
		fputs("smallest RAM         none: no size up to 64 GiB will do\n", out);
	else
		fprintf(out, "smallest RAM         %" PRIu64 "k%s\n", fit->ram_pages * page / 1024,
			fit->order > header->max_order ? ", with the max-order below" : "");
	fprintf(out, "smallest max-order   %u (blocks of %" PRIu64 " KiB)", fit->found.max_order,
		(page << fit->found.max_order) / 1024);
	if (fit->ram_at_max_order && fit->order != fit->found.max_order)
		fprintf(out, ", with RAM %" PRIu64 "k", fit->ram_at_max_order * page / 1024);
	putc('\n', out);
	if (fit->replay.impossible)
		fprintf(out,
			"left out             %u request%s that no machine can grant, the largest "
			"%" PRIu64 " MiB\n",
			fit->replay.impossible, fit->replay.impossible == 1 ? "" : "s",
			(fit->replay.impossible_pages * page) >> 20);
	put_held_up(fit, out, style, page);
	put_heaps(fit, out, page);
	if (style->verbose)
		fprintf(out, "\n%" PRIu64 " replays in %.3f s, %.1f million requests a second\n",
			fit->found.replays, fit->found.seconds,
			fit->found.seconds > 0 ? (double)fit->found.steps / fit->found.seconds / 1e6
					       : 0);
}

static void put_heaps_json(struct fit *fit, struct emit *emit, uint64_t page)
{
	if (!fit->run->memory.heap_calls)
		return;
	emit_list(emit, "heaps");
	for (unsigned i = 0; i < ARRAY_SIZE(heap_names); i++) {
		struct report_fit found;
		struct memory memory;

		if (fit_heap(fit, heap_names[i], &memory, &found))
			break;
		emit_object(emit, NULL);
		emit_string(emit, "libc", heap_names[i]);
		emit_uint(emit, "ram_bytes", found.ram_bytes);
		emit_uint(emit, "max_order", found.max_order);
		emit_uint(emit, "heap_peak_bytes", memory.kind_peak[NOMMU_KIND_HEAP] * page);
		emit_end(emit);
		memory_free(&memory);
	}
	emit_end(emit);
}

static void put_json(struct fit *fit, FILE *out, const struct report_style *style)
{
	struct place *place = held_up_by(fit);
	uint64_t page = fit->run->header.page_size;
	struct pool pool = {0};
	struct emit emit;

	emit_start(&emit, out);
	emit_object(&emit, NULL);
	emit_uint(&emit, "schema_version", REPORT_SCHEMA_VERSION);
	emit_string(&emit, "kind", "fit");
	emit_string(&emit, "command", fit->run->command);
	emit_uint(&emit, "recorded_ram_bytes", fit->run->header.ram_pages * page);
	emit_uint(&emit, "recorded_max_order", fit->run->header.max_order);
	emit_uint(&emit, "ram_bytes", fit->found.ram_bytes);
	emit_uint(&emit, "ram_max_order", fit->order);
	emit_uint(&emit, "max_order", fit->found.max_order);
	emit_uint(&emit, "ram_at_max_order_bytes", fit->found.ram_at_max_order);
	emit_uint(&emit, "impossible_requests", fit->replay.impossible);
	emit_uint(&emit, "requests", fit->replay.steps_count);
	if (place) {
		emit_object(&emit, "held_up_by");
		emit_uint(&emit, "wanted_bytes", fit->below.wanted * page);
		emit_string(&emit, "reason",
			    fit->below.answer == BUDDY_FRAGMENTED  ? "fragmented"
			    : fit->below.answer == BUDDY_TOO_LARGE ? "contiguous-limit"
								   : "out-of-memory");
		emit_string(&emit, "site", place_words(&pool, place, style->root));
		emit_uint(&emit, "free_bytes", fit->below.free_pages * page);
		emit_uint(&emit, "largest_free_bytes", fit->below.largest * page);
		emit_end(&emit);
	}
	put_heaps_json(fit, &emit, page);
	emit_end(&emit);
	pool_free(&pool);
}

#define QUICK_STEPS 50000u
#define QUICK_PAGES ((uint64_t)1 << 20)

uint64_t fit_smallest(struct report *report, const struct run *run)
{
	struct fit fit = {.report = report, .run = run};

	if (run->from_json || !run->memory.steps_count || run->memory.steps_count > QUICK_STEPS)
		return 0;
	replay_open(&fit.replay, &run->memory, run->header.trim);
	if (!fit.replay.impossible && fit.replay.peak_pages <= QUICK_PAGES &&
	    run->header.ram_pages <= QUICK_PAGES)
		search(&fit);
	replay_close(&fit.replay);
	return fit.found.ram_bytes;
}

int report_fit(struct report *report, enum report_format format, FILE *out,
	       const struct report_style *style, struct report_fit *found, char *error)
{
	static const struct report_style plain;
	struct fit fit = {.report = report, .run = report_heaviest(report)};

	if (!fit.run || fit.run->from_json || !fit.run->memory.steps_count) {
		snprintf(error, REPORT_ERROR_SIZE,
			 "no memory was recorded, so there is nothing to replay");
		return -1;
	}
	if (format != REPORT_TEXT && format != REPORT_JSON) {
		snprintf(error, REPORT_ERROR_SIZE, "fit writes text or json");
		return -1;
	}
	replay_open(&fit.replay, &fit.run->memory, fit.run->header.trim);
	search(&fit);
	if (format == REPORT_JSON)
		put_json(&fit, out, style ? style : &plain);
	else
		put_text(&fit, out, style ? style : &plain);
	replay_close(&fit.replay);
	if (found)
		*found = fit.found;
	if (fflush(out) || ferror(out)) {
		snprintf(error, REPORT_ERROR_SIZE, "the answer could not be written");
		return -1;
	}
	return 0;
}
