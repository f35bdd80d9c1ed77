/* SPDX-License-Identifier: MIT */
/* report.c - the face of the directory: opening, adding, counting. */
#include "report/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "symbol/source.h"

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

const char *report_verdict_name(enum report_verdict verdict)
{
	static const char *const names[] = { "ready", "needs-work", "blocked" };

	return (size_t)verdict < ARRAY_SIZE(names) ? names[verdict] : "unknown";
}
