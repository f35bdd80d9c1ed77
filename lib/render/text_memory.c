/* SPDX-License-Identifier: MIT */
/* text_memory.c - memory and coverage in the text report. */
#include "render/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/types.h"
#include "fit/fit.h"
#include "fit/map.h"

/* "image 1 MiB, heap 2 MiB" at the peak. */
static const char *list_kinds(struct text *text, const struct run *run)
{
	static const unsigned order[] = { NOMMU_KIND_IMAGE,   NOMMU_KIND_STACK, NOMMU_KIND_HEAP,
					  NOMMU_KIND_MAPPING, NOMMU_KIND_FILE,	NOMMU_KIND_SHARED };
	const struct memory *memory = &run->memory;
	uint64_t page = run->header.page_size;
	const char *list = "";

	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		if (memory->peak.kind[order[i]])
			list = pool_format(&text->pool, "%s%s%s %s", list, *list ? ", " : "",
					   kind_name(order[i]),
					   text_size(text, memory->peak.kind[order[i]] * page));
	return *list ? list : "nothing taken";
}

static void put_kinds(struct text *text, const struct run *run)
{
	const struct memory *memory = &run->memory;
	uint64_t page = run->header.page_size;

	fputs("memory   ", text->out);
	text_wrap(text,
		  pool_format(&text->pool, "peak %s of %s: %s; rounding %s",
			      text_size(text, memory->peak.total * page),
			      text_size(text, run->header.ram_pages * page), list_kinds(text, run),
			      text_size(text, memory->peak.waste * page)),
		  MARGIN, MARGIN);
}

/* Where swap is reserved there are no blocks, and no RAM to fit. */
static void put_swap(struct text *text, const struct run *run)
{
	uint64_t page = run->header.page_size;

	fputs("swap     ", text->out);
	text_wrap(text,
		  pool_format(&text->pool, "at most %s of %s reserved: %s",
			      text_size(text, run->memory.peak.total * page),
			      text_size(text, run->header.swap_pages * page),
			      list_kinds(text, run)),
		  MARGIN, MARGIN);
}

static void put_largest(struct text *text, struct report *report, const struct run *run)
{
	const struct memory *memory = &run->memory;
	const char *from;
	struct site *site;

	if (!memory->largest_pages || memory->largest_site >= report->sites_count)
		return;
	site = &report->sites[memory->largest_site];
	site_resolve(report, site);
	from = !site->at.offset /* no call: image and stack are there before main */
		       ? pool_format(&text->pool, "for %s",
				     memory->largest_kind == NOMMU_KIND_STACK ? "a stack"
									      : "an image")
		       : pool_format(&text->pool, "from %s",
				     text_place(text, &site->places[site->user], false));
	text_say(text, MARGIN, "largest request %s (a block of %s, order %u), %s",
		 text_size(text, memory->largest_pages * run->header.page_size),
		 text_size(text,
			   (uint64_t)run->header.page_size << pages_order(memory->largest_pages)),
		 pages_order(memory->largest_pages), from);
}

static void put_fragmentation(struct text *text, const struct run *run)
{
	const struct memory *memory = &run->memory;
	uint64_t page = run->header.page_size;
	struct map map;

	map_build(&map, run, memory->peak_step);
	if (map.count && map.free_pages)
		text_say(text, MARGIN, "at the peak %s free, largest block %s, fragmentation %u %%",
			 text_size(text, map.free_pages * page),
			 text_size(text, map.largest_free * page), map_fragmentation(&map, run));
	map_free(&map);
}

static void put_smallest(struct text *text, struct report *report, const struct run *run)
{
	unsigned order;
	uint64_t bytes = fit_smallest(report, run, &order);

	if (bytes)
		text_say(text, MARGIN, "smallest RAM that would do: %s%s%s (nommu fit)",
			 fit_refused(run) ? "perhaps " : "", text_size(text, bytes),
			 order > run->header.max_order
				 ? pool_format(&text->pool, ", and only with max-order %u", order)
				 : "");
	if (bytes && fit_refused(run))
		text_say(text, MARGIN,
			 "a guess: %s refused, and the program went another way; audit sees what "
			 "it needs",
			 text_plural(text, fit_refused(run), "request"));
	if (!bytes && run->memory.steps_count)
		text_say(text, MARGIN, "the smallest RAM that would do: ask nommu fit %s",
			 text->style->kept && *text->style->kept ? text->style->kept : run->path);
}

