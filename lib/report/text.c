/* SPDX-License-Identifier: MIT */
/*
 * text.c - the report that people read in a terminal or a CI log: verdict, what to change worst
 * first, memory, coverage. Fits the width; colour only where the style asks for it.
 */
#include "report/fit.h"
#include "report/model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/types.h"

#define MARGIN 9 /* columns that the severity takes */
#define STACK_SHOWN 12

#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define BLUE "\033[1;34m"
#define GREEN "\033[1;32m"
#define BOLD "\033[1m"
#define DIM "\033[2m"

struct text {
	FILE *out;
	const struct report_style *style;
	unsigned width;
	struct pool pool; /* of this rendering */
};

static void paint(struct text *text, const char *color)
{
	if (text->style->color)
		fputs(color, text->out);
}

static void plain(struct text *text)
{
	paint(text, "\033[0m");
}

/* Columns of a text in UTF-8, not counting wide characters twice. */
static unsigned columns(const char *words, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)words[i] & 0xc0) != 0x80;
	return count;
}

/* Text of programs goes to terminals: control characters must not. */
static void put_clean(struct text *text, const char *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)words[i];

		putc(c == '\t' ? ' ' : c < 0x20 || c == 0x7f ? '?' : c, text->out);
	}
}

/* Breaks at spaces; first is the column where the text starts, indent where the next lines do. */
static void wrap(struct text *text, const char *words, unsigned first, unsigned indent)
{
	unsigned column = first, gap = 0;

	while (*words) {
		size_t len = strcspn(words, " \n");
		unsigned cells = columns(words, len);

		if (gap && column + gap + cells > text->width) {
			fprintf(text->out, "\n%*s", (int)indent, "");
			column = indent;
			gap = 0;
		}
		fprintf(text->out, "%*s", (int)gap, "");
		put_clean(text, words, len);
		column += gap + cells;
		words += len;
		gap = (unsigned)strspn(words, " \n");
		words += gap;
	}
	putc('\n', text->out);
}

static void __attribute__((__format__(__printf__, 3, 4)))
say_wrapped(struct text *text, unsigned indent, const char *format, ...)
{
	va_list args;
	char *words;
	int len;

	va_start(args, format);
	len = vasprintf(&words, format, args);
	va_end(args);
	if (len < 0)
		return;
	fprintf(text->out, "%*s", (int)indent, "");
	wrap(text, words, indent, indent);
	free(words);
}

