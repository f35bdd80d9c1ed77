/* SPDX-License-Identifier: MIT */
/*
 * stacks.c - memory by who asked for it: folded stacks for flame graphs, and massif's format for
 * ms_print and massif-visualizer, where the waste by rounding is mem_heap_extra_B.
 */
#include "render/formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "fit/map.h"

#define SNAPSHOTS 100 /* as massif keeps by default */
#define SITES_SHOWN 50

/* A frame's text must have neither the separator nor a line's end in it. */
static void put_clean(FILE *out, const char *text)
{
	for (; *text; text++)
		putc(*text == ';' ? ':' : (unsigned char)*text < 0x20 ? '?' : *text, out);
}

static void put_frame(FILE *out, const struct place *place)
{
	if (place->function)
		put_clean(out, place->function);
	else if (place->module) {
		put_clean(out, place->module);
		fprintf(out, "+0x%" PRIx64, place->offset);
	} else
		fprintf(out, "0x%" PRIx64, place->offset);
}

static const char *program_of(const struct report *report, const struct site *site)
{
	static char name[256];
	const char *command =
		site->image < report->images_count ? report->images[site->image].command : "";
	size_t len = strcspn(command, " ");

	while (len && memchr(command, '/', len)) {
		const char *slash = memchr(command, '/', len);

		len -= (size_t)(slash + 1 - command);
		command = slash + 1;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(len < 200 ? len : 200), command);
	return *name ? name : "unknown";
}

static void put_folded(struct report *report, FILE *out, struct site *site, const char *leaf,
		       uint64_t value)
{
	if (!value)
		return;
	site_resolve(report, site);
	put_clean(out, program_of(report, site));
	for (uint32_t i = site->places_count; i-- > 0;) {
		putc(';', out);
		put_frame(out, &site->places[i]);
	}
	if (leaf) {
		fputs(";[", out);
		put_clean(out, leaf);
		putc(']', out);
	}
	fprintf(out, " %" PRIu64 "\n", value);
}

int folded_render(struct report *report, FILE *out, const struct report_style *style)
{
	const struct run *run = report_heaviest(report);
	uint64_t page = run ? run->header.page_size : NOMMU_PAGE_SIZE;

	if (style->view == VIEW_REFUSALS) {
		for (uint32_t i = 0; i < report->tallies_count; i++) {
			const struct tally *tally = &report->tallies[i];

			if (tally->severity == SEVERITY_ERROR)
				put_folded(report, out, &report->sites[tally->site],
					   rule_get(tally->rule)->name, tally->count);
		}
		return ferror(out) ? -1 : 0;
	}
	for (uint32_t i = 0; i < report->sites_count; i++) {
		struct site *site = &report->sites[i];

		put_folded(
			report, out, site, NULL,
			page * (style->view == VIEW_WASTE ? site->waste_pages : site->taken_pages));
	}
	return ferror(out) ? -1 : 0;
}

static void put_tree_frame(FILE *out, const struct place *place)
{
	fprintf(out, "0x%" PRIX64 ": %s", place->offset, place->function ? place->function : "???");
	if (place->file && place->line) {
		const char *slash = strrchr(place->file, '/');

		fprintf(out, " (%s:%u)\n", slash ? slash + 1 : place->file, place->line);
	} else {
		fprintf(out, " (in %s)\n", place->module ? place->module : "???");
	}
}

/* A site's frames are a chain: each has one child, its caller. */
static void put_chain(struct report *report, FILE *out, struct site *site, uint64_t bytes)
{
	site_resolve(report, site);
	for (uint32_t i = site->user; i < site->places_count; i++) {
		fprintf(out, "%*sn%d: %" PRIu64 " ", (int)(1 + i - site->user), "",
			i + 1 < site->places_count ? 1 : 0, bytes);
		put_tree_frame(out, &site->places[i]);
	}
}

static void put_tree(struct report *report, FILE *out, const struct run *run)
{
	struct share *shares; /* without the stacks: they have a figure of their own */
	uint32_t used = shares_at_peak(report, &run->memory, false, &shares);
	uint32_t shown = used < SITES_SHOWN ? used : SITES_SHOWN;
	uint64_t page = run->header.page_size, rest = 0, all = 0;

	for (uint32_t i = 0; i < used; i++) {
		all += shares[i].pages;
		rest += i < shown ? 0 : shares[i].pages;
	}
	fputs("heap_tree=peak\n", out);
	fprintf(out, "n%u: %" PRIu64 " (page allocation: image, heap, mappings, shared)\n",
		shown + (rest != 0), all * page);
	for (uint32_t i = 0; i < shown; i++)
		put_chain(report, out, &report->sites[shares[i].site], shares[i].pages * page);
	if (rest)
		fprintf(out, " n0: %" PRIu64 " in %u places, all below the smallest shown\n",
			rest * page, used - shown);
	free(shares);
}

/* For runs too short for milliseconds massif counts in bytes taken so far. */
static bool is_short(const struct memory *memory)
{
	return memory->end_ns < 100000000;
}

static void put_snapshot(struct report *report, FILE *out, const struct run *run, unsigned number,
			 const struct point *point, bool peak)
{
	uint64_t page = run->header.page_size;
	uint64_t stacks = point->usage.kind[NOMMU_KIND_STACK];
	uint64_t heap =
		point->usage.total - min_u64(point->usage.total, stacks + point->usage.waste);

	fprintf(out, "#-----------\nsnapshot=%u\n#-----------\ntime=%" PRIu64 "\n", number,
		is_short(&run->memory) ? point->taken * page : point->time / 1000000);
	fprintf(out,
		"mem_heap_B=%" PRIu64 "\nmem_heap_extra_B=%" PRIu64 "\nmem_stacks_B=%" PRIu64 "\n",
		heap * page, point->usage.waste * page, stacks * page);
	if (peak)
		put_tree(report, out, run);
	else
		fputs("heap_tree=empty\n", out);
}

int massif_render(struct report *report, FILE *out, const struct report_style *style)
{
	const struct run *run = report_heaviest(report);
	const struct memory *memory = run ? &run->memory : NULL;
	bool peak_done = false;
	unsigned number = 0;
	uint32_t group;

	(void)style;
	fprintf(out, "desc: nommu: pages of a machine without an MMU\ncmd: %s\ntime_unit: %s\n",
		run && run->command ? run->command : "(none)",
		memory && is_short(memory) ? "B" : "ms");
	if (!memory || !memory->points_count)
		return ferror(out) ? -1 : 0;
	group = memory->points_count / SNAPSHOTS + 1;
	for (uint32_t i = 0; i < memory->points_count; i += group) {
		uint32_t best = i;
		bool peak;

		for (uint32_t k = i; k < i + group && k < memory->points_count; k++)
			if (memory->points[k].usage.total > memory->points[best].usage.total)
				best = k;
		peak = !peak_done && memory->points[best].usage.total == memory->peak.total;
		peak_done |= peak;
		put_snapshot(report, out, run, number++, &memory->points[best], peak);
	}
	return ferror(out) ? -1 : 0;
}