/* To the next KiB: the bytes below it are the kernel's, who starts a stack at random. */
static const char *depth_words(struct text *text, uint64_t bytes)
{
	return text_size(text, (bytes + 1023) & ~UINT64_C(1023));
}

static void put_depths(struct text *text, const struct memory *memory)
{
	if (memory->deepest_main && memory->deepest_thread)
		text_say(text, MARGIN, "main stack at most %s deep, thread's %s",
			 depth_words(text, memory->deepest_main),
			 depth_words(text, memory->deepest_thread));
	else if (memory->deepest_main)
		text_say(text, MARGIN, "main stack at most %s deep",
			 depth_words(text, memory->deepest_main));
}

void text_memory(struct text *text, struct report *report)
{
	const struct run *run = report_heaviest(report);

	if (!run)
		return;
	if (run->from_json) {
		text_say(text, 0, "memory   peak %s", text_size(text, run->peak_bytes));
		return;
	}
	if (run->header.swap_pages) {
		put_swap(text, run);
	} else {
		put_kinds(text, run);
		put_largest(text, report, run);
		if (run->memory.regions_count)
			put_fragmentation(text, run);
		put_smallest(text, report, run);
	}
	if (run->memory.reserved_bytes)
		text_say(text, MARGIN, "mapped %s, touched %s",
			 text_size(text, run->memory.reserved_bytes),
			 text_size(text, run->memory.touched_bytes));
	put_depths(text, &run->memory);
	if (report->runs_count > 1)
		text_say(text, MARGIN, "of the recording that took most: %s", run->path);
}

static const char *lost_reason(uint32_t why)
{
	static const char *const reasons[] = {
		[NOMMU_LOST_UNKNOWN] = "unknown reason",
		[NOMMU_LOST_ENVIRONMENT] = "environment cleared",
		[NOMMU_LOST_STATIC] = "static program",
		[NOMMU_LOST_PRIVILEGED] = "set-user-ID or set-group-ID",
		[NOMMU_LOST_BASE] = "the arena's addresses are taken in it",
		[NOMMU_LOST_MACHINE] = "of another architecture",
		[NOMMU_LOST_LOADER] = "of another C library",
		[NOMMU_LOST_REACH] = "cannot open the ledger: other user, other root or sandbox",
		[NOMMU_LOST_FORK] = "forked without libc",
		[NOMMU_LOST_CAPABLE] = "given capabilities by its file",
		[NOMMU_LOST_LISTING] = "the loader, only asked about a program, as by ldd",
	};

	return why < ARRAY_SIZE(reasons) ? reasons[why] : reasons[0];
}

static void put_lost_one(struct text *text, const struct lost_process *lost)
{
	const char *name = *lost->command ? lost->command : "unknown program";

	if (lost->pid)
		text_say(text, MARGIN, "lost: %s (pid %u, %s)", name, lost->pid,
			 lost_reason(lost->why));
	else
		text_say(text, MARGIN, "lost: %s (%s)", name, lost_reason(lost->why));
}

static void put_lost(struct text *text, const struct report *report)
{
	uint32_t shown = text->style->verbose ? report->lost_count : 5;

	for (uint32_t i = 0; i < report->lost_count && i < shown; i++)
		put_lost_one(text, &report->lost[i]);
	if (report->lost_count > shown)
		text_say(text, MARGIN, "... and %u more", report->lost_count - shown);
}

/* How an image ended that did not end by itself, or NULL. */
static const char *killed_by(struct text *text, const struct image *image)
{
	enum { FOUND_DEAD = 2, BY_MODEL = 3, SIGNALS = 128 }; /* struct nommu_record_exit */
	const char *name;

	if (!image->ended || image->how < FOUND_DEAD)
		return NULL;
	if (image->how == BY_MODEL)
		return " by the OOM killer";
	if (image->status >= 0 && image->status <= SIGNALS) /* it ended past libc */
		return NULL;
	name = image->status < 0 ? NULL : sigabbrev_np(image->status - SIGNALS);
	return name ? pool_format(&text->pool, " by SIG%s", name) : "";
}