/* "3.4 MiB"; whole units without a fraction. */
static const char *size_text(struct text *text, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	unsigned unit = 0;
	double value = (double)bytes;

	while (value >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	if (value == (double)(uint64_t)value || value >= 100)
		return pool_format(&text->pool, "%.0f %s", value, units[unit]);
	return pool_format(&text->pool, "%.1f %s", value, units[unit]);
}

static const char *plural(struct text *text, uint64_t count, const char *noun)
{
	const char *many = noun[strlen(noun) - 1] == 's' ? "es" : "s";

	return pool_format(&text->pool, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : many);
}

static const char *severity_color(unsigned severity)
{
	return severity == SEVERITY_ERROR ? RED : severity == SEVERITY_WARNING ? YELLOW : BLUE;
}

static const char *place_text(struct text *text, const struct place *place, bool with_folder)
{
	char buf[4096];
	const char *function = place->function ? place->function : NULL;
	const char *file = source_relative(place->file, text->style->root, buf, sizeof(buf));

	if (file && !with_folder) {
		const char *slash = strrchr(file, '/');

		file = slash ? slash + 1 : file;
	}
	if (!function && !place->module)
		return pool_format(&text->pool, "address 0x%" PRIx64, place->offset);
	if (!function)
		return pool_format(&text->pool, "%s+0x%" PRIx64, place->module, place->offset);
	if (file && place->line)
		return pool_format(&text->pool, "%s  %s:%u", function, file, place->line);
	if (!place->module)
		return function;
	if (place->function_offset)
		return pool_format(&text->pool, "%s+0x%" PRIx64 "  %s", function,
				   place->function_offset, place->module);
	return pool_format(&text->pool, "%s  %s", function, place->module);
}

static void put_excerpt(struct text *text, const struct place *place)
{
	for (int64_t line = (int64_t)place->line - 1; line <= (int64_t)place->line + 1; line++) {
		const char *source =
			line > 0 ? source_line(&text->pool, place->file, (uint32_t)line) : NULL;
		bool here = line == place->line;
		size_t len, skipped;

		if (!source)
			continue;
		skipped = strspn(source, " \t");
		len = strlen(source);
		if (!here && skipped == len)
			continue;
		/* Indentation is kept as far as the line stays readable: a tab is two columns here.
		 */
		for (size_t i = 0; i < skipped; i++)
			skipped = i > 8 ? i : skipped;
		if (here)
			paint(text, BOLD);
		fprintf(text->out, "%*s%s %5" PRId64 " | ", MARGIN, "", here ? ">" : " ", line);
		for (size_t i = 0; i < skipped && source[i]; i++)
			fputs(source[i] == '\t' ? "  " : " ", text->out);
		source += strspn(source, " \t");
		len = strlen(source);
		if (len > text->width - MARGIN - 10 - 2 * skipped)
			len = text->width - MARGIN - 10 - 2 * skipped;
		while (len && ((unsigned char)source[len] & 0xc0) == 0x80)
			len--;
		put_clean(text, source, len);
		if (here)
			plain(text);
		putc('\n', text->out);
	}
}

static void put_figures(struct text *text, const struct finding *finding)
{
	switch (finding->rule) {
	case RULE_OVERCOMMIT:
		say_wrapped(text, MARGIN, "reserved %s, touched %s",
			    size_text(text, finding->figure_max[0]),
			    size_text(text, finding->figure_max[1]));
		break;
	case RULE_STACK_DEPTH:
		say_wrapped(text, MARGIN, "stack %s deep, the target has %s",
			    size_text(text, finding->figure_max[1]),
			    size_text(text, finding->figure_max[0]));
		break;
	case RULE_PRIVATE_COPY:
		if (finding->count > 1)
			say_wrapped(text, MARGIN, "%s copied into RAM, %s at most at once",
				    size_text(text, finding->figure_sum[0]),
				    size_text(text, finding->figure_max[0]));
		else if (finding->figure_sum[0])
			say_wrapped(text, MARGIN, "%s copied into RAM",
				    size_text(text, finding->figure_sum[0]));
		break;
	case RULE_FRAGMENTED:
	case RULE_OUT_OF_MEMORY:
		if (finding->example && finding->example->figure[0])
			say_wrapped(text, MARGIN, "free then: %s, largest block %s",
				    size_text(text, finding->example->figure[0] * NOMMU_PAGE_SIZE),
				    size_text(text, finding->example->figure[1] * NOMMU_PAGE_SIZE));
		break;
	default:
		break;
	}
}

static void put_profiles(struct text *text, const struct finding *finding)
{
	const char *list = "";
	unsigned refusing = 0, used;

	for (unsigned i = 0; i < PROFILES; i++)
		if (finding->refused_by[i])
			list = pool_format(&text->pool, "%s%s%s", list, refusing++ ? ", " : "",
					   conf_profile_name(i));
	list = refusing ? pool_format(&text->pool, "refused by %s", list) : "refused by no profile";
	paint(text, DIM);
	used = MARGIN + columns(list, strlen(list));
	fprintf(text->out, "%*s%s%*s\n", MARGIN, "", list,
		used + 3 + 14 + strlen(finding->rule_name) < text->width ? (int)(text->width - used)
									 : 0,
		used + 3 + 14 + strlen(finding->rule_name) < text->width
			? pool_format(&text->pool, "nommu explain %s", finding->rule_name)
			: "");
	plain(text);
}

static void put_stack(struct text *text, const struct finding *finding)
{
	uint32_t shown = text->style->verbose ? finding->stack_count : 2;

	if (!finding->stack)
		return;
	if (!text->style->verbose && finding->stack_count > 1 &&
	    (finding->stack[1].own || !finding->stack[1].module || finding->where))
		say_wrapped(text, MARGIN + 2, "called by %s",
			    place_text(text, &finding->stack[1], false));
	for (uint32_t i = 1; text->style->verbose && i < shown && i <= STACK_SHOWN; i++)
		say_wrapped(text, MARGIN + 2, "%s %s",
			    finding->stack[i - 1].inlined ? "inlined in" : "called by",
			    place_text(text, &finding->stack[i], false));
	if (text->style->verbose && shown > STACK_SHOWN + 1)
		say_wrapped(text, MARGIN + 2, "... %u more frames", shown - STACK_SHOWN - 1);
}

static const char *headline(struct text *text, const struct finding *finding)
{
	const char *title = finding->rule ? rule_get(finding->rule)->title : finding->rule_name;

	if (finding->call_text && finding->answer[0])
		return pool_format(&text->pool, "%s: %s", title, finding->answer);
	return title;
}

static void put_finding(struct text *text, const struct finding *finding)
{
	const char *times =
		finding->where && finding->count <= 1 ? "" : plural(text, finding->count, "time");
	const char *mark = finding->baseline == BASELINE_NEW ? "  NEW" : "";
	unsigned used = MARGIN + (unsigned)(strlen(finding->rule_name) + strlen(mark));

	paint(text, severity_color(finding->severity));
	fprintf(text->out, "%-*s", MARGIN, rule_severity_name(finding->severity));
	plain(text);
	paint(text, BOLD);
	fprintf(text->out, "%s%s", finding->rule_name, mark);
	plain(text);
	fprintf(text->out, "%*s\n", used < text->width ? (int)(text->width - used) : 1, times);
	say_wrapped(text, MARGIN, "%s", headline(text, finding));
	paint(text, BOLD);
	if (finding->where)
		say_wrapped(text, MARGIN, "%s%s%s", finding->where,
			    finding->at.function ? "  " : "",
			    finding->at.function ? finding->at.function : "");
	else
		say_wrapped(text, MARGIN, "%s", place_text(text, &finding->at, true));
	plain(text);
	put_excerpt(text, &finding->at);
	put_stack(text, finding);
	if (text->style->verbose && finding->call_text)
		say_wrapped(text, MARGIN, "first: %s", finding->call_text);
	put_figures(text, finding);
	if (finding->rule)
		say_wrapped(text, MARGIN, "%s %s", rule_get(finding->rule)->why,
			    rule_get(finding->rule)->hint);
	put_profiles(text, finding);
	putc('\n', text->out);
}

static void put_title(struct text *text, struct report *report)
{
	const struct run *run = report_heaviest(report);
	const struct nommu_recording_header *header = run ? &run->header : NULL;
	const char *title = text->style->title;

	if (!title && run && report->runs_count == 1)
		title = run_title(&text->pool, run);
	else if (!title)
		title = pool_format(&text->pool, "nommu report of %s",
				    report->runs_count
					    ? plural(text, report->runs_count, "recording")
					    : plural(text, report->files_count, "file"));
	paint(text, BOLD);
	wrap(text, title, 0, 0);
	plain(text);
	if (run && !run->from_json)
		say_wrapped(text, 0, "profile %s · RAM %s · libc %s · image %s%s%s",
			    conf_profile_name(header->profile),
			    size_text(text, header->ram_pages * header->page_size),
			    conf_libc_name(header->libc), conf_image_name(header->image),
			    header->board[0] ? " · board " : "", header->board);
	putc('\n', text->out);
}

static void put_verdict(struct text *text, struct report *report,
			const struct report_counts *counts)
{
	static const char *const names[] = {"READY", "NEEDS WORK", "BLOCKED"};
	static const char *const colors[] = {GREEN, YELLOW, RED};
	enum report_verdict verdict = report_verdict(report);
	const char *where = counts->recordings ? plural(text, counts->processes, "process")
					       : plural(text, counts->files, "file");

	paint(text, colors[verdict]);
	fputs(names[verdict], text->out);
	plain(text);
	fprintf(text->out, "   %s, %s, %s in %s\n",
		plural(text, counts->finding[SEVERITY_ERROR], "error"),
		plural(text, counts->finding[SEVERITY_WARNING], "warning"),
		plural(text, counts->finding[SEVERITY_NOTE], "note"), where);
	if (report->old)
		fprintf(text->out,
			"compared   %" PRIu64 " new, %" PRIu64 " fixed, %" PRIu64 " unchanged\n",
			counts->fresh, counts->fixed, counts->unchanged);
	if (counts->accepted)
		fprintf(text->out, "accepted   %s by --suppress\n",
			plural(text, counts->accepted, "finding"));
	putc('\n', text->out);
}

static void put_fixed(struct text *text, const struct report *report)
{
	bool any = false;

	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (finding->baseline != BASELINE_FIXED && finding->baseline != BASELINE_UNCHANGED)
			continue;
		paint(text, finding->baseline == BASELINE_FIXED ? GREEN : DIM);
		fprintf(text->out, "%-11s",
			finding->baseline == BASELINE_FIXED ? "fixed" : "unchanged");
		wrap(text,
		     pool_format(&text->pool, "%s  %s", finding->rule_name,
				 place_text(text, &finding->at, true)),
		     11, 11);
		plain(text);
		any = true;
	}
	if (any)
		putc('\n', text->out);
}

