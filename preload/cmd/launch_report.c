/* SPDX-License-Identifier: MIT */
/*
 * launch_report.c - the reports of a run, made in the
 * launcher from the recording when the run is over.
 */
#include "cmd.h"
#include "launch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "render/render.h"

/* A device has no ending: /dev/null, /dev/stderr and /dev/fd/3 get text. */
static enum report_format format_of(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 ? REPORT_TEXT : render_format_by_ending(path);
}

int launch_report_names(const struct launch *l)
{
	for (unsigned i = 0; i < l->reports; i++) {
		if (format_of(l->report[i]) != REPORT_FORMATS)
			continue;
		say("--report '%s': the ending says the format: .txt .json .sarif .html .xml "
		    ".massif "
		    ".folded",
		    l->report[i]);
		return CMD_FAILED;
	}
	return CMD_OK;
}

static int write_report(struct report *report, const char *path, struct report_style *style)
{
	char error[REPORT_ERROR_SIZE];
	FILE *out = fopen(path, "we");
	int result;

	if (!out) {
		say("--report '%s' cannot be written: %s", path, strerrordesc_np(errno));
		return CMD_FAILED;
	}
	render_style_for(style, out);
	result = render_report(report, format_of(path), out, style, error);
	if (fclose(out) != 0 && !result) {
		say("--report '%s' cannot be written: %s", path, strerrordesc_np(errno));
		return CMD_FAILED;
	}
	if (result)
		say("--report '%s': %s", path, error);
	return result ? CMD_FAILED : CMD_OK;
}

/* A closed stderr is no error, as for every message. */
static void print_report(struct report *report, struct report_style *style)
{
	char error[REPORT_ERROR_SIZE];

	render_style_for(style, stderr);
	(void)render_report(report, REPORT_TEXT, stderr, style, error);
	fflush(stderr);
}

static int read_inputs(const struct launch *l, struct report *report)
{
	char error[REPORT_ERROR_SIZE];
	int result = report_add(report, l->conf.record, error);

	for (unsigned i = 0; i < l->suppressed && !result; i++)
		result = report_suppress(report, l->suppress[i], error);
	if (result)
		say("%s", error);
	return result ? CMD_FAILED : CMD_OK;
}

static int make_reports(const struct launch *l, struct report *report)
{
	struct report_style style = { .kept = l->keep_recording ? l->conf.record : "" };
	struct report_counts counts;
	int status = read_inputs(l, report);

	report_count(report, &counts);
	if (!status && !counts.processes) {
		say("no process could be recorded in %s: is the disk full?", l->conf.record);
		return CMD_FAILED;
	}
	for (unsigned i = 0; i < l->reports && !status; i++)
		status = write_report(report, l->report[i], &style);
	if (status)
		return status;
	if (l->conf.mode == MODE_AUDIT && !l->reports)
		print_report(report, &style);
	if (l->fail_on < 0 || report_worst(report) < l->fail_on)
		return CMD_OK;
	if (l->conf.mode == MODE_RUN && !l->reports)
		say("there are findings of --fail-on %s; --report FILE says which",
		    rule_severity_name((enum rule_severity)l->fail_on));
	return CMD_FINDINGS;
}

int launch_report(const struct launch *l)
{
	struct report *report = report_open();
	int status;

	if (!report) {
		say("no memory for the report");
		return CMD_FAILED;
	}
	status = make_reports(l, report);
	report_close(report);
	return status;
}
