/* SPDX-License-Identifier: MIT */
/* report.c - the face of the directory: opening, adding, counting, and which renderer makes which
 * format. */
#include "report/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/compiler.h"

static const struct {
	const char *name;
	const char *ending;
	render_function *render;
} formats[REPORT_FORMATS] = {
	[REPORT_TEXT] = { "text", ".txt", text_render },
	[REPORT_JSON] = { "json", ".json", json_render },
	[REPORT_SARIF] = { "sarif", ".sarif", sarif_render },
	[REPORT_JUNIT] = { "junit", ".xml", junit_render },
	[REPORT_HTML] = { "html", ".html", html_render },
	[REPORT_MASSIF] = { "massif", ".massif", massif_render },
	[REPORT_FOLDED] = { "folded", ".folded", folded_render },
};

struct report *report_open(void)
{
	return calloc(1, sizeof(struct report));
}

void report_close(struct report *report)
{
	if (!report)
		return;
	for (uint32_t i = 0; i < report->modules_count; i++)
		symbols_release(&report->modules[i].file);
	for (uint32_t i = 0; i < report->images_count; i++)
		free(report->images[i].spans);
	for (uint32_t i = 0; i < report->runs_count; i++)
		memory_free(&report->runs[i].memory);
	table_free(&report->image_of_pid);
	table_free(&report->site_of_address);
	table_free(&report->site_of_place);
	table_free(&report->tally_of);
	table_free(&report->frames_of);
	table_free(&report->named);
	free(report->modules);
	free(report->images);
	free(report->lost);
	free(report->frames);
	free(report->sites);
	free(report->tallies);
	free(report->runs);
	free(report->files);
	free(report->imported);
	free(report->findings);
	free(report->suppressions);
	pool_free(&report->pool);
	source_close();
	free(report);
}

void report_on_progress(struct report *report, report_progress *progress, void *cookie)
{
	report->progress = progress;
	report->progress_cookie = cookie;
}

int report_debug_path(struct report *report, const char *path)
{
	report->debug_path = pool_string(&report->pool, path);
	return 0;
}

int report_add(struct report *report, const char *path, char *error)
{
	int result = model_read(report, path, error);

	if (result > 0) /* no recording */
		result = import_json(report, path, error);
	report->finished = false;
	return result ? -1 : 0;
}

int report_accept(struct report *report, FILE *out)
{
	report_finish(report);
	suppress_write(report, out);
	return fflush(out) || ferror(out) ? -1 : 0;
}

int report_compare(struct report *report, struct report *old)
{
	report->old = old;
	report->finished = false;
	return 0;
}

int report_render(struct report *report, enum report_format format, FILE *out,
		  const struct report_style *style, char *error)
{
	static const struct report_style plain;

	if (format >= REPORT_FORMATS || !formats[format].render) {
		snprintf(error, REPORT_ERROR_SIZE, "there is no such format");
		return -1;
	}
	report_finish(report);
	errno = 0;
	if (formats[format].render(report, out, style ? style : &plain) || fflush(out) ||
	    ferror(out)) {
		snprintf(error, REPORT_ERROR_SIZE, "the report could not be written: %s",
			 errno ? strerror(errno) : "unknown error");
		return -1;
	}
	return 0;
}

int report_worst(struct report *report)
{
	int worst = REPORT_NOTHING;

	report_finish(report);
	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (finding_counts(finding) && finding->severity > worst)
			worst = finding->severity;
	}
	return worst;
}

enum report_verdict report_verdict(struct report *report)
{
	enum report_verdict verdict = VERDICT_READY;

	report_finish(report);
	/* Nobody knows what the records said that a full disk or damage took. */
	for (uint32_t i = 0; i < report->runs_count; i++)
		if (report->runs[i].lost_records || report->runs[i].damaged)
			verdict = VERDICT_NEEDS_WORK;
	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (finding->accepted || finding->baseline == BASELINE_FIXED)
			continue;
		if (finding->severity == SEVERITY_ERROR)
			return VERDICT_BLOCKED;
		if (finding->severity == SEVERITY_WARNING)
			verdict = VERDICT_NEEDS_WORK;
	}
	for (uint32_t i = 0; i < report->files_count; i++) {
		if (strcmp(report->files[i].verdict, "cannot-run") == 0)
			return VERDICT_BLOCKED;
		if (strcmp(report->files[i].verdict, "ready") != 0)
			verdict = VERDICT_NEEDS_WORK;
	}
	return verdict;
}

void report_count(struct report *report, struct report_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	report_finish(report);
	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		counts->accepted += finding->accepted;
		counts->fresh += finding->baseline == BASELINE_NEW && !finding->accepted;
		counts->fixed += finding->baseline == BASELINE_FIXED;
		counts->unchanged += finding->baseline == BASELINE_UNCHANGED && !finding->accepted;
		if (finding_counts(finding))
			counts->finding[finding->severity]++;
	}
	counts->recordings = report->runs_count;
	counts->files = report->files_count;
	counts->processes = report->images_count + report->imported_processes;
	counts->lost = report->lost_count + report->imported_lost;
	counts->events = report->imported_events;
	for (uint32_t i = 0; i < report->runs_count; i++) {
		counts->events += report->runs[i].events;
		counts->damaged += report->runs[i].damaged;
		if (report->runs[i].peak_bytes > counts->peak_bytes)
			counts->peak_bytes = report->runs[i].peak_bytes;
	}
}

enum report_format report_format_by_ending(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (unsigned i = 0; dot && i < REPORT_FORMATS; i++)
		if (formats[i].ending && strcmp(dot, formats[i].ending) == 0)
			return (enum report_format)i;
	return REPORT_FORMATS;
}

enum report_format report_format_by_name(const char *name)
{
	for (unsigned i = 0; i < REPORT_FORMATS; i++)
		if (formats[i].name && strcmp(name, formats[i].name) == 0)
			return (enum report_format)i;
	return REPORT_FORMATS;
}

void report_style_for(struct report_style *style, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;
	int fd = fileno(out);

	style->color = false;
	style->width = 80;
	if (fd < 0 || !isatty(fd))
		return;
	style->color = !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col >= 40)
		style->width = size.ws_col < 120 ? size.ws_col : 120;
}

const char *report_verdict_name(enum report_verdict verdict)
{
	static const char *const names[] = { "ready", "needs-work", "blocked" };

	return (size_t)verdict < ARRAY_SIZE(names) ? names[verdict] : "unknown";
}
