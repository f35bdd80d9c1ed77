/* SPDX-License-Identifier: MIT */
/*
 * json.c - the report for programs. report.schema.json describes it; REPORT_SCHEMA_VERSION grows
 * when a reader of the old version could stumble, not when members are added.
 */
#include "render/formats.h"

#include <string.h>

#include "base/compiler.h"
#include "fit/fit.h"
#include "kit/emit.h"
#include "symbol/source.h"

struct json {
	struct emit emit;
	struct report *report;
	const struct report_style *style;
};

static const char *baseline_name(enum baseline baseline)
{
	static const char *const names[] = { "none", "new", "unchanged", "fixed" };

	return names[baseline];
}

static void put_place(struct json *json, const char *key, const struct place *place)
{
	char buf[4096];

	emit_object(&json->emit, key);
	emit_string(&json->emit, "module", place->module);
	emit_hex(&json->emit, "offset", place->offset);
	emit_string(&json->emit, "function", place->function);
	if (place->file) {
		emit_string(&json->emit, "file",
			    source_relative(place->file, json->style->root, buf, sizeof(buf)));
		emit_uint(&json->emit, "line", place->line);
		if (place->column)
			emit_uint(&json->emit, "column", place->column);
	}
	if (place->inlined)
		emit_bool(&json->emit, "inlined", true);
	emit_end(&json->emit);
}

static void put_profiles(struct json *json, const struct finding *finding)
{
	emit_object(&json->emit, "profiles");
	for (unsigned i = 0; i < PROFILES; i++) {
		int answer = -rule_answer(finding->rule, i);

		if (answer && finding->refused_by[i])
			emit_string(&json->emit, conf_profile_name(i), errno_name(answer));
		else
			emit_string(&json->emit, conf_profile_name(i),
				    finding->refused_by[i] ? "refused" : "works");
	}
	emit_end(&json->emit);
}

static void put_example(struct json *json, const struct example *example)
{
	emit_object(&json->emit, "example");
	emit_string(&json->emit, "call", call_name(example->call));
	emit_list(&json->emit, "arguments");
	for (unsigned i = 0; i < ARRAY_SIZE(example->args); i++)
		emit_hex(&json->emit, NULL, example->args[i]);
	emit_end(&json->emit);
	emit_int(&json->emit, "result", example->result);
	emit_int(&json->emit, "model", example->model);
	emit_uint(&json->emit, "time_ns", example->time);
	emit_uint(&json->emit, "pid", example->pid);
	emit_uint(&json->emit, "thread", example->tid);
	if (example->text)
		emit_string(&json->emit, "text", example->text);
	emit_end(&json->emit);
}

static void put_figures(struct json *json, const struct finding *finding)
{
	static const struct {
		enum rule_id rule;
		const char *name[2];
	} figures[] = {
		{ RULE_OVERCOMMIT, { "reserved_bytes", "touched_bytes" } },
		{ RULE_STACK_DEPTH, { "available_bytes", "used_bytes" } },
		{ RULE_PRIVATE_COPY, { "copied_bytes", "beyond_end_bytes" } },
		{ RULE_FRAGMENTED, { "free_pages", "largest_free_pages" } },
		{ RULE_OUT_OF_MEMORY, { "free_pages", "largest_free_pages" } },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(figures); i++) {
		if (figures[i].rule != finding->rule)
			continue;
		emit_object(&json->emit, "figures");
		emit_uint(&json->emit, figures[i].name[0], finding->figure_max[0]);
		emit_uint(&json->emit, figures[i].name[1], finding->figure_max[1]);
		emit_end(&json->emit);
	}
}

static void put_finding(struct json *json, const struct finding *finding)
{
	const struct rule *rule = rule_get(finding->rule);

	emit_object(&json->emit, NULL);
	emit_string(&json->emit, "rule", finding->rule_name);
	emit_string(&json->emit, "severity", rule_severity_name(finding->severity));
	emit_uint(&json->emit, "count", finding->count);
	emit_string(&json->emit, "fingerprint", finding->fingerprint);
	emit_string(&json->emit, "title", rule->title);
	emit_string(&json->emit, "why", rule->why);
	emit_string(&json->emit, "hint", rule->hint);
	emit_string(&json->emit, "source", rule->source);
	if (finding->where)
		emit_string(&json->emit, "path", finding->where);
	if (finding->seen)
		emit_uint(&json->emit, "called_by_runs", finding->seen_count);
	put_place(json, "site", &finding->at);
	put_profiles(json, finding);
	if (finding->answer[0])
		emit_string(&json->emit, "answer", finding->answer);
	if (finding->call_text)
		emit_string(&json->emit, "call", finding->call_text);
	put_figures(json, finding);
	if (finding->stack_count) {
		emit_list(&json->emit, "stack");
		for (uint32_t i = 0; i < finding->stack_count; i++)
			put_place(json, NULL, &finding->stack[i]);
		emit_end(&json->emit);
	}
	if (finding->example)
		put_example(json, finding->example);
	emit_bool(&json->emit, "accepted", finding->accepted);
	if (finding->baseline)
		emit_string(&json->emit, "baseline", baseline_name(finding->baseline));
	emit_end(&json->emit);
}

