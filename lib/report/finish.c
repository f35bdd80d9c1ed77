/* SPDX-License-Identifier: MIT */
/*
 * finish.c - from tallies to findings: one finding for one rule at one place whatever process, run
 * or machine it was seen in, and a fingerprint that survives edits elsewhere in the file.
 */
#include "report/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/types.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

static uint64_t module_key(const struct finding *finding)
{
	uint64_t key = hash_string(HASH_START, finding->rule_name);

	key = hash_string(key, finding->where);
	return hash_string(key, finding->at.module);
}

static uint64_t offset_key(const struct finding *finding)
{
	return hash_bytes(HASH_START, &finding->at.offset, sizeof(finding->at.offset));
}

/*
 * Two findings of equal keys are one. Where lines are known the address does not matter, nor does
 * the folder that the program was built in: another machine has another.
 */
static uint64_t place_key(const struct finding *finding)
{
	const struct place *at = &finding->at;
	uint64_t place = hash_string(HASH_START, at->function);

	place = hash_string(place, last_part(at->file));
	if (at->file && at->line)
		return hash_bytes(place, &at->line, sizeof(at->line));
	return hash_bytes(place, &at->offset, sizeof(at->offset));
}

static void merge_into(struct finding *finding, const struct finding *more)
{
	finding->count += more->count;
	if (more->severity > finding->severity)
		finding->severity = more->severity;
	if (more->last_run != finding->last_run)
		finding->runs += more->runs;
	finding->last_run = more->last_run;
	for (unsigned i = 0; i < ARRAY_SIZE(finding->figure_sum); i++) {
		finding->figure_sum[i] += more->figure_sum[i];
		if (more->figure_max[i] > finding->figure_max[i])
			finding->figure_max[i] = more->figure_max[i];
	}
	for (unsigned i = 0; i < PROFILES; i++)
		finding->refused_by[i] |= more->refused_by[i];
	if (!finding->stack) {
		finding->stack = more->stack;
		finding->stack_count = more->stack_count;
	}
	if (!finding->free_lists)
		finding->free_lists = more->free_lists;
	if (!finding->answer[0])
		finding->answer = more->answer;
	if (!finding->call_text)
		finding->call_text = more->call_text;
}

/* The names that one machine has for an address do for another, whose file is stripped. */
static void take_names(struct finding *finding, const struct finding *named)
{
	if (finding->at.function || !named->at.function)
		return;
	finding->at = named->at;
	finding->stack = named->stack;
	finding->stack_count = named->stack_count;
}

static void add_finding(struct report *report, const struct finding *finding)
{
	uint64_t module = module_key(finding);
	uint32_t index = table_get(&report->named, module, place_key(finding));
	uint32_t same = table_get(&report->named, module, offset_key(finding));
	bool nameless =
		same != NONE && (!finding->at.function || !report->findings[same].at.function);

	if (index == NONE && finding->at.offset && nameless)
		index = same;
	if (index == NONE) {
		index = report->findings_count;
		*ARRAY_ADD(report, findings) = *finding;
	} else {
		take_names(&report->findings[index], finding);
		merge_into(&report->findings[index], finding);
	}
	*table_at(&report->named, module, place_key(finding)) = index;
	if (same == NONE)
		*table_at(&report->named, module, offset_key(finding)) = index;
}

static bool is_about_memory(enum rule_id rule)
{
	return rule == RULE_FRAGMENTED || rule == RULE_OUT_OF_MEMORY ||
	       rule == RULE_IMAGE_TOO_LARGE;
}

static void add_tally(struct report *report, struct tally *tally)
{
	struct site *site = &report->sites[tally->site];
	const struct rule *rule = rule_get(tally->rule);
	struct finding finding = {
		.rule = tally->rule,
		.rule_name = rule->name,
		.severity = tally->severity,
		.count = tally->count,
		.example = &tally->example,
		.free_lists = is_about_memory(tally->rule) ? site->free_lists : NULL,
		.runs = 1,
		.last_run = tally->run,
	};

	site_resolve(report, site);
	finding.at = site->places[site->user];
	finding.stack = &site->places[site->user];
	finding.stack_count = site->places_count - site->user;
	finding.call_text = call_describe(&report->pool, &tally->example);
	finding.answer =
		is_err((long)tally->example.model) ? errno_name(-tally->example.model) : "";
	for (unsigned i = 0; i < PROFILES; i++)
		finding.refused_by[i] = rule_refuses(tally->rule, i);
	memcpy(finding.figure_sum, tally->figure_sum, sizeof(finding.figure_sum));
	memcpy(finding.figure_max, tally->figure_max, sizeof(finding.figure_max));
	add_finding(report, &finding);
}

/* By place, so that the n-th finding of a function stays the n-th. */
static int by_place(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int order = strcmp(a->rule_name, b->rule_name);

	order = order ? order : strcmp(text_or_empty(a->where), text_or_empty(b->where));
	order = order ? order : strcmp(text_or_empty(a->at.module), text_or_empty(b->at.module));
	order = order ? order : strcmp(text_or_empty(a->at.file), text_or_empty(b->at.file));
	order = order ? order
		      : strcmp(text_or_empty(a->at.function), text_or_empty(b->at.function));
	if (order)
		return order;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return a->at.offset < b->at.offset ? -1 : a->at.offset > b->at.offset;
}

