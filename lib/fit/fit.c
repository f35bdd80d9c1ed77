/* SPDX-License-Identifier: MIT */
/*
 * fit.c - the smallest RAM and the smallest max-order in which a recorded run would have succeeded:
 * a search over replays. Success is not strictly monotonic (another size lays blocks out
 * otherwise), so what is found is tried again below until a row of sizes fails.
 */
#include "fit/fit.h"

#include <string.h>
#include <time.h>

#include "base/compiler.h"
#include "base/conf.h"
#include "base/types.h"
#include "heap/heap.h"

/* So many sizes below must fail as well: more where replays are short. */
#define ROW_MIN 8u
#define ROW_MAX 2048u
#define ROW_WORK 1000000u
#define REPLAYS_GUESSED 64u
#define RAM_MAX ((uint64_t)1 << 24) /* pages: 64 GiB */

/* How many replays a search takes is known at its end: a bar has to guess. */
static void tell(const struct fit *fit)
{
	const struct report *report = fit->report;

	if (report->progress && !fit->quick)
		report->progress(report->progress_cookie, "replaying",
				 min_u64(fit->found.replays, REPLAYS_GUESSED), REPLAYS_GUESSED);
}

static bool works(struct fit *fit, uint64_t pages, unsigned order, struct replay_result *result)
{
	struct replay_result local;

	if (!result)
		result = &local;
	fit->found.replays++;
	tell(fit);
	replay_run(&fit->replay, pages, order, result);
	fit->found.steps += result->done ? fit->replay.steps_count : result->step;
	return result->done;
}

/* The smallest multiple of 64 KiB that works, 0 if none does. */
static uint64_t smallest_ram(struct fit *fit, unsigned order)
{
	uint64_t peak = fit->replay.peak_pages / FIT_STEP_PAGES;
	uint64_t low = peak, high = low + 1, tried, row;

	if (!fit->replay.steps_count)
		return FIT_STEP_PAGES;
	while (!works(fit, high * FIT_STEP_PAGES, order, NULL)) {
		low = high;
		high *= 2;
		if (high * FIT_STEP_PAGES > RAM_MAX)
			return 0;
	}
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (works(fit, middle * FIT_STEP_PAGES, order, NULL))
			high = middle;
		else
			low = middle;
	}
	row = max_u64(ROW_MIN, min_u64(ROW_MAX, ROW_WORK / (fit->replay.steps_count + 1u)));
	for (tried = 1; tried <= row && high > tried + peak; tried++) {
		if (!works(fit, (high - tried) * FIT_STEP_PAGES, order, NULL))
			continue;
		high -= tried;
		tried = 0;
	}
	return high * FIT_STEP_PAGES;
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
	if (fit->ram_pages > FIT_STEP_PAGES)
		works(fit, fit->ram_pages - FIT_STEP_PAGES, fit->order, &fit->below);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	fit->found.seconds =
		(double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	fit->found.ram_bytes = fit->ram_pages * fit->run->header.page_size;
	fit->found.ram_at_max_order = fit->ram_at_max_order * fit->run->header.page_size;
}

/* Returns -1 if the recording cannot be read again. */
static int search_heap(const struct fit *fit, struct fit_heap *heap)
{
	struct run run = *fit->run;
	struct fit other = { .report = fit->report, .run = &run };
	char error[REPORT_ERROR_SIZE];

	if (heaps_replay(run.path, heap_model_find(heap->libc), &run.memory, error))
		return -1;
	replay_open(&other.replay, &run.memory, &run.header);
	search(&other);
	replay_close(&other.replay);
	heap->found = other.found;
	heap->peak_pages = run.memory.kind_peak[NOMMU_KIND_HEAP];
	memory_free(&run.memory);
	return 0;
}

static void search_heaps(struct fit *fit)
{
	static const char *const names[FIT_HEAPS] = { "uclibc", "uclibc-simple", "musl" };

	if (!fit->run->memory.heap_calls)
		return;
	for (unsigned i = 0; i < FIT_HEAPS; i++) {
		fit->heaps[i].libc = names[i];
		if (search_heap(fit, &fit->heaps[i]))
			return;
		fit->heaps_count = i + 1;
	}
}

#define QUICK_STEPS 50000u
#define QUICK_PAGES ((uint64_t)1 << 20)

uint64_t fit_refused(const struct run *run)
{
	uint64_t count = 0;

	for (unsigned order = 0; order < NOMMU_RECORDING_ORDERS; order++)
		count += run->memory.refused[order];
	return run->header.mode == MODE_RUN ? count : 0;
}

uint64_t fit_smallest(struct report *report, const struct run *run, unsigned *max_order)
{
	struct fit fit = {
		.report = report, .run = run, .order = run->header.max_order, .quick = true
	};

	if (run->from_json || run->header.swap_pages || !run->memory.steps_count ||
	    run->memory.steps_count > QUICK_STEPS)
		return 0;
	replay_open(&fit.replay, &run->memory, &run->header);
	if (!fit.replay.impossible && fit.replay.peak_pages <= QUICK_PAGES &&
	    run->header.ram_pages <= QUICK_PAGES)
		search(&fit);
	replay_close(&fit.replay);
	*max_order = fit.order;
	return fit.found.ram_bytes;
}

int fit_search(struct fit *fit, struct report *report, char *error)
{
	*fit = (struct fit){ .report = report, .run = report_heaviest(report) };
	if (!fit->run || fit->run->from_json || !fit->run->memory.steps_count) {
		snprintf(error, REPORT_ERROR_SIZE,
			 "no memory was recorded, so there is nothing to replay");
		return -1;
	}
	if (fit->run->header.swap_pages) {
		snprintf(error, REPORT_ERROR_SIZE,
			 "profile %s reserves swap and has no blocks to fit; nommu report says how "
			 "much it reserved",
			 conf_profile_name(fit->run->header.profile));
		return -1;
	}
	replay_open(&fit->replay, &fit->run->memory, &fit->run->header);
	search(fit);
	search_heaps(fit);
	if (report->progress)
		report->progress(report->progress_cookie, "", 0, 0);
	return 0;
}

void fit_close(struct fit *fit)
{
	replay_close(&fit->replay);
}