static void put_kinds(struct text *text, const struct run *run)
{
	static const unsigned order[] = {NOMMU_KIND_IMAGE,   NOMMU_KIND_STACK, NOMMU_KIND_HEAP,
					 NOMMU_KIND_MAPPING, NOMMU_KIND_FILE,  NOMMU_KIND_SHARED};
	const struct memory *memory = &run->memory;
	uint64_t page = run->header.page_size;
	const char *list = "";

	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		if (memory->peak.kind[order[i]])
			list = pool_format(&text->pool, "%s%s%s %s", list, *list ? ", " : "",
					   kind_name(order[i]),
					   size_text(text, memory->peak.kind[order[i]] * page));
	fputs("memory   ", text->out);
	wrap(text,
	     pool_format(&text->pool, "peak %s of %s: %s; rounding %s",
			 size_text(text, memory->peak.total * page),
			 size_text(text, run->header.ram_pages * page),
			 *list ? list : "nothing taken",
			 size_text(text, memory->peak.waste * page)),
	     MARGIN, MARGIN);
}

static void put_largest(struct text *text, struct report *report, const struct run *run)
{
	const struct memory *memory = &run->memory;
	struct site *site;

	if (!memory->largest_pages || memory->largest_site >= report->sites_count)
		return;
	site = &report->sites[memory->largest_site];
	site_resolve(report, site);
	say_wrapped(text, MARGIN, "largest block %s (order %u), from %s",
		    size_text(text, memory->largest_pages * run->header.page_size),
		    pages_order(memory->largest_pages),
		    place_text(text, &site->places[site->user], false));
}