static void put_usage(struct json *json, const char *key, const uint64_t *kinds, uint64_t page)
{
	emit_object(&json->emit, key);
	for (unsigned i = 0; i < NOMMU_KINDS; i++)
		emit_uint(&json->emit, kind_name(i), kinds[i] * page);
	emit_end(&json->emit);
}

static void put_orders(struct json *json, const char *key, const uint64_t *orders)
{
	emit_list(&json->emit, key);
	for (unsigned i = 0; i < NOMMU_RECORDING_ORDERS; i++)
		emit_uint(&json->emit, NULL, orders[i]);
	emit_end(&json->emit);
}

static void put_refusal(struct json *json, const struct run *run)
{
	const struct memory *memory = &run->memory;
	uint32_t highest = NOMMU_RECORDING_ORDERS;

	if (memory->refusal_step == NONE)
		return;
	emit_object(&json->emit, "first_refusal");
	emit_uint(&json->emit, "time_ns", memory->refusal_ns);
	if (memory->refusal_free.head.type) {
		emit_uint(&json->emit, "wanted_pages", memory->refusal_free.wanted);
		emit_list(&json->emit, "free_blocks");
		while (highest && !memory->refusal_free.blocks[highest - 1])
			highest--;
		for (uint32_t i = 0; i < highest; i++)
			emit_uint(&json->emit, NULL, memory->refusal_free.blocks[i]);
		emit_end(&json->emit);
	}
	emit_end(&json->emit);
}

static void put_memory(struct json *json, const char *key, const struct run *run, uint64_t smallest,
		       unsigned max_order)
{
	const struct memory *memory = &run->memory;
	uint64_t page = run->header.page_size;

	emit_object(&json->emit, key);
	emit_uint(&json->emit, "peak_bytes", run->peak_bytes);
	if (!run->from_json) {
		emit_uint(&json->emit, "ram_bytes", run->header.ram_pages * page);
		emit_uint(&json->emit, "peak_time_ns", memory->peak_ns);
		put_usage(json, "peak_by_kind", memory->peak.kind, page);
		put_usage(json, "highest_by_kind", memory->kind_peak, page);
		emit_uint(&json->emit, "rounding_bytes", memory->peak.waste * page);
		emit_uint(&json->emit, "largest_block_bytes", memory->largest_pages * page);
		emit_uint(&json->emit, "mapped_bytes", memory->reserved_bytes);
		emit_uint(&json->emit, "touched_bytes", memory->touched_bytes);
		emit_uint(&json->emit, "deepest_main_stack_bytes", memory->deepest_main);
		emit_uint(&json->emit, "deepest_thread_stack_bytes", memory->deepest_thread);
		put_orders(json, "requests_by_order", memory->asked);
		put_orders(json, "refused_by_order", memory->refused);
		put_refusal(json, run);
		if (smallest)
			emit_uint(&json->emit, "smallest_ram_bytes", smallest);
		if (smallest && max_order > run->header.max_order)
			emit_uint(&json->emit, "smallest_max_order", max_order);
	}
	emit_end(&json->emit);
}

static void put_run(struct json *json, const struct run *run)
{
	emit_object(&json->emit, NULL);
	emit_string(&json->emit, "path", run->path);
	emit_string(&json->emit, "command", run->command);
	if (!run->from_json) {
		emit_string(&json->emit, "mode", run->header.mode ? "audit" : "run");
		emit_string(&json->emit, "profile", conf_profile_name(run->header.profile));
		emit_string(&json->emit, "libc", conf_libc_name(run->header.libc));
		emit_string(&json->emit, "image", conf_image_name(run->header.image));
		emit_string(&json->emit, "host", run->header.host);
		emit_string(&json->emit, "version", run->header.version);
		if (run->header.board[0])
			emit_string(&json->emit, "board", run->header.board);
	}
	emit_uint(&json->emit, "processes", run->images);
	emit_uint(&json->emit, "events", run->events);
	emit_uint(&json->emit, "unreadable_bytes", run->damaged);
	emit_uint(&json->emit, "records_lost", run->lost_records);
	put_memory(json, "memory", run, 0, 0);
	emit_end(&json->emit);
}

