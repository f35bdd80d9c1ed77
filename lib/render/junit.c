/* SPDX-License-Identifier: MIT */
/*
 * junit.c - JUnit XML: each rule is a test case that fails where a finding is an error; warnings
 * and notes go to its output. Each scanned file is one too, and fails where it cannot run.
 */
#include "render/formats.h"

#include <inttypes.h>
#include <string.h>

#include "kit/emit.h"
#include "symbol/source.h"

#define LINES_MAX 200 /* findings listed for one rule */

struct junit {
	struct emit emit;
	struct report *report;
	const struct report_style *style;
	struct pool pool;
};

static const char *finding_line(struct junit *junit, const struct finding *finding)
{
	const struct place *at = &finding->at;
	char buf[4096];
	const char *file = source_relative(at->file, junit->style->root, buf, sizeof(buf));
	const char *place;

	if (file && at->line)
		place = pool_format(&junit->pool, "%s:%u: %s", file, at->line,
				    at->function ? at->function : "?");
	else if (at->function)
		place = pool_format(&junit->pool, "%s: %s", at->module ? at->module : "?",
				    at->function);
	else
		place = pool_format(&junit->pool, "%s+0x%" PRIx64, at->module ? at->module : "",
				    at->offset);
	return pool_format(&junit->pool, "%s: %s%s%s, %" PRIu64 " time%s\n",
			   rule_severity_name(finding->severity),
			   finding->where ? finding->where : "", finding->where ? ": " : "", place,
			   finding->count, finding->count == 1 ? "" : "s");
}

static void put_lines(struct junit *junit, const char *rule, bool errors)
{
	unsigned lines = 0;

	for (uint32_t i = 0; i < junit->report->findings_count; i++) {
		const struct finding *finding = &junit->report->findings[i];

		if (!finding_counts(finding) || strcmp(finding->rule_name, rule) != 0 ||
		    (finding->severity == SEVERITY_ERROR) != errors)
			continue;
		if (++lines <= LINES_MAX)
			emit_text(&junit->emit, finding_line(junit, finding));
	}
	if (lines > LINES_MAX)
		emit_text(&junit->emit,
			  pool_format(&junit->pool, "... and %u more\n", lines - LINES_MAX));
}

struct tallied {
	unsigned errors, others;
};

static struct tallied count_rule(const struct report *report, const char *rule)
{
	struct tallied count = { 0, 0 };

	for (uint32_t i = 0; i < report->findings_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (!finding_counts(finding) || strcmp(finding->rule_name, rule) != 0)
			continue;
		if (finding->severity == SEVERITY_ERROR)
			count.errors++;
		else
			count.others++;
	}
	return count;
}

static void put_rule(struct junit *junit, const struct rule *rule)
{
	struct tallied count = count_rule(junit->report, rule->name);

	emit_tag(&junit->emit, "testcase");
	emit_attr(&junit->emit, "classname", "nommu");
	emit_attr(&junit->emit, "name", rule->name);
	emit_attr(&junit->emit, "time", "0");
	if (count.errors) {
		emit_tag(&junit->emit, "failure");
		emit_attr(&junit->emit, "type", "error");
		emit_attr(&junit->emit, "message", rule->title);
		emit_text(&junit->emit,
			  pool_format(&junit->pool, "%s %s\n", rule->why, rule->hint));
		put_lines(junit, rule->name, true);
		emit_tag_end(&junit->emit);
	}
	if (count.others) {
		emit_tag(&junit->emit, "system-out");
		put_lines(junit, rule->name, false);
		emit_tag_end(&junit->emit);
	}
	emit_tag_end(&junit->emit);
}

static void put_rules(struct junit *junit)
{
	unsigned failures = 0, rules = 0;

	for (unsigned id = RULE_NONE + 1; id < RULES; id++) {
		rules += report_has_rule(junit->report, id);
		failures += count_rule(junit->report, rule_get(id)->name).errors != 0;
	}
	emit_tag(&junit->emit, "testsuite");
	emit_attr(&junit->emit, "name", "nommu");
	emit_attr_uint(&junit->emit, "tests", rules);
	emit_attr_uint(&junit->emit, "failures", failures);
	emit_attr_uint(&junit->emit, "errors", 0);
	emit_attr(&junit->emit, "time", "0");
	for (unsigned id = RULE_NONE + 1; id < RULES; id++)
		if (report_has_rule(junit->report, id))
			put_rule(junit, rule_get(id));
	emit_tag_end(&junit->emit);
}

static void put_files(struct junit *junit)
{
	const struct report *report = junit->report;
	unsigned failures = 0;

	for (uint32_t i = 0; i < report->files_count; i++)
		failures += strcmp(report->files[i].verdict, "cannot-run") == 0;
	emit_tag(&junit->emit, "testsuite");
	emit_attr(&junit->emit, "name", "nommu.scan");
	emit_attr_uint(&junit->emit, "tests", report->files_count);
	emit_attr_uint(&junit->emit, "failures", failures);
	emit_attr_uint(&junit->emit, "errors", 0);
	emit_attr(&junit->emit, "time", "0");
	for (uint32_t i = 0; i < report->files_count; i++) {
		emit_tag(&junit->emit, "testcase");
		emit_attr(&junit->emit, "classname", "nommu.scan");
		emit_attr(&junit->emit, "name", report->files[i].path);
		emit_attr(&junit->emit, "time", "0");
		if (strcmp(report->files[i].verdict, "cannot-run") == 0) {
			emit_tag(&junit->emit, "failure");
			emit_attr(&junit->emit, "type", "cannot-run");
			emit_attr(&junit->emit, "message", "cannot run without an MMU");
			emit_tag_end(&junit->emit);
		}
		emit_tag_end(&junit->emit);
	}
	emit_tag_end(&junit->emit);
}

int junit_render(struct report *report, FILE *out, const struct report_style *style)
{
	struct junit junit = { .report = report, .style = style };

	emit_xml_start(&junit.emit, out);
	emit_tag(&junit.emit, "testsuites");
	put_rules(&junit);
	if (report->files_count)
		put_files(&junit);
	emit_tag_end(&junit.emit);
	pool_free(&junit.pool);
	return ferror(out) ? -1 : 0;
}
