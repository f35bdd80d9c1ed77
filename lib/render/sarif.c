/* SPDX-License-Identifier: MIT */
/*
 * sarif.c - SARIF 2.1.0, as code scanning takes it: rules with help, results with a location in the
 * sources (relative to the root) or, without debug information, in the binary; a fingerprint that
 * survives edits.
 */
#include "render/formats.h"

#include <ctype.h>
#include <string.h>

#include "kit/emit.h"
#include "symbol/source.h"

#define RESULTS_MAX 25000 /* more in one run are refused by code scanning */

struct sarif {
	struct emit emit;
	struct report *report;
	const struct report_style *style;
	struct pool pool;
};

/* A path as an URI: only what RFC 3986 leaves unreserved, and the slashes. */
static const char *uri(struct sarif *sarif, const char *prefix, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";
	char *text = pool_alloc(&sarif->pool, strlen(prefix) + 3 * strlen(path) + 1), *out = text;

	while (*prefix)
		*out++ = *prefix++;
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (isalnum(c) || strchr("-._~/+", c)) {
			*out++ = (char)c;
			continue;
		}
		*out++ = '%';
		*out++ = hex[c >> 4];
		*out++ = hex[c & 15];
	}
	return text;
}

static const char *level(unsigned severity)
{
	return severity == SEVERITY_ERROR     ? "error"
	       : severity == SEVERITY_WARNING ? "warning"
					      : "note";
}

static void put_text(struct sarif *sarif, const char *key, const char *text)
{
	emit_object(&sarif->emit, key);
	emit_string(&sarif->emit, "text", text);
	emit_end(&sarif->emit);
}

#define DOCUMENTATION "https://docs.kernel.org/admin-guide/mm/nommu-mmap.html"

static void put_rules(struct sarif *sarif)
{
	emit_list(&sarif->emit, "rules");
	for (unsigned id = RULE_NONE + 1; id < RULES; id++) {
		const struct rule *rule = rule_get(id);

		if (!report_has_rule(sarif->report, id))
			continue;
		emit_object(&sarif->emit, NULL);
		emit_string(&sarif->emit, "id", rule->name);
		put_text(sarif, "shortDescription", rule->title);
		put_text(sarif, "fullDescription", rule->why);
		if (rule->source[0])
			emit_string(&sarif->emit, "helpUri", DOCUMENTATION);
		emit_object(&sarif->emit, "help");
		emit_string(&sarif->emit, "text",
			    pool_format(&sarif->pool, "%s %s", rule->why, rule->hint));
		emit_string(&sarif->emit, "markdown",
			    pool_format(&sarif->pool, "%s\n\n**Portable:** %s\n\nSource: `%s`",
					rule->why, rule->hint, rule->source));
		emit_end(&sarif->emit);
		emit_object(&sarif->emit, "defaultConfiguration");
		emit_string(&sarif->emit, "level", level(rule->severity));
		emit_end(&sarif->emit);
		emit_object(&sarif->emit, "properties");
		emit_list(&sarif->emit, "tags");
		emit_string(&sarif->emit, NULL, "nommu");
		emit_string(&sarif->emit, NULL, "portability");
		emit_end(&sarif->emit);
		emit_string(&sarif->emit, "precision", "very-high"); /* seen at run time */
		emit_end(&sarif->emit);
		emit_end(&sarif->emit);
	}
	emit_end(&sarif->emit);
}

/* Its place in the list above. */
static unsigned rule_index(const struct sarif *sarif, enum rule_id rule)
{
	unsigned index = 0;

	for (unsigned id = RULE_NONE + 1; id < rule; id++)
		index += report_has_rule(sarif->report, id);
	return index;
}