static void put_fragmentation(struct text *text, const struct run *run)
{
	const struct memory *memory = &run->memory;
	uint64_t page = run->header.page_size;
	struct map map;

	map_build(&map, run, memory->peak_step);
	if (map.count && map.free_pages)
		say_wrapped(text, MARGIN,
			    "at the peak %s free, largest block %s, fragmentation %u %%",
			    size_text(text, map.free_pages * page),
			    size_text(text, map.largest_free * page), map_fragmentation(&map, run));
	map_free(&map);
}

static void put_smallest(struct text *text, struct report *report, const struct run *run)
{
	uint64_t bytes = fit_smallest(report, run);

	if (bytes)
		say_wrapped(text, MARGIN, "smallest RAM that would do: %s (nommu fit)",
			    size_text(text, bytes));
	else if (run->memory.steps_count)
		say_wrapped(text, MARGIN, "the smallest RAM that would do: ask nommu fit %s",
			    text->style->kept && *text->style->kept ? text->style->kept
								    : run->path);
}

static void put_memory(struct text *text, struct report *report)
{
	const struct run *run = report_heaviest(report);

	if (!run)
		return;
	if (run->from_json) {
		say_wrapped(text, 0, "memory   peak %s", size_text(text, run->peak_bytes));
		return;
	}
	put_kinds(text, run);
	put_largest(text, report, run);
	if (run->memory.regions_count)
		put_fragmentation(text, run);
	put_smallest(text, report, run);
	if (run->memory.reserved_bytes)
		say_wrapped(text, MARGIN, "mapped %s, touched %s",
			    size_text(text, run->memory.reserved_bytes),
			    size_text(text, run->memory.touched_bytes));
	if (report->runs_count > 1)
		say_wrapped(text, MARGIN, "of the recording that took most: %s", run->path);
}

