/* SPDX-License-Identifier: MIT */
/* tally.c - the calls of a recording, counted by rule and by the address that they came from. */
#include "report/pass.h"

#include <string.h>

#include "base/compiler.h"

static void fill_example(struct pool *pool, struct example *example,
			 const struct nommu_record *record, const struct nommu_record_call *call)
{
	example->call = call->call;
	example->flags = call->flags;
	example->order = call->order;
	example->result = call->result;
	example->model = call->model;
	memcpy(example->args, call->args, sizeof(example->args));
	memcpy(example->figure, call->figure, sizeof(example->figure));
	example->time = record->time;
	example->pid = record->pid;
	example->tid = call->tid;
	example->text = pass_text(pool, record, offsetof(struct nommu_record_call, text));
}

static void tally_rule(struct pass *pass, const struct nommu_record *record,
		       const struct nommu_record_call *call, unsigned i, uint32_t site)
{
	struct report *report = pass->report;
	uint32_t *index =
		table_at(&report->tally_of, call->rules[i], (uint64_t)pass->run_index << 32 | site);
	struct tally *tally;

	if (*index == NONE) {
		*index = report->tallies_count;
		tally = ARRAY_ADD(report, tallies);
		tally->rule = call->rules[i];
		tally->site = site;
		tally->run = pass->run_index;
		tally->first_ns = record->time;
		fill_example(&report->pool, &tally->example, record, call);
	}
	tally = &report->tallies[*index];
	tally->count++;
	tally->last_ns = record->time;
	if (call->severity[i] <= SEVERITY_ERROR && call->severity[i] > tally->severity)
		tally->severity = call->severity[i];
	for (unsigned f = 0; f < ARRAY_SIZE(call->figure) && !i; f++) {
		tally->figure_sum[f] += call->figure[f];
		if (call->figure[f] > tally->figure_max[f])
			tally->figure_max[f] = call->figure[f];
	}
}

void tally_call(struct pass *pass, const struct nommu_record *record)
{
	struct nommu_record_call call;
	uint32_t site;

	reader_fields(record, &call, offsetof(struct nommu_record_call, text));
	pass->run->events++;
	if (!call.rules[0])
		return;
	site = pass_site(pass->report, pass_image(pass, record->pid), call.site);
	if (!pass->report->sites[site].first_call)
		pass->report->sites[site].first_call = call.call;
	for (unsigned i = 0; i < NOMMU_RECORD_RULES && call.rules[i]; i++)
		if (call.rules[i] < RULES)
			tally_rule(pass, record, &call, i, site);
}

void tally_stack(struct pass *pass, const struct nommu_record *record)
{
	struct report *report = pass->report;
	struct nommu_record_stack stack;
	uint32_t image = pass_image(pass, record->pid);
	struct site *site;
	uint32_t depth, index;
	const char *bytes;
	size_t len;

	reader_fields(record, &stack, sizeof(stack));
	index = pass_site(report, image, stack.site); /* may move the sites */
	site = &report->sites[index];
	bytes = reader_tail(record, offsetof(struct nommu_record_stack, ip), &len);
	depth = stack.depth < len / sizeof(uint64_t) ? stack.depth
						     : (uint32_t)(len / sizeof(uint64_t));
	if (depth > STACK_MAX)
		depth = STACK_MAX;
	if (site->stack || !depth)
		return;
	site->stack = pool_alloc(&report->pool, depth * sizeof(*site->stack));
	site->depth = depth;
	for (uint32_t i = 0; i < depth; i++) {
		uint64_t ip;

		memcpy(&ip, bytes + i * sizeof(ip), sizeof(ip));
		site->stack[i] = pass_locate(report, image, ip);
	}
}
