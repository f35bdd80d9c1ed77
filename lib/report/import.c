/* SPDX-License-Identifier: MIT */
/*
 * import.c - JSON back into findings: reports of nommu itself, for comparing and merging, and the
 * results of scans. What is missing or of another type than expected is left out, never guessed.
 */
#include "report/model.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"

#define JSON_MAX ((off_t)256 << 20)
#define JSON_DEPTH 64

static struct json_object *member(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static const char *text_of(struct report *report, struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_string);

	return value ? pool_string(&report->pool, json_object_get_string(value)) : NULL;
}

static uint64_t number_of(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_int);
	int64_t number = value ? json_object_get_int64(value) : 0;

	return number > 0 ? (uint64_t)number : 0;
}

static uint64_t hex_of(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_string);

	return value ? strtoull(json_object_get_string(value), NULL, 16) : 0;
}

static size_t length_of(struct json_object *list)
{
	return list ? json_object_array_length(list) : 0;
}

static uint8_t severity_of(struct json_object *object)
{
	struct json_object *value = member(object, "severity", json_type_string);

	for (unsigned i = 0; value && i < SEVERITIES; i++)
		if (strcmp(json_object_get_string(value), rule_severity_name(i)) == 0)
			return (uint8_t)i;
	return SEVERITY_NOTE;
}

static void read_place(struct report *report, struct json_object *object, struct place *place)
{
	place->module = text_of(report, object, "module");
	place->offset = hex_of(object, "offset");
	place->function = text_of(report, object, "function");
	place->file = text_of(report, object, "file");
	place->line = (uint32_t)number_of(object, "line");
	place->column = (uint32_t)number_of(object, "column");
}

static void read_stack(struct report *report, struct json_object *object, struct finding *finding)
{
	struct json_object *stack = member(object, "stack", json_type_array);
	size_t count = length_of(stack);

	if (!count || count > STACK_MAX * 16)
		return;
	finding->stack = pool_alloc(&report->pool, count * sizeof(*finding->stack));
	finding->stack_count = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		read_place(report, json_object_array_get_idx(stack, i), &finding->stack[i]);
}

static void read_profiles(struct json_object *object, struct finding *finding)
{
	struct json_object *profiles = member(object, "profiles", json_type_object);

	for (unsigned i = 0; i < PROFILES; i++) {
		struct json_object *answer =
			member(profiles, conf_profile_name(i), json_type_string);

		if (profiles)
			finding->refused_by[i] =
				answer && strcmp(json_object_get_string(answer), "works") != 0;
		else
			finding->refused_by[i] = rule_refuses(finding->rule, i);
	}
}

/* What every finding has; false if it names no rule. */
static bool start_finding(struct report *report, struct json_object *object,
			  struct finding *finding)
{
	const char *rule = text_of(report, object, "rule"),
		   *answer = text_of(report, object, "answer");

	memset(finding, 0, sizeof(*finding));
	if (!rule)
		return false;
	finding->rule_name = rule;
	finding->rule = rule_find(rule);
	finding->severity = severity_of(object);
	finding->count = number_of(object, "count");
	finding->answer = answer ? answer : "";
	finding->runs = 1;
	finding->last_run = report->runs_count + NONE / 2; /* never that of a recording */
	read_profiles(object, finding);
	return true;
}

