/* SPDX-License-Identifier: MIT */
/*
 * confirm.c - a scan says what a program can call, a recording what it called. Where a
 * report has both, each call that the scan found is one that a run made, or one that no
 * run of that file reached.
 */
#include "report/model.h"

#include <string.h>

#define CALL_LENGTH 16 /* bytes of a call instruction at most, and of what is inlined around it */

/* Only calls that the recorder sees can be said not to have been reached. */
static bool is_recorded(const struct finding *finding)
{
	switch (finding->rule) {
	case RULE_FORK:
	case RULE_FORKPTY:
	case RULE_DAEMON:
	case RULE_WORDEXP:
	case RULE_ABSENT_CALL:
	case RULE_NO_BRK:
	case RULE_REMAP_GROW:
	case RULE_SHARED_FILE:
	case RULE_FIXED_ADDRESS:
	case RULE_CONTIGUOUS_LIMIT:
	case RULE_SHM_ATTACH:
	case RULE_MEMFD:
	case RULE_NO_FALLOCATE:
	case RULE_VFORK_CHILD:
		return finding->where && finding->at.offset;
	default:
		return false;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* The scan's place is the call instruction, the recording's is behind it. */
static bool same_place(const struct place *scanned, const struct place *ran)
{
	if (!same_text(scanned->module, ran->module))
		return false;
	if (scanned->file && ran->file)
		return scanned->line == ran->line &&
		       same_text(last_part(scanned->file), last_part(ran->file));
	return ran->offset >= scanned->offset && ran->offset - scanned->offset < CALL_LENGTH;
}

static bool made_at(const struct finding *ran, const struct place *scanned)
{
	if (same_place(scanned, &ran->at))
		return true;
	for (uint32_t i = 0; i < ran->stack_count; i++)
		if (same_place(scanned, &ran->stack[i]))
			return true;
	return false;
}

static bool was_loaded(const struct report *report, const char *name)
{
	for (uint32_t i = 0; i < report->modules_count; i++)
		if (same_text(report->modules[i].name, name))
			return true;
	return false;
}

/* The statement stands with the scan's own evidence, so that every format has it. */
static void add_statement(struct pool *pool, struct finding *finding)
{
	const char *evidence = finding->call_text ? finding->call_text : "";

	if (finding->seen == SEEN_CALLED)
		finding->call_text = pool_format(pool, "%s; a run called it, %llu %s", evidence,
						 (unsigned long long)finding->seen_count,
						 finding->seen_count == 1 ? "time" : "times");
	else
		finding->call_text = pool_format(pool, "%s; no recorded run reached it", evidence);
}

void confirm_findings(struct report *report)
{
	for (uint32_t i = 0;
	     report->files_count && report->runs_count && i < report->findings_count; i++) {
		struct finding *finding = &report->findings[i];

		finding->seen_count = 0;
		finding->seen = SEEN_UNKNOWN;
		if (!is_recorded(finding) || !was_loaded(report, finding->at.module))
			continue;
		for (uint32_t k = 0; k < report->findings_count; k++) {
			const struct finding *ran = &report->findings[k];

			if (!ran->where && ran->rule == finding->rule && made_at(ran, &finding->at))
				finding->seen_count += ran->count;
		}
		finding->seen = finding->seen_count ? SEEN_CALLED : SEEN_NEVER;
		add_statement(&report->pool, finding);
	}
}