static const char *lost_reason(uint32_t why)
{
	static const char *const reasons[] = {"unknown reason", "environment cleared",
					      "static program", "privileged program",
					      "base address taken"};

	return why < ARRAY_SIZE(reasons) ? reasons[why] : reasons[0];
}

static void put_lost(struct text *text, const struct report *report)
{
	uint32_t shown = text->style->verbose ? report->lost_count : 5;

	for (uint32_t i = 0; i < report->lost_count && i < shown; i++)
		say_wrapped(text, MARGIN, "lost: %s (pid %u, %s)",
			    *report->lost[i].command ? report->lost[i].command : "unknown program",
			    report->lost[i].pid, lost_reason(report->lost[i].why));
	if (report->lost_count > shown)
		say_wrapped(text, MARGIN, "... and %u more", report->lost_count - shown);
}

static void put_damage(struct text *text, const struct report *report)
{
	for (uint32_t i = 0; i < report->runs_count; i++) {
		const struct run *run = &report->runs[i];

		if (run->damaged || run->lost_records)
			say_wrapped(text, MARGIN, "%s: %s unreadable, %s lost to a full disk",
				    run->path, size_text(text, run->damaged),
				    plural(text, run->lost_records, "record"));
	}
	for (uint32_t i = 0; i < report->suppressions_count; i++)
		if (!report->suppressions[i].matched)
			say_wrapped(text, MARGIN, "suppression that matches nothing: %s",
				    report->suppressions[i].text);
}

static void put_coverage(struct text *text, const struct report *report,
			 const struct report_counts *counts)
{
	fprintf(text->out, "covered  %s, ",
		counts->recordings ? plural(text, counts->processes, "process")
				   : plural(text, counts->files, "file"));
	if (counts->lost)
		fprintf(text->out, "%" PRIu64 " lost", counts->lost);
	else
		fputs("none lost", text->out);
	if (counts->recordings)
		fprintf(text->out, "; %s", plural(text, counts->events, "call"));
	putc('\n', text->out);
	put_lost(text, report);
	put_damage(text, report);
	if (text->style->kept)
		say_wrapped(text, MARGIN, "recording kept: %s",
			    *text->style->kept ? text->style->kept : "no (--record FILE)");
}

static void put_processes(struct text *text, const struct report *report)
{
	for (uint32_t i = 0; i < report->images_count; i++) {
		const struct image *image = &report->images[i];

		say_wrapped(text, MARGIN, "pid %u%s: %s", image->pid,
			    image->ended ? "" : " (end not recorded)",
			    *image->command ? image->command : "unknown program");
	}
}

int text_render(struct report *report, FILE *out, const struct report_style *style)
{
	struct text text = {.out = out, .style = style, .width = style->width ? style->width : 80};
	struct report_counts counts;

	if (text.width < 40)
		text.width = 40;
	report_count(report, &counts);
	put_title(&text, report);
	put_verdict(&text, report, &counts);
	for (uint32_t i = 0; i < report->findings_count; i++)
		if (finding_counts(report, &report->findings[i]))
			put_finding(&text, &report->findings[i]);
	put_fixed(&text, report);
	if (!style->quiet) {
		put_memory(&text, report);
		put_coverage(&text, report, &counts);
		if (style->verbose)
			put_processes(&text, report);
	}
	pool_free(&text.pool);
	return ferror(out) ? -1 : 0;
}