static void read_finding(struct report *report, struct json_object *object)
{
	struct json_object *baseline = member(object, "baseline", json_type_string);
	const char *fingerprint = text_of(report, object, "fingerprint");
	struct json_object *site = member(object, "site", json_type_object);
	struct finding finding;

	if (!start_finding(report, object, &finding))
		return;
	if (baseline && strcmp(json_object_get_string(baseline), "fixed") == 0)
		return;
	read_place(report, site, &finding.at);
	read_stack(report, object, &finding);
	finding.call_text = text_of(report, object, "call");
	finding.where = text_of(report, object, "path");
	if (fingerprint && strlen(fingerprint) == sizeof(finding.fingerprint) - 1)
		memcpy(finding.fingerprint, fingerprint, sizeof(finding.fingerprint));
	*ARRAY_ADD(report, imported) = finding;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* A scan's finding has the call (an import, an instruction) and perhaps where in the file it is
 * made. */
static void read_scan_finding(struct report *report, struct json_object *object, const char *path)
{
	struct json_object *sites = member(object, "sites", json_type_array);
	struct finding finding;

	if (!start_finding(report, object, &finding))
		return;
	finding.where = path;
	finding.call_text = text_of(report, object, "evidence");
	finding.at.module = last_part(path);
	if (!length_of(sites)) {
		finding.at.function = text_of(report, object, "call");
		*ARRAY_ADD(report, imported) = finding;
		return;
	}
	finding.count = 1;
	for (size_t i = 0; i < length_of(sites); i++) {
		struct json_object *site = json_object_array_get_idx(sites, i);

		read_place(report, site, &finding.at);
		finding.at.module = last_part(path);
		finding.at.offset = hex_of(site, "address");
		*ARRAY_ADD(report, imported) = finding;
	}
}

static void read_files(struct report *report, struct json_object *root)
{
	struct json_object *files = member(root, "files", json_type_array);

	for (size_t i = 0; i < length_of(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		struct json_object *findings = member(file, "findings", json_type_array);
		const char *path = text_of(report, file, "path"),
			   *verdict = text_of(report, file, "verdict");
		struct scanned *scanned;

		if (!path || !verdict)
			continue;
		scanned = ARRAY_ADD(report, files);
		scanned->path = path;
		scanned->verdict = verdict;
		scanned->reason = text_of(report, file, "reason");
		scanned->findings = (uint32_t)length_of(findings);
		/* Those of a report are in its own list already. */
		for (size_t f = 0;
		     !member(root, "runs", json_type_array) && f < length_of(findings); f++)
			read_scan_finding(report, json_object_array_get_idx(findings, f), path);
	}
}

static void read_runs(struct report *report, struct json_object *root)
{
	struct json_object *coverage = member(root, "coverage", json_type_object);
	struct json_object *runs = member(root, "runs", json_type_array);

	report->imported_processes += number_of(coverage, "processes");
	report->imported_lost += number_of(coverage, "lost");
	report->imported_events += number_of(coverage, "events");
	for (size_t i = 0; i < length_of(runs); i++) {
		struct json_object *object = json_object_array_get_idx(runs, i);
		const char *path = text_of(report, object, "path");
		struct run *run = ARRAY_ADD(report, runs);

		run->from_json = true;
		run->path = path ? path : "?";
		run->command = text_of(report, object, "command");
		run->header.page_size = 4096;
		run->images = (uint32_t)number_of(object, "processes");
		run->peak_bytes =
			number_of(member(object, "memory", json_type_object), "peak_bytes");
	}
}

static char *read_text(const char *path, off_t *size, char *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *text = NULL;
	ssize_t got = -1;

	if (fd < 0 || fstat(fd, &status)) {
		snprintf(error, REPORT_ERROR_SIZE, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > JSON_MAX) {
		snprintf(error, REPORT_ERROR_SIZE, "%s: %s", path,
			 S_ISREG(status.st_mode) ? "larger than any report" : "not a regular file");
	} else {
		text = malloc((size_t)status.st_size + 1);
		for (*size = 0; text && *size < status.st_size; *size += got) {
			got = read(fd, text + *size, (size_t)(status.st_size - *size));
			if (got <= 0)
				break;
		}
	}
	if (fd >= 0)
		close(fd);
	return text;
}

int import_json(struct report *report, const char *path, char *error)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *root = NULL, *findings;
	off_t size = 0;
	char *text = read_text(path, &size, error);

	if (text && tokener)
		root = json_tokener_parse_ex(tokener, text, (int)size);
	json_tokener_free(tokener);
	free(text);
	if (!text)
		return -1;
	if (!root || (!member(root, "schema_version", json_type_int))) {
		json_object_put(root);
		snprintf(error, REPORT_ERROR_SIZE, "%s: neither a recording nor JSON of nommu",
			 path);
		return 1;
	}
	if (number_of(root, "schema_version") > REPORT_SCHEMA_VERSION) {
		json_object_put(root);
		snprintf(error, REPORT_ERROR_SIZE, "%s: written by a newer nommu than this one",
			 path);
		return -1;
	}
	findings = member(root, "findings", json_type_array);
	for (size_t i = 0; i < length_of(findings); i++)
		read_finding(report, json_object_array_get_idx(findings, i));
	read_runs(report, root);
	read_files(report, root);
	json_object_put(root);
	return 0;
}

int report_add_file(struct report *report, const char *path, const char *verdict)
{
	struct scanned *file = ARRAY_ADD(report, files);

	file->path = pool_string(&report->pool, path);
	file->verdict = pool_string(&report->pool, verdict);
	report->finished = false;
	return 0;
}

int report_add_file_finding(struct report *report, enum rule_id rule, enum rule_severity severity,
			    const char *symbol, uint64_t offset, uint64_t count, const char *detail)
{
	struct scanned *file = report->files_count ? &report->files[report->files_count - 1] : NULL;
	struct finding finding = {
		.rule = rule, .severity = (uint8_t)severity, .count = count, .answer = "", .runs = 1
	};

	if (!file)
		return -1;
	file->findings++;
	finding.rule_name = rule_get(rule)->name;
	finding.where = file->path;
	finding.call_text = pool_string(&report->pool, detail);
	finding.at.module = last_part(file->path);
	finding.at.function = pool_string(&report->pool, symbol);
	finding.at.offset = offset;
	for (unsigned i = 0; i < PROFILES; i++)
		finding.refused_by[i] = rule_refuses(rule, i);
	*ARRAY_ADD(report, imported) = finding;
	report->finished = false;
	return 0;
}
