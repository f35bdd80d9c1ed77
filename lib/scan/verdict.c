/* SPDX-License-Identifier: MIT */
/*
 * verdict.c - from what was seen to one word and the sentence behind it. The order of the questions is the
 * order of how much is lost. Nothing here knows any program by name.
 */
#include "scan/work.h"

#include <string.h>

static void give(struct work *work, enum scan_verdict verdict, const char *reason)
{
	work->file->verdict = verdict;
	work->file->reason = mem_copy(work->file->pool, reason);
}

/* The source has a way to start programs that does not fork. */
static bool another_way(const struct facts *facts)
{
	return facts->role[ROLE_VFORK] || facts->role[ROLE_SPAWN];
}

static bool only(const struct facts *facts, enum child_kind kind)
{
	return facts->forks && facts->child[kind] == facts->forks;
}

/* The worst that the file's own forks mean; READY if it has none. */
static enum scan_verdict fork_verdict(const struct work *work, char *reason, size_t size)
{
	const struct facts *f = &work->facts;

	if (!f->role[ROLE_FORK])
		return SCAN_READY;
	if (f->child[CHILD_WORKS]) {
		snprintf(reason, size, "forks, and the child works on in a copy of the memory (%s)",
			 f->works_in ? f->works_in : "own code");
		return SCAN_CANNOT_RUN;
	}
	if (another_way(f)) {
		snprintf(reason, size, "calls fork, but also %s: the source has another way",
			 f->role[ROLE_VFORK] ? "vfork" : "posix_spawn");
		return SCAN_REBUILD;
	}
	if (only(f, CHILD_DAEMON)) {
		snprintf(reason, size, "forks only to go into the background");
		return SCAN_LOSES_FEATURE;
	}
	if (f->forks && !f->child[CHILD_UNKNOWN] && !f->fork_in_main) {
		snprintf(reason, size, "forks only to start other programs");
		return SCAN_LOSES_FEATURE;
	}
	snprintf(reason, size, f->fork_in_main ? "main itself forks, and there is no other way in the source" :
						 "imports fork; from where could not be told");
	return SCAN_CANNOT_RUN;
}

/* A library that the program needs and that cannot be had. */
static const struct scan_library *blocked_by(const struct scan_file *file)
{
	for (const struct scan_library *l = file->libraries; l; l = l->next)
		if (l->reason)
			return l;
	return NULL;
}

static bool has_rule(const struct scan_file *file, enum rule_id rule)
{
	for (const struct scan_finding *f = file->findings; f; f = f->next)
		if (f->rule == rule && !f->library)
			return true;
	return false;
}

static void judge(struct work *work)
{
	const struct facts *f = &work->facts;
	const struct scan_library *library = blocked_by(work->file);
	char reason[300] = "";
	enum scan_verdict forks = fork_verdict(work, reason, sizeof(reason));

	if (f->too_large) {
		give(work, SCAN_CANNOT_RUN, f->too_large);
	} else if (forks == SCAN_CANNOT_RUN) {
		give(work, forks, reason);
	} else if (f->role[ROLE_FORKPTY]) {
		give(work, SCAN_CANNOT_RUN, "calls forkpty, which has no counterpart");
	} else if (library) {
		snprintf(reason, sizeof(reason), "needs %s: %s", library->name, library->reason);
		give(work, SCAN_CANNOT_RUN, reason);
	} else if (forks != SCAN_READY) {
		give(work, forks, reason);
	} else if (f->role[ROLE_DAEMON] && work->options->libc == LIBC_MUSL) {
		give(work, SCAN_LOSES_FEATURE, "daemon() fails with musl: it stays in the foreground");
	} else if (has_rule(work->file, RULE_NOT_PIE)) {
		give(work, SCAN_REBUILD, "linked for a fixed address");
	} else {
		give(work, SCAN_READY, "no call that a target lacks");
	}
}

const char *verdict_library(const struct work *work)
{
	char reason[300] = "";
	enum scan_verdict forks = fork_verdict(work, reason, sizeof(reason));

	if (work->facts.too_large)
		return work->facts.too_large;
	if (forks == SCAN_CANNOT_RUN || forks == SCAN_LOSES_FEATURE)
		return mem_format(work->file->pool, "the library %s", reason);
	return NULL;
}

void verdict_give(struct work *work)
{
	switch (work->file->kind) {
	case SCAN_PROGRAM:
	case SCAN_LIBRARY:
		judge(work);
		break;
	case SCAN_STATIC:
		if (work->facts.too_large)
			give(work, SCAN_CANNOT_RUN, work->facts.too_large);
		else
			give(work, SCAN_NOT_JUDGED,
			     "static: its C library's own calls cannot be told from the program's");
		break;
	default:
		break;
	}
}