/* Where the sources are not known it is the binary, and the address in it. */
static void put_physical(struct sarif *sarif, const struct place *place, const char *where)
{
	char buf[4096];
	const char *file = source_relative(place->file, sarif->style->root, buf, sizeof(buf));
	const char *line = source_line(&sarif->pool, place->file, place->line);
	const char *binary = where ? where : place->module ? place->module : "unknown";

	emit_object(&sarif->emit, "physicalLocation");
	emit_object(&sarif->emit, "artifactLocation");
	if (!file)
		file = binary;
	emit_string(&sarif->emit, "uri", uri(sarif, file[0] == '/' ? "file://" : "", file));
	if (file[0] != '/')
		emit_string(&sarif->emit, "uriBaseId", "ROOT");
	emit_end(&sarif->emit);
	if (place->file && place->line) {
		emit_object(&sarif->emit, "region");
		emit_uint(&sarif->emit, "startLine", place->line);
		if (place->column)
			emit_uint(&sarif->emit, "startColumn", place->column);
		if (line)
			put_text(sarif, "snippet", line);
		emit_end(&sarif->emit);
	} else {
		/* code scanning wants one, in a binary too */
		emit_object(&sarif->emit, "region");
		emit_uint(&sarif->emit, "startLine", 1);
		emit_end(&sarif->emit);
	}
	if (!place->line && place->offset <= INT64_MAX) {
		emit_object(&sarif->emit, "address");
		emit_uint(&sarif->emit, "relativeAddress", place->offset);
		emit_end(&sarif->emit);
	}
	emit_end(&sarif->emit);
}

static void put_location(struct sarif *sarif, const char *key, const struct place *place,
			 const char *where)
{
	emit_object(&sarif->emit, key);
	put_physical(sarif, place, where);
	if (place->function) {
		emit_list(&sarif->emit, "logicalLocations");
		emit_object(&sarif->emit, NULL);
		emit_string(&sarif->emit, "fullyQualifiedName", place->function);
		emit_string(&sarif->emit, "kind", "function");
		emit_end(&sarif->emit);
		emit_end(&sarif->emit);
	}
	emit_end(&sarif->emit);
}

static void put_stack(struct sarif *sarif, const struct finding *finding)
{
	if (finding->stack_count < 2)
		return;
	emit_list(&sarif->emit, "stacks");
	emit_object(&sarif->emit, NULL);
	put_text(sarif, "message", "first call from here");
	emit_list(&sarif->emit, "frames");
	for (uint32_t i = 0; i < finding->stack_count; i++) {
		emit_object(&sarif->emit, NULL);
		put_location(sarif, "location", &finding->stack[i], NULL);
		if (finding->stack[i].module)
			emit_string(&sarif->emit, "module", finding->stack[i].module);
		emit_end(&sarif->emit);
	}
	emit_end(&sarif->emit);
	emit_end(&sarif->emit);
	emit_end(&sarif->emit);
}

static const char *message(struct sarif *sarif, const struct finding *finding)
{
	const struct rule *rule = rule_get(finding->rule);
	const char *profiles = "";

	for (unsigned i = 0; i < PROFILES; i++)
		if (finding->refused_by[i])
			profiles = pool_format(&sarif->pool, "%s%s%s", profiles,
					       *profiles ? ", " : "", conf_profile_name(i));
	/* A scan's evidence is about this file; a recording's call is one of many. */
	return pool_format(
		&sarif->pool, "%s%s%s.%s%s%s%s%s%s %s %s",
		finding->rule ? rule->title : finding->rule_name, finding->answer[0] ? ": " : "",
		finding->answer, finding->where && finding->call_text ? " Here: " : "",
		finding->where && finding->call_text ? finding->call_text : "",
		finding->where && finding->call_text ? "." : "", *profiles ? " Refused by " : "",
		profiles, *profiles ? "." : "", rule->why, rule->hint);
}

static void put_state(struct sarif *sarif, const struct finding *finding)
{
	static const char *const states[] = { NULL, "new", "unchanged", "absent" };

	if (finding->baseline)
		emit_string(&sarif->emit, "baselineState", states[finding->baseline]);
	emit_list(&sarif->emit, "suppressions");
	if (finding->accepted) {
		emit_object(&sarif->emit, NULL);
		emit_string(&sarif->emit, "kind", "external");
		if (finding->suppression)
			emit_string(
				&sarif->emit, "justification",
				pool_format(&sarif->pool, "accepted by: %s", finding->suppression));
		emit_end(&sarif->emit);
	}
	emit_end(&sarif->emit);
}

