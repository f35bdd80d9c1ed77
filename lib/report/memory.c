/* SPDX-License-Identifier: MIT */
/*
 * memory.c - the machine's memory over time, from what was taken and given back. Nothing is
 * believed: a release of what is not there, or of more than there is, is counted and otherwise
 * ignored.
 */
#include "report/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"

/* Twice as coarse: two neighbours become one, the higher of the two is kept. */
static void coarsen(struct memory *memory)
{
	uint32_t used = 0;

	memory->shift++;
	for (uint32_t i = 0; i < memory->points_count; i++) {
		struct point *point = &memory->points[i];
		struct point *last = used ? &memory->points[used - 1] : NULL;

		if (!last || point->time >> memory->shift != last->time >> memory->shift)
			memory->points[used++] = *point;
		else if (point->usage.total > last->usage.total)
			*last = *point;
	}
	memory->points_count = used;
}

/* Keeps the highest usage of each interval; time that goes back (records overtake) stays where it
 * was. */
static void plot(struct memory *memory, uint64_t time)
{
	struct point *last;

	if (memory->points_count) {
		last = &memory->points[memory->points_count - 1];
		if (time < last->time)
			time = last->time;
		if (time >> memory->shift == last->time >> memory->shift) {
			if (memory->now.total >= last->usage.total) {
				last->usage = memory->now;
				last->taken = memory->taken;
			}
			return;
		}
		while (memory->points_count >= TIMELINE_MAX && memory->shift < 63)
			coarsen(memory);
	}
	last = ARRAY_ADD(memory, points);
	last->time = time;
	last->taken = memory->taken;
	last->usage = memory->now;
}

/*
 * The refusal that is shown is the first that was for want of pages; one beyond the largest block
 * has little to do with what else was in memory.
 */
static void refuse(struct memory *memory, const struct nommu_record_region *record, uint32_t region)
{
	bool too_large = pages_order(record->pages) > memory->max_order;

	ARRAY_ADD(memory, steps)->region = region;
	*ARRAY_ADD(memory, waiting) = region;
	memory->refused[min_u64(pages_order(record->pages), NOMMU_RECORDING_ORDERS - 1)]++;
	if (memory->refusal_step != NONE && (too_large || !memory->refusal_too_large))
		return;
	memory->refusal_too_large = too_large;
	memory->refusal_step = memory->steps_count - 1;
	memory->refusal_ns = record->head.time;
	memory->refusal_region = region;
	memory->refusal_free.head.type = 0;
}

/* Free lists follow the refusal that they belong to. */
void memory_lists(struct memory *memory, const struct nommu_record_free *lists, uint32_t site)
{
	const struct region *region;

	if (memory->refusal_region >= memory->regions_count || memory->refusal_free.head.type)
		return;
	region = &memory->regions[memory->refusal_region];
	if (region->site == site && region->pages == lists->wanted)
		memory->refusal_free = *lists;
}

static void take(struct memory *memory, struct region *region, uint64_t time)
{
	struct usage *now = &memory->now;

	now->kind[region->kind] += region->kept;
	now->waste_of[region->kind] += region->kept - region->pages;
	now->waste += region->kept - region->pages;
	now->total += region->kept;
	memory->taken += region->kept;
	if (now->kind[region->kind] > memory->kind_peak[region->kind])
		memory->kind_peak[region->kind] = now->kind[region->kind];
	if (now->total > memory->peak.total) {
		memory->peak = *now;
		memory->peak_ns = time;
		memory->peak_step = memory->steps_count;
	}
	plot(memory, time);
}

void memory_region(struct memory *memory, const struct nommu_record_region *record, uint32_t site,
		   uint32_t image)
{
	uint32_t index = memory->regions_count;
	struct region *region;
	struct step *step;

	if (record->refused && record->refused != ENOMEM && record->refused != EFBIG)
		return; /* not for want of memory */
	if (!record->pages ||
	    (!record->refused && table_get(&memory->by_id, record->region, 0) != NONE)) {
		memory->unmatched++;
		return;
	}
	if (!record->refused) /* what was refused has no number */
		*table_at(&memory->by_id, record->region, 0) = index;
	region = ARRAY_ADD(memory, regions);
	region->id = record->region;
	region->start = record->start;
	region->pages = record->pages;
	region->kept = record->kept > record->pages ? record->kept : record->pages;
	region->kind = record->kind < NOMMU_KINDS ? record->kind : NOMMU_KIND_MAPPING;
	region->refused = record->refused;
	region->flags = record->flags;
	region->site = site;
	region->image = image;
	if (record->head.time > memory->end_ns)
		memory->end_ns = record->head.time;
	memory->asked[min_u64(pages_order(region->pages), NOMMU_RECORDING_ORDERS - 1)]++;
	if (region->pages > memory->largest_pages) {
		memory->largest_pages = region->pages;
		memory->largest_site = site;
		memory->largest_kind = region->kind;
	}
	if (region->refused) {
		refuse(memory, record, index);
		return;
	}
	region->left = region->kept;
	step = ARRAY_ADD(memory, steps);
	step->region = index;
	take(memory, region, record->head.time);
}

void memory_release(struct memory *memory, const struct nommu_record_release *record)
{
	uint32_t index = table_get(&memory->by_id, record->region, 0);
	struct region *region = index < memory->regions_count ? &memory->regions[index] : NULL;
	uint32_t pages = record->pages, waste;
	struct step *step;

	if (!region || !region->left || !pages) {
		memory->unmatched++;
		return;
	}
	if (pages > region->left)
		pages = region->left;
	/* What is left holds at most as much waste as there was. */
	waste = region->kept - region->pages;
	waste = (uint32_t)(min_u64(waste, region->left) - min_u64(waste, region->left - pages));
	region->left -= pages;
	memory->now.kind[region->kind] -= pages;
	memory->now.waste_of[region->kind] -= waste;
	memory->now.waste -= waste;
	memory->now.total -= pages;
	if (record->head.time > memory->end_ns)
		memory->end_ns = record->head.time;
	step = ARRAY_ADD(memory, steps);
	*step = (struct step){ index, record->start, pages };
	plot(memory, record->head.time);
}

/* How long a program would have kept what it was refused is not known: until it ends, to be sure.
 */
void memory_exit(struct memory *memory, uint32_t image)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < memory->waiting_count; i++) {
		const struct region *region = &memory->regions[memory->waiting[i]];

		if (region->image == image)
			*ARRAY_ADD(memory, steps) =
				(struct step){ memory->waiting[i], region->start, region->pages };
		else
			memory->waiting[left++] = memory->waiting[i];
	}
	memory->waiting_count = left;
}

void memory_done(struct memory *memory, bool keep_steps)
{
	table_free(&memory->by_id);
	free(memory->waiting);
	memory->waiting = NULL;
	memory->waiting_count = memory->waiting_room = 0;
	if (keep_steps)
		return;
	free(memory->regions);
	free(memory->steps);
	memory->regions = NULL;
	memory->steps = NULL;
	memory->regions_count = memory->regions_room = memory->steps_count = memory->steps_room = 0;
}

void memory_free(struct memory *memory)
{
	memory_done(memory, false);
	free(memory->points);
	memory->points = NULL;
}
