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

/* Two findings of equal keys are one. Where lines are known the address does not matter. */
static uint32_t *named_slot(struct report *report, const struct finding *finding)
{
	const struct place *at = &finding->at;
	uint64_t key = hash_string(HASH_START, finding->rule_name), place;

	key = hash_string(key, finding->where);
	key = hash_string(key, at->module);
	place = hash_string(HASH_START, at->function);
	place = hash_string(place, at->file);
	if (at->file && at->line)
		place = hash_bytes(place, &at->line, sizeof(at->line));
	else
		place = hash_bytes(place, &at->offset, sizeof(at->offset));
	return table_at(&report->named, key, place);
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

static void add_finding(struct report *report, const struct finding *finding)
{
	uint32_t *slot = named_slot(report, finding);

	if (*slot != NONE) {
		merge_into(&report->findings[*slot], finding);
		return;
	}
	*slot = report->findings_count;
	*ARRAY_ADD(report, findings) = *finding;
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
	const char *file = finding->at.file ? strrchr(finding->at.file, '/') : NULL;
	uint64_t hash = hash_string(HASH_START, finding->rule_name);

	hash = hash_string(hash, finding->at.module);
	hash = hash_string(hash, finding->at.function);
	hash = hash_string(hash, file ? file + 1 : finding->at.file);
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

static void mark_baseline(struct report *report)
{
	struct table known = { 0 };
	struct report *old = report->old;
	uint32_t count = report->findings_count;

	report_finish(old);
	for (uint32_t i = 0; i < old->findings_count; i++)
		*table_at(&known, strtoull(old->findings[i].fingerprint, NULL, 16), 0) = i;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t key = strtoull(report->findings[i].fingerprint, NULL, 16);
		bool found = table_get(&known, key, 0) != NONE;

		report->findings[i].baseline = found ? BASELINE_UNCHANGED : BASELINE_NEW;
		*table_at(&known, key, 1) = i;
	}
	for (uint32_t i = 0; i < old->findings_count; i++) {
		uint64_t key = strtoull(old->findings[i].fingerprint, NULL, 16);

		if (table_get(&known, key, 1) != NONE || old->findings[i].accepted)
			continue;
		*ARRAY_ADD(report, findings) = old->findings[i];
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
