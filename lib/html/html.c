/* SPDX-License-Identifier: MIT */
/*
 * html.c - the report as one page that needs nothing else: no network, no other file. What matters
 * most is plain HTML; the script adds the plot, the maps and the list that filters. Whatever comes
 * from the program under test reaches the page as escaped text or as JSON, never as markup.
 */
#include "html/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html/html.h"

static const char *title(struct html *html)
{
	const struct run *run = report_heaviest(html->report);
	const struct report *report = html->report;

	if (html->style->title)
		return html->style->title;
	if (run && report->runs_count == 1)
		return run_title(&html->pool, run);
	if (report->runs_count)
		return pool_format(&html->pool, "nommu report of %u recordings",
				   report->runs_count);
	return pool_format(&html->pool, "nommu scan of %u files", report->files_count);
}

static void put_head(struct html *html)
{
	FILE *out = html->emit.out;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>",
	      out);
	emit_escape_xml(out, title(html));
	fputs("</title>\n<style>\n", out);
	fputs(html_page_css, out);
	fputs("</style>\n</head>\n", out);
}

static void put_settings(struct html *html)
{
	const struct run *run = report_heaviest(html->report);
	FILE *out = html->emit.out;
	uint64_t ram;

	if (!run || run->from_json)
		return;
	ram = run->header.ram_pages * run->header.page_size / 1024;
	fprintf(out, "<p class=\"sub\">profile %s · RAM %" PRIu64 " %s · libc %s · image %s",
		conf_profile_name(run->header.profile), ram % 1024 ? ram : ram / 1024,
		ram % 1024 ? "KiB" : "MiB", conf_libc_name(run->header.libc),
		conf_image_name(run->header.image));
	if (run->header.board[0]) {
		fputs(" · board ", out);
		emit_escape_xml(out, run->header.board);
	}
	fputs("</p>\n", out);
}

static void put_verdict(struct html *html)
{
	static const char *const words[] = { "Ready", "Needs work", "Blocked" };
	enum report_verdict verdict = report_verdict(html->report);
	struct report_counts counts;
	FILE *out = html->emit.out;

	report_count(html->report, &counts);
	fputs("<header>\n<h1>", out);
	emit_escape_xml(out, title(html));
	fputs("</h1>\n", out);
	put_settings(html);
	fprintf(out,
		"<p class=\"verdict %s\"><strong>%s</strong> <span>%" PRIu64 " error%s, %" PRIu64
		" warning%s, %" PRIu64 " note%s",
		report_verdict_name(verdict), words[verdict], counts.finding[SEVERITY_ERROR],
		counts.finding[SEVERITY_ERROR] == 1 ? "" : "s", counts.finding[SEVERITY_WARNING],
		counts.finding[SEVERITY_WARNING] == 1 ? "" : "s", counts.finding[SEVERITY_NOTE],
		counts.finding[SEVERITY_NOTE] == 1 ? "" : "s");
	if (counts.recordings)
		fprintf(out, " in %" PRIu64 " process%s", counts.processes,
			counts.processes == 1 ? "" : "es");
	else
		fprintf(out, " in %" PRIu64 " file%s", counts.files, counts.files == 1 ? "" : "s");
	if (counts.lost)
		fprintf(out, ", <b>%" PRIu64 " lost</b>", counts.lost);
	if (html->report->old)
		fprintf(out, " · %" PRIu64 " new, %" PRIu64 " fixed, %" PRIu64 " unchanged",
			counts.fresh, counts.fixed, counts.unchanged);
	if (counts.accepted)
		fprintf(out, " · %" PRIu64 " accepted", counts.accepted);
	fputs("</span></p>\n</header>\n", out);
}

int html_render(struct report *report, FILE *out, const struct report_style *style)
{
	struct html html = { .report = report, .style = style };

	emit_start(&html.emit, out);
	html.emit.compact = true;
	put_head(&html);
	fputs("<body>\n", out);
	put_verdict(&html);
	fputs("<main id=\"main\">\n", out);
	html_static(&html);
	fputs("</main>\n<footer>nommu " NOMMU_VERSION
	      "</footer>\n<script type=\"application/json\" id=\"data\">",
	      out);
	html_data(&html);
	fputs("</script>\n<script>\n", out);
	fputs(html_page_js, out);
	fputs("</script>\n</body>\n</html>\n", out);
	table_free(&html.texts);
	table_free(&html.places);
	table_free(&html.excerpts);
	free(html.text);
	free(html.place);
	free(html.excerpt);
	pool_free(&html.pool);
	return ferror(out) ? -1 : 0;
}