static void put_result(struct sarif *sarif, const struct finding *finding)
{
	emit_object(&sarif->emit, NULL);
	emit_string(&sarif->emit, "ruleId", finding->rule_name);
	if (finding->rule)
		emit_uint(&sarif->emit, "ruleIndex", rule_index(sarif, finding->rule));
	emit_string(&sarif->emit, "level", level(finding->severity));
	put_text(sarif, "message", message(sarif, finding));
	emit_list(&sarif->emit, "locations");
	put_location(sarif, NULL, &finding->at, finding->where);
	emit_end(&sarif->emit);
	emit_uint(&sarif->emit, "occurrenceCount",
		  finding->count && finding->count <= INT64_MAX ? finding->count : 1);
	emit_object(&sarif->emit, "partialFingerprints");
	emit_string(&sarif->emit, "nommuSite/v1", finding->fingerprint);
	emit_string(&sarif->emit, "primaryLocationLineHash",
		    pool_format(&sarif->pool, "%s:1", finding->fingerprint));
	emit_end(&sarif->emit);
	put_stack(sarif, finding);
	put_state(sarif, finding);
	emit_end(&sarif->emit);
}

static void put_invocation(struct sarif *sarif)
{
	uint32_t left = sarif->report->findings_count;

	emit_list(&sarif->emit, "invocations");
	emit_object(&sarif->emit, NULL);
	emit_bool(&sarif->emit, "executionSuccessful", true);
	if (left > RESULTS_MAX) {
		emit_list(&sarif->emit, "toolExecutionNotifications");
		emit_object(&sarif->emit, NULL);
		emit_string(&sarif->emit, "level", "warning");
		put_text(sarif, "message",
			 pool_format(&sarif->pool, "%u more findings were left out",
				     left - RESULTS_MAX));
		emit_end(&sarif->emit);
		emit_end(&sarif->emit);
	}
	emit_end(&sarif->emit);
	emit_end(&sarif->emit);
}

static void put_run(struct sarif *sarif)
{
	const struct report *report = sarif->report;

	emit_object(&sarif->emit, NULL);
	emit_object(&sarif->emit, "tool");
	emit_object(&sarif->emit, "driver");
	emit_string(&sarif->emit, "name", "nommu");
	emit_string(&sarif->emit, "version", NOMMU_VERSION);
	emit_string(&sarif->emit, "semanticVersion", NOMMU_VERSION);
	put_rules(sarif);
	emit_end(&sarif->emit);
	emit_end(&sarif->emit);
	put_invocation(sarif);
	emit_object(&sarif->emit, "originalUriBaseIds");
	emit_object(&sarif->emit, "ROOT");
	put_text(sarif, "description", "the root of the sources");
	emit_end(&sarif->emit);
	emit_end(&sarif->emit);
	emit_string(&sarif->emit, "columnKind", "utf16CodeUnits");
	emit_list(&sarif->emit, "results");
	for (uint32_t i = 0; i < report->findings_count && i < RESULTS_MAX; i++)
		put_result(sarif, &report->findings[i]);
	emit_end(&sarif->emit);
	emit_end(&sarif->emit);
}

int sarif_render(struct report *report, FILE *out, const struct report_style *style)
{
	struct sarif sarif = { .report = report, .style = style };

	emit_start(&sarif.emit, out);
	emit_object(&sarif.emit, NULL);
	emit_string(&sarif.emit, "$schema",
		    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
		    "sarif-schema-2.1.0.json");
	emit_string(&sarif.emit, "version", "2.1.0");
	emit_list(&sarif.emit, "runs");
	put_run(&sarif);
	emit_end(&sarif.emit);
	emit_end(&sarif.emit);
	pool_free(&sarif.pool);
	return ferror(out) ? -1 : 0;
}
