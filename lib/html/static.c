/* SPDX-License-Identifier: MIT */
/*
 * static.c - what a reader sees where scripts do not run (mail, strict browsers): the findings and
 * the memory in plain HTML. The page's script puts its own in their place.
 */
#include <inttypes.h>

#include "html/page.h"
#include "symbol/source.h"

#include "base/compiler.h"

#define FINDINGS_MAX 200
#define FILES_MAX 200

static void put_text(struct html *html, const char *before, const char *text, const char *after)
{
	fputs(before, html->emit.out);
	emit_escape_xml(html->emit.out, text);
	fputs(after, html->emit.out);
}

static void put_place(struct html *html, const struct finding *finding)
{
	const struct place *at = &finding->at;
	char buf[4096];
	const char *file = source_relative(at->file, html->style->root, buf, sizeof(buf));

	fputs("<p class=\"mono where\">", html->emit.out);
	if (finding->where)
		put_text(html, "", finding->where, " ");
	if (at->function)
		put_text(html, "", at->function, " ");
	if (file && at->line) {
		put_text(html, "", file, "");
		fprintf(html->emit.out, ":%u", at->line);
	} else if (at->module) {
		put_text(html, "", at->module, "");
		if (!at->function)
			fprintf(html->emit.out, "+0x%" PRIx64, at->offset);
	}
	fputs("</p>\n", html->emit.out);
}

static void put_reason(struct html *html, const struct finding *finding, bool explained[RULES])
{
	const struct rule *rule = rule_get(finding->rule);

	if (!finding->rule || explained[finding->rule])
		return;
	explained[finding->rule] = true;
	put_text(html, "<p>", rule->why, "</p>\n");
	put_text(html, "<p><strong>Portable:</strong> ", rule->hint, "</p>\n");
}

static void put_finding(struct html *html, const struct finding *finding, bool explained[RULES])
{
	const char *level = rule_severity_name(finding->severity);
	const char *title = finding->rule ? rule_get(finding->rule)->title : "";

	fprintf(html->emit.out,
		"<article class=\"panel\"><p><span class=\"level %s\">%s</span> <b class=\"mono\">",
		level, level);
	put_text(html, "", finding->rule_name, "</b> ");
	put_text(html, "", title, "");
	if (finding->answer[0])
		put_text(html, ": ", finding->answer, "");
	fprintf(html->emit.out, " <span class=\"count\">%" PRIu64 "×</span></p>\n", finding->count);
	put_place(html, finding);
	put_reason(html, finding, explained);
	fputs("</article>\n", html->emit.out);
}

static void put_memory(struct html *html)
{
	const struct run *run = report_heaviest(html->report);

	if (!run)
		return;
	fprintf(html->emit.out, "<h2>Memory</h2>\n<p>peak %" PRIu64 " KiB", run->peak_bytes / 1024);
	if (!run->from_json) {
		fprintf(html->emit.out, " of %" PRIu64 " KiB:",
			run->header.ram_pages * run->header.page_size / 1024);
		for (unsigned i = 0; i < NOMMU_KINDS; i++)
			if (run->memory.peak.kind[i])
				fprintf(html->emit.out, " %s %" PRIu64 " KiB,", kind_name(i),
					run->memory.peak.kind[i] * run->header.page_size / 1024);
		fprintf(html->emit.out, " rounding %" PRIu64 " KiB",
			run->memory.peak.waste * run->header.page_size / 1024);
	}
	fputs("</p>\n", html->emit.out);
}

/* The verdicts of a scan with their reasons. */
static void put_files(struct html *html)
{
	const struct report *report = html->report;

	if (!report->files_count)
		return;
	fputs("<h2>Files</h2>\n<ul>\n", html->emit.out);
	for (uint32_t i = 0; i < report->files_count && i < FILES_MAX; i++) {
		put_text(html, "<li><b>", report->files[i].verdict, "</b> ");
		put_text(html, "<span class=\"mono where\">", report->files[i].path, "</span>");
		if (report->files[i].reason)
			put_text(html, " ", report->files[i].reason, "");
		fputs("</li>\n", html->emit.out);
	}
	fputs("</ul>\n", html->emit.out);
}

void html_static(struct html *html)
{
	const struct report *report = html->report;
	bool explained[RULES] = { false };
	uint32_t shown = 0, left = 0;

	put_files(html);
	fputs("<h2>What to change</h2>\n", html->emit.out);
	for (uint32_t i = 0; i < report->findings_count; i++) {
		if (!finding_counts(&report->findings[i]))
			continue;
		if (shown < FINDINGS_MAX) {
			put_finding(html, &report->findings[i], explained);
			shown++;
		} else {
			left++;
		}
	}
	if (!shown)
		fputs("<p>Nothing.</p>\n", html->emit.out);
	if (left)
		fprintf(html->emit.out, "<p>%u more are shown where scripts run.</p>\n", left);
	put_memory(html);
	fputs("<noscript><p class=\"dim\">Plots, maps and filters need "
	      "JavaScript.</p></noscript>\n",
	      html->emit.out);
}
