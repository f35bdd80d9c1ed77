/* SPDX-License-Identifier: MIT */
/*
 * text.c - the report that people read in a terminal or a CI log: verdict, what to change worst
 * first, memory, coverage. Fits the width; colour only where the style asks for it.
 */
#include "render/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/types.h"
#include "render/formats.h"
#include "symbol/source.h"

#define STACK_SHOWN 12
#define INDENT_MAX 8 /* characters of a source line's indentation that are kept */

static const char *severity_color(unsigned severity)
{
	return severity == SEVERITY_ERROR ? RED : severity == SEVERITY_WARNING ? YELLOW : BLUE;
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
		if (skipped > INDENT_MAX)
			skipped = INDENT_MAX;
		if (here)
			text_paint(text, BOLD);
		fprintf(text->out, "%*s%s %5" PRId64 " | ", MARGIN, "", here ? ">" : " ", line);
		for (size_t i = 0; i < skipped && source[i]; i++)
			fputs(source[i] == '\t' ? "  " : " ", text->out);
		source += strspn(source, " \t");
		len = strlen(source);
		if (len > text->width - MARGIN - 10 - 2 * skipped)
			len = text->width - MARGIN - 10 - 2 * skipped;
		while (len && ((unsigned char)source[len] & 0xc0) == 0x80)
			len--;
		text_clean(text, source, len);
		if (here)
			text_plain(text);
		putc('\n', text->out);
	}
}

/* "main stack", "thread stack" */
static const char *stack_of(const struct finding *finding)
{
	return finding->example && finding->example->text ? finding->example->text : "stack";
}