/* Whose end was not their own: a report of half a run must not pass for one of all of it. */
static void put_killed(struct text *text, const struct report *report)
{
	uint32_t most = text->style->verbose ? UINT32_MAX : 5, count = 0;

	for (uint32_t i = 0; i < report->images_count; i++) {
		const struct image *image = &report->images[i];
		const char *by = killed_by(text, image);

		if (by && count++ < most)
			text_say(text, MARGIN, "killed%s: %s (pid %u)", by,
				 *image->command ? image->command : "unknown program", image->pid);
	}
	if (count > most)
		text_say(text, MARGIN, "... and %u more", count - most);
	if (count)
		text_say(text, MARGIN, "what the killed would have done later is not seen");
}

enum { NAMELESS_SHOWN = 4 };

static bool is_among(const char *const *names, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/*
 * Why calls have no names, and what gives them some. Of the program's own files only: libc is not
 * at fault.
 */
static void put_nameless(struct text *text, const struct report *report)
{
	const char *gone[NAMELESS_SHOWN], *bare[NAMELESS_SHOWN];
	unsigned gone_count = 0, bare_count = 0;

	for (uint32_t i = 0; i < report->modules_count && gone_count < NAMELESS_SHOWN; i++) {
		const struct symbol_file *file = &report->modules[i].file;

		if (file->tried && !file->module && !(report->modules[i].flags & MODULE_LIBC))
			gone[gone_count++] = report->modules[i].name;
	}
	for (uint32_t i = 0; i < report->findings_count && bare_count < NAMELESS_SHOWN; i++) {
		const struct place *at = &report->findings[i].at;

		if (report->findings[i].where || !at->own || !at->module || at->function ||
		    is_among(gone, gone_count, at->module) ||
		    is_among(bare, bare_count, at->module))
			continue;
		bare[bare_count++] = at->module;
	}
	for (unsigned i = 0; i < gone_count; i++)
		text_say(text, MARGIN,
			 "no names: %s is not here as it was recorded; report where it is, or "
			 "keep JSON",
			 gone[i]);
	for (unsigned i = 0; i < bare_count; i++)
		text_say(text, MARGIN,
			 "no names: %s has no symbols; build it with -g, or see nommu report "
			 "--debug-path",
			 bare[i]);
}

static void put_damage(struct text *text, const struct report *report)
{
	for (uint32_t i = 0; i < report->runs_count; i++) {
		const struct run *run = &report->runs[i];

		if (run->damaged || run->lost_records)
			text_say(text, MARGIN,
				 "%s: %s unreadable, %s lost (disk full, or no mapping left in the "
				 "process)",
				 run->path, text_size(text, run->damaged),
				 text_plural(text, run->lost_records, "record"));
	}
	for (uint32_t i = 0; i < report->suppressions_count; i++)
		if (!report->suppressions[i].matched)
			text_say(text, MARGIN, "suppression that matches nothing: %s",
				 report->suppressions[i].text);
}

void text_coverage(struct text *text, const struct report *report,
		   const struct report_counts *counts)
{
	const char *seen = counts->recordings ? text_plural(text, counts->processes, "process")
					      : text_plural(text, counts->files, "file");
	const char *lost =
		counts->lost ? pool_format(&text->pool, "%" PRIu64, counts->lost) : "none";
	const char *calls = counts->recordings
				    ? pool_format(&text->pool, "; %s judged",
						  text_plural(text, counts->events, "call"))
				    : "";

	fputs("covered  ", text->out);
	text_wrap(text, pool_format(&text->pool, "%s, %s lost%s", seen, lost, calls), MARGIN,
		  MARGIN);
	put_lost(text, report);
	put_killed(text, report);
	put_nameless(text, report);
	put_damage(text, report);
	if (text->style->kept)
		text_say(text, MARGIN, "recording kept: %s",
			 *text->style->kept ? text->style->kept : "no (--record FILE)");
}

void text_processes(struct text *text, const struct report *report)
{
	for (uint32_t i = 0; i < report->images_count; i++) {
		const struct image *image = &report->images[i];

		text_say(text, MARGIN, "pid %u%s: %s", image->pid,
			 image->ended ? "" : " (end not recorded)",
			 *image->command ? image->command : "unknown program");
	}
}