static void put_coverage(struct json *json, const struct report_counts *counts)
{
	static const char *const reasons[] = {
		[NOMMU_LOST_UNKNOWN] = "unknown",
		[NOMMU_LOST_ENVIRONMENT] = "environment-cleared",
		[NOMMU_LOST_STATIC] = "static",
		[NOMMU_LOST_PRIVILEGED] = "privileged",
		[NOMMU_LOST_BASE] = "base-taken",
		[NOMMU_LOST_MACHINE] = "other-architecture",
		[NOMMU_LOST_LOADER] = "other-libc",
		[NOMMU_LOST_REACH] = "ledger-out-of-reach",
		[NOMMU_LOST_FORK] = "forked-without-libc",
		[NOMMU_LOST_CAPABLE] = "capabilities",
		[NOMMU_LOST_LISTING] = "loader-listing",
	};
	const struct report *report = json->report;

	emit_object(&json->emit, "coverage");
	emit_uint(&json->emit, "processes", counts->processes);
	emit_uint(&json->emit, "lost", counts->lost);
	emit_uint(&json->emit, "events", counts->events);
	emit_list(&json->emit, "lost_processes");
	for (uint32_t i = 0; i < report->lost_count; i++) {
		const struct lost_process *lost = &report->lost[i];

		emit_object(&json->emit, NULL);
		emit_uint(&json->emit, "pid", lost->pid);
		emit_string(&json->emit, "command", lost->command);
		emit_string(&json->emit, "reason",
			    reasons[lost->why < ARRAY_SIZE(reasons) ? lost->why : 0]);
		emit_end(&json->emit);
	}
	emit_end(&json->emit);
	emit_end(&json->emit);
}

static void put_summary(struct json *json, const struct report_counts *counts)
{
	emit_object(&json->emit, "summary");
	emit_uint(&json->emit, "errors", counts->finding[SEVERITY_ERROR]);
	emit_uint(&json->emit, "warnings", counts->finding[SEVERITY_WARNING]);
	emit_uint(&json->emit, "notes", counts->finding[SEVERITY_NOTE]);
	emit_uint(&json->emit, "accepted", counts->accepted);
	if (json->report->old) {
		emit_uint(&json->emit, "new", counts->fresh);
		emit_uint(&json->emit, "fixed", counts->fixed);
		emit_uint(&json->emit, "unchanged", counts->unchanged);
	}
	emit_end(&json->emit);
}

/* Each file of a scan with its own findings, as DESIGN names them. */
static void put_files(struct json *json)
{
	const struct report *report = json->report;

	emit_list(&json->emit, "files");
	for (uint32_t i = 0; i < report->files_count; i++) {
		const struct scanned *file = &report->files[i];

		emit_object(&json->emit, NULL);
		emit_string(&json->emit, "path", file->path);
		emit_string(&json->emit, "verdict", file->verdict);
		if (file->reason)
			emit_string(&json->emit, "reason", file->reason);
		emit_list(&json->emit, "findings");
		for (uint32_t f = 0; file->findings && f < report->findings_count; f++)
			if (report->findings[f].where &&
			    strcmp(report->findings[f].where, file->path) == 0)
				put_finding(json, &report->findings[f]);
		emit_end(&json->emit);
		emit_end(&json->emit);
	}
	emit_end(&json->emit);
}

int json_render(struct report *report, FILE *out, const struct report_style *style)
{
	struct json json = { .report = report, .style = style };
	const struct run *heaviest = report_heaviest(report);
	struct report_counts counts;
	unsigned max_order;
	uint64_t smallest;

	emit_start(&json.emit, out);
	report_count(report, &counts);
	emit_object(&json.emit, NULL);
	emit_uint(&json.emit, "schema_version", REPORT_SCHEMA_VERSION);
	emit_string(&json.emit, "kind",
		    report->files_count && !report->runs_count ? "scan" : "report");
	emit_string(&json.emit, "tool", "nommu " NOMMU_VERSION);
	emit_string(&json.emit, "verdict", report_verdict_name(report_verdict(report)));
	put_summary(&json, &counts);
	emit_list(&json.emit, "findings");
	for (uint32_t i = 0; i < report->findings_count; i++)
		put_finding(&json, &report->findings[i]);
	emit_end(&json.emit);
	if (heaviest) {
		smallest = fit_smallest(report, heaviest, &max_order);
		put_memory(&json, "memory", heaviest, smallest, max_order);
	}
	put_coverage(&json, &counts);
	emit_list(&json.emit, "runs");
	for (uint32_t i = 0; i < report->runs_count; i++)
		put_run(&json, &report->runs[i]);
	emit_end(&json.emit);
	if (report->files_count)
		put_files(&json);
	emit_end(&json.emit);
	return ferror(out) ? -1 : 0;
}