/* Of a request's block: the larger is the harder to grant. */
static uint32_t order_of(const struct finding *finding)
{
	return finding->example ? finding->example->order : 0;
}

static int worst_first(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->baseline != b->baseline)
		return a->baseline < b->baseline ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	/* more RAM would do for these */
	if (is_about_memory(a->rule) != is_about_memory(b->rule))
		return is_about_memory(a->rule) ? 1 : -1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (order_of(a) != order_of(b))
		return order_of(a) > order_of(b) ? -1 : 1;
	return by_place(left, right);
}

static uint64_t place_hash(const struct finding *finding)
{
	uint64_t hash = hash_string(HASH_START, finding->rule_name);

	hash = hash_string(hash, finding->at.module);
	hash = hash_string(hash, finding->at.function);
	hash = hash_string(hash, last_part(finding->at.file));
	if (!finding->at.function)
		hash = hash_bytes(hash, &finding->at.offset, sizeof(finding->at.offset));
	return hash;
}

/*
 * Rule, module, function, file without its folder, and the how-many-th of these: lines may move,
 * and trees may be built elsewhere. Expects the findings ordered by place.
 */
void fingerprint_findings(struct report *report)
{
	uint64_t last = 0;
	uint32_t ordinal = 0;

	for (uint32_t i = 0; i < report->findings_count; i++) {
		struct finding *finding = &report->findings[i];
		uint64_t hash = place_hash(finding);

		ordinal = i && hash == last ? ordinal + 1 : 0;
		last = hash;
		hash = hash_bytes(hash, &ordinal, sizeof(ordinal));
		if (!finding->fingerprint[0])
			snprintf(finding->fingerprint, sizeof(finding->fingerprint), "%016llx",
				 (unsigned long long)hash);
	}
}

/* What a finding is looked for by: its fingerprint, or where one side has no names, its address. */
enum { BY_PRINT, BY_PRINT_NEW, BY_ADDRESS, BY_ADDRESS_NEW };

static uint64_t print_of(const struct finding *finding)
{
	return strtoull(finding->fingerprint, NULL, 16);
}

static uint64_t address_of(const struct finding *finding)
{
	return module_key(finding) ^ offset_key(finding);
}

/* The finding of `others` that is this one, or NONE. */
static uint32_t find_same(const struct table *known, const struct finding *finding, unsigned by,
			  const struct report *others)
{
	uint32_t index = table_get(known, print_of(finding), by);

	if (index != NONE || !finding->at.offset)
		return index;
	index = table_get(known, address_of(finding), by + BY_ADDRESS);
	if (index != NONE && finding->at.function && others->findings[index].at.function)
		return NONE;
	return index;
}

static void know(struct table *known, const struct report *report, unsigned by)
{
	for (uint32_t i = 0; i < report->findings_count; i++) {
		*table_at(known, print_of(&report->findings[i]), by) = i;
		*table_at(known, address_of(&report->findings[i]), by + BY_ADDRESS) = i;
	}
}

static void mark_baseline(struct report *report)
{
	struct table known = { 0 };
	struct report *old = report->old;

	report_finish(old);
	know(&known, old, BY_PRINT);
	know(&known, report, BY_PRINT_NEW);
	for (uint32_t i = 0; i < report->findings_count; i++) {
		struct finding *finding = &report->findings[i];

		finding->baseline = find_same(&known, finding, BY_PRINT, old) != NONE
					    ? BASELINE_UNCHANGED
					    : BASELINE_NEW;
	}
	for (uint32_t i = 0; i < old->findings_count; i++) {
		const struct finding *gone = &old->findings[i];

		if (gone->accepted || find_same(&known, gone, BY_PRINT_NEW, report) != NONE)
			continue;
		*ARRAY_ADD(report, findings) = *gone;
		report->findings[report->findings_count - 1].baseline = BASELINE_FIXED;
	}
	table_free(&known);
}

void report_finish(struct report *report)
{
	if (report->finished)
		return;
	report->finished = true;
	table_free(&report->named);
	if (report->findings_count)
		memset(report->findings, 0, report->findings_count * sizeof(*report->findings));
	report->findings_count = 0;
	for (uint32_t i = 0; i < report->tallies_count; i++)
		add_tally(report, &report->tallies[i]);
	for (uint32_t i = 0; i < report->imported_count; i++)
		add_finding(report, &report->imported[i]);
	confirm_findings(report);
	if (report->findings_count)
		qsort(report->findings, report->findings_count, sizeof(*report->findings),
		      by_place);
	fingerprint_findings(report);
	suppress_apply(report);
	if (report->old)
		mark_baseline(report);
	if (report->findings_count)
		qsort(report->findings, report->findings_count, sizeof(*report->findings),
		      worst_first);
}

bool report_has_rule(const struct report *report, enum rule_id rule)
{
	bool has = !report->runs_count && rule_applies(rule, PROFILE_STRICT);

	for (uint32_t i = 0; i < report->runs_count && !has; i++)
		has = rule_applies(rule, report->runs[i].header.profile);
	for (uint32_t i = 0; i < report->findings_count && !has; i++)
		has = report->findings[i].rule == rule;
	return has;
}
