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
	const char *slash = place->file ? strrchr(place->file, '/') : NULL;

	fprintf(out, "0x%" PRIX64 ": ", place->offset);
	put_clean(out, place->function ? place->function : "???");
	if (place->file && place->line) {
		fputs(" (", out);
		put_clean(out, slash ? slash + 1 : place->file);
		fprintf(out, ":%u)\n", place->line);
	} else {
		fputs(" (in ", out);
		put_clean(out, place->module ? place->module : "???");
		fputs(")\n", out);
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

/* Without the waste by rounding, which massif has apart. */
static uint64_t useful(const struct share *share)
{
	return share->pages - share->waste;
}

static int by_useful(const void *left, const void *right)
{
	const struct share *a = left, *b = right;

	if (useful(a) != useful(b))
		return useful(a) > useful(b) ? -1 : 1;
	return a->site < b->site ? -1 : 1;
}

static void put_tree(struct report *report, FILE *out, const struct run *run)
{
	struct share *shares; /* without the stacks: they have a figure of their own */
	uint32_t used = shares_at_peak(report, &run->memory, false, &shares);
	uint32_t shown = used < SITES_SHOWN ? used : SITES_SHOWN;
	uint64_t page = run->header.page_size, rest = 0, all = 0, smallest = 0;

	if (used)
		qsort(shares, used, sizeof(*shares), by_useful);
	for (uint32_t i = 0; i < used; i++) {
		uint64_t pages = useful(&shares[i]);

		all += pages;
		rest += i < shown ? 0 : pages;
		smallest = i < shown ? pages : smallest;
	}
	fputs("heap_tree=peak\n", out);
	fprintf(out, "n%u: %" PRIu64 " (page allocation: image, heap, mappings, shared)\n",
		shown + (rest != 0), all * page);
	for (uint32_t i = 0; i < shown; i++)
		put_chain(report, out, &report->sites[shares[i].site], useful(&shares[i]) * page);
	if (rest)
		fprintf(out,
			" n0: %" PRIu64 " in %u place%s, all below massif's threshold (%.2f%%)\n",
			rest * page, used - shown, used - shown == 1 ? "" : "s",
			100.0 * (double)smallest / (double)all);
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
	fputs("desc: nommu: pages of a machine without an MMU\ncmd: ", out);
	put_clean(out, run && run->command && *run->command ? run->command : "(none)");
	fprintf(out, "\ntime_unit: %s\n", memory && is_short(memory) ? "B" : "ms");
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