static void put_figures(struct text *text, const struct finding *finding)
{
	switch (finding->rule) {
	case RULE_OVERCOMMIT:
		text_say(text, MARGIN, "reserved %s, touched %s",
			 text_size(text, finding->figure_max[0]),
			 text_size(text, finding->figure_max[1]));
		break;
	case RULE_STACK_DEPTH:
		if (finding->figure_max[1] == finding->figure_max[0])
			text_say(text, MARGIN, "%s used to the end of the %s that the target has",
				 stack_of(finding), text_size(text, finding->figure_max[0]));
		else
			text_say(text, MARGIN, "%s %s deep, the target has %s", stack_of(finding),
				 text_size(text, finding->figure_max[1]),
				 text_size(text, finding->figure_max[0]));
		break;
	case RULE_PRIVATE_COPY:
		if (finding->count > 1)
			text_say(text, MARGIN, "%s copied into RAM, %s at most at once",
				 text_size(text, finding->figure_sum[0]),
				 text_size(text, finding->figure_max[0]));
		else if (finding->figure_sum[0])
			text_say(text, MARGIN, "%s copied into RAM",
				 text_size(text, finding->figure_sum[0]));
		break;
	case RULE_FRAGMENTED:
	case RULE_OUT_OF_MEMORY:
		if (finding->example && finding->example->figure[0])
			text_say(text, MARGIN, "free then: %s, largest block %s",
				 text_size(text, finding->example->figure[0] * NOMMU_PAGE_SIZE),
				 text_size(text, finding->example->figure[1] * NOMMU_PAGE_SIZE));
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
	text_paint(text, DIM);
	used = MARGIN + text_columns(list, strlen(list));
	fprintf(text->out, "%*s%s%*s\n", MARGIN, "", list,
		used + 3 + 14 + strlen(finding->rule_name) < text->width ? (int)(text->width - used)
									 : 0,
		used + 3 + 14 + strlen(finding->rule_name) < text->width
			? pool_format(&text->pool, "nommu explain %s", finding->rule_name)
			: "");
	text_plain(text);
}

static void put_stack(struct text *text, const struct finding *finding)
{
	uint32_t shown = text->style->verbose ? finding->stack_count : 2;

	if (!finding->stack)
		return;
	if (!text->style->verbose && finding->stack_count > 1 &&
	    (finding->stack[1].own || !finding->stack[1].module || finding->where))
		text_say(text, MARGIN + 2, "called by %s",
			 text_place(text, &finding->stack[1], false));
	for (uint32_t i = 1; text->style->verbose && i < shown && i <= STACK_SHOWN; i++)
		text_say(text, MARGIN + 2, "%s %s",
			 finding->stack[i - 1].inlined ? "inlined in" : "called by",
			 text_place(text, &finding->stack[i], false));
	if (text->style->verbose && shown > STACK_SHOWN + 1)
		text_say(text, MARGIN + 2, "... %u more frames", shown - STACK_SHOWN - 1);
}

/* How much was asked for matters more than anything else about it. */
static bool is_request(enum rule_id rule)
{
	return rule == RULE_CONTIGUOUS_LIMIT || rule == RULE_FRAGMENTED ||
	       rule == RULE_OUT_OF_MEMORY || rule == RULE_IMAGE_TOO_LARGE;
}

/* The call where its arguments matter or are wanted; else the file that it was about. */
static void put_call(struct text *text, const struct finding *finding)
{
	char buf[4096];
	const char *about = finding->example ? source_relative(finding->example->text,
							       text->style->root, buf, sizeof(buf))
					     : NULL;

	if (finding->call_text && finding->where)
		text_say(text, MARGIN, "%s", finding->call_text);
	else if (finding->call_text && (text->style->verbose || is_request(finding->rule)))
		text_say(text, MARGIN, "first: %s", finding->call_text);
	else if (finding->rule == RULE_OVERCOMMIT || finding->rule == RULE_STACK_DEPTH)
		return; /* the figures say it */
	else if (about && *about && finding->rule == RULE_VFORK_CHILD)
		text_say(text, MARGIN, strchr(about, ' ') ? "the child %s" : "the child calls %s",
			 about);
	else if (about && *about)
		text_say(text, MARGIN, finding->count > 1 ? "first: %s" : "of %s",
			 text_short_path(text, about, text->width - MARGIN - 7));
}

/* Why, how to write it instead, and who refuses; once for each rule. */
static void put_reason(struct text *text, const struct finding *finding)
{
	const struct rule *rule = rule_get(finding->rule);

	if (finding->rule)
		text_say(text, MARGIN, "%s %s", rule->why, rule->hint);
	put_profiles(text, finding);
}

/* The second finding of a rule says only what is different. */
static bool is_known(struct text *text, const struct finding *finding, const char *answer)
{
	const char *last = finding->rule ? text->explained[finding->rule] : NULL;

	text->explained[finding->rule] = answer;
	return last && strcmp(last, answer) == 0;
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
	const char *times = finding->where && finding->count <= 1
				    ? ""
				    : text_plural(text, finding->count, "time");
	const char *mark = finding->baseline == BASELINE_NEW ? "  NEW" : "";
	unsigned used = MARGIN + (unsigned)(strlen(finding->rule_name) + strlen(mark));
	bool known = finding->rule && text->explained[finding->rule];
	const char *answer = headline(text, finding);

	text_paint(text, severity_color(finding->severity));
	fprintf(text->out, "%-*s", MARGIN, rule_severity_name(finding->severity));
	text_plain(text);
	text_paint(text, BOLD);
	fprintf(text->out, "%s%s", finding->rule_name, mark);
	text_plain(text);
	fprintf(text->out, "%*s\n", used < text->width ? (int)(text->width - used) : 1, times);
	if (!is_known(text, finding, answer))
		text_say(text, MARGIN, "%s", answer);
	text_paint(text, BOLD);
	if (finding->where)
		text_say(text, MARGIN, "%s%s%s", finding->where, finding->at.function ? "  " : "",
			 finding->at.function ? finding->at.function : "");
	else
		text_say(text, MARGIN, "%s", text_place(text, &finding->at, true));
	text_plain(text);
	put_excerpt(text, &finding->at);
	put_stack(text, finding);
	put_call(text, finding);
	put_figures(text, finding);
	if (!known)
		put_reason(text, finding);
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
					    ? text_plural(text, report->runs_count, "recording")
					    : text_plural(text, report->files_count, "file"));
	text_paint(text, BOLD);
	text_wrap(text, title, 0, 0);
	text_plain(text);
	if (run && !run->from_json && header->swap_pages)
		text_say(text, 0,
			 "profile %s, by HP's manual · RAM %s, %s of swap to reserve · libc %s",
			 conf_profile_name(header->profile),
			 text_size(text, header->ram_pages * header->page_size),
			 text_size(text, header->swap_pages * header->page_size),
			 conf_libc_name(header->libc));
	else if (run && !run->from_json)
		text_say(text, 0, "profile %s · RAM %s · libc %s · image %s%s%s",
			 conf_profile_name(header->profile),
			 text_size(text, header->ram_pages * header->page_size),
			 conf_libc_name(header->libc), conf_image_name(header->image),
			 header->board[0] ? " · board " : "", header->board);
	putc('\n', text->out);
}

static void put_verdict(struct text *text, struct report *report,
			const struct report_counts *counts)
{
	static const char *const names[] = { "READY", "NEEDS WORK", "BLOCKED" };
	static const char *const colors[] = { GREEN, YELLOW, RED };
	enum report_verdict verdict = report_verdict(report);
	const char *where = counts->recordings ? text_plural(text, counts->processes, "process")
					       : text_plural(text, counts->files, "file");
	/* The verdict is the program's, also where only what is new is counted. */
	bool fresh = report->old;

	text_paint(text, colors[verdict]);
	fputs(names[verdict], text->out);
	text_plain(text);
	fputs("   ", text->out);
	text_wrap(text,
		  pool_format(&text->pool, "%s, %s, %s in %s",
			      text_plural(text, counts->finding[SEVERITY_ERROR],
					  fresh ? "new error" : "error"),
			      text_plural(text, counts->finding[SEVERITY_WARNING],
					  fresh ? "new warning" : "warning"),
			      text_plural(text, counts->finding[SEVERITY_NOTE],
					  fresh ? "new note" : "note"),
			      where),
		  (unsigned)strlen(names[verdict]) + 3, MARGIN);
	if (report->old)
		text_say(text, 0,
			 "compared   %" PRIu64 " new, %" PRIu64 " fixed, %" PRIu64 " unchanged",
			 counts->fresh, counts->fixed, counts->unchanged);
	if (counts->accepted)
		fprintf(text->out, "accepted   %s by --suppress\n",
			text_plural(text, counts->accepted, "finding"));
	putc('\n', text->out);
}

static void put_fixed(struct text *text, const struct report *report)
{
	bool any = false;

	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (finding->baseline != BASELINE_FIXED && finding->baseline != BASELINE_UNCHANGED)
			continue;
		text_paint(text, finding->baseline == BASELINE_FIXED ? GREEN : DIM);
		fprintf(text->out, "%-11s",
			finding->baseline == BASELINE_FIXED ? "fixed" : "unchanged");
		text_wrap(text,
			  pool_format(&text->pool, "%s  %s", finding->rule_name,
				      text_place(text, &finding->at, true)),
			  11, 11);
		text_plain(text);
		any = true;
	}
	if (any)
		putc('\n', text->out);
}

int text_render(struct report *report, FILE *out, const struct report_style *style)
{
	struct text text = { .out = out, .style = style, .width = text_width(style) };
	struct report_counts counts;

	report_count(report, &counts);
	put_title(&text, report);
	put_verdict(&text, report, &counts);
	for (uint32_t i = 0; i < report->findings_count; i++)
		if (finding_counts(&report->findings[i]))
			put_finding(&text, &report->findings[i]);
	put_fixed(&text, report);
	if (!style->quiet) {
		text_memory(&text, report);
		text_coverage(&text, report, &counts);
		if (style->verbose)
			text_processes(&text, report);
	}
	pool_free(&text.pool);
	return ferror(out) ? -1 : 0;
}
