/* SPDX-License-Identifier: MIT */
/*
 * verdict.c - from what was seen to one word and the sentence behind it. The order of the questions
 * is the order of how much is lost. Nothing here knows any program by name.
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

/* It keeps processes under its hand: starting one is no mere helper. */
static bool manages(const struct facts *facts)
{
	return facts->role[ROLE_MANAGE] || facts->role[ROLE_SETSID];
}

/* Every fork is followed by exec in the child, in one or more places. */
static enum scan_verdict start_verdict(const struct work *work, char *reason, size_t size)
{
	const struct facts *f = &work->facts;
	const char *where = f->starts_in ? f->starts_in : "own code";

	if (another_way(f) && !f->child[CHILD_DAEMON]) {
		snprintf(reason, size,
			 "forks to start programs, but also calls %s: the source has another way",
			 f->role[ROLE_VFORK] ? "vfork" : "posix_spawn");
		return SCAN_REBUILD;
	}
	if (work->file->kind == SCAN_LIBRARY || !work->code.main) {
		snprintf(reason, size,
			 "starts programs by fork (%s), and has no vfork or posix_spawn", where);
		return SCAN_LOSES_FEATURE;
	}
	if (f->role[ROLE_LISTEN]) {
		snprintf(reason, size,
			 "serves others and starts programs by fork (%s), and there is no vfork or "
			 "posix_spawn beside it",
			 where);
		return SCAN_CANNOT_RUN;
	}
	if (f->closest <= NEAR) {
		snprintf(reason, size,
			 "starts programs by fork, close to main (%s): it is what it does, and "
			 "there is no vfork or posix_spawn beside it",
			 where);
		return SCAN_CANNOT_RUN;
	}
	/* One place can be left out or patched; several are how the source is written. */
	if (f->child[CHILD_EXEC] > 1) {
		snprintf(reason, size,
			 "starts programs by fork in %u places (%s, ...), and there is no vfork "
			 "or posix_spawn beside them",
			 f->child[CHILD_EXEC], where);
		return SCAN_CANNOT_RUN;
	}
	if (f->role[ROLE_PIPE] && !manages(f) && f->forks == 1) {
		snprintf(reason, size,
			 "forks once, deep down (%s), to run a program at the end of a pipe: "
			 "popen or vfork does that",
			 where);
		return SCAN_REBUILD;
	}
	snprintf(reason, size,
		 "starts programs by fork only deep down (%s), so that alone would be lost", where);
	return SCAN_LOSES_FEATURE;
}

/* The worst that the file's own forks mean; READY if it has none. */
static enum scan_verdict fork_verdict(const struct work *work, char *reason, size_t size)
{
	const struct facts *f = &work->facts;

	if (!f->role[ROLE_FORK])
		return SCAN_READY;
	/* Who has vfork as the rule and fork as the exception knows machines that have no other. */
	if (f->vforks > f->forks) {
		snprintf(reason, size,
			 "calls vfork in %u places and fork in %u: the source has another way",
			 f->vforks, f->forks);
		return SCAN_REBUILD;
	}
	if (f->child[CHILD_WORKS]) {
		snprintf(reason, size, "forks, and the child works on in a copy of the memory (%s)",
			 f->works_in ? f->works_in : "own code");
		return SCAN_CANNOT_RUN;
	}
	if (!f->forks || f->child[CHILD_UNKNOWN]) {
		snprintf(reason, size, "imports fork; what its child does could not be told");
		return another_way(f) ? SCAN_REBUILD : SCAN_CANNOT_RUN;
	}
	if (f->child[CHILD_EXEC])
		return start_verdict(work, reason, size);
	if (f->child[CHILD_DAEMON])
		snprintf(reason, size, "forks only to go into the background");
	else
		snprintf(reason, size,
			 "forks a child that ends at once, as one tries something out");
	return SCAN_LOSES_FEATURE;
}

/* The library that the program needs most and that cannot be had whole. */
static const struct scan_library *blocked_by(const struct scan_file *file)
{
	const struct scan_library *worst = NULL;

	for (const struct scan_library *l = file->libraries; l; l = l->next)
		if (l->use != SCAN_NO_USE && (!worst || l->use > worst->use))
			worst = l;
	return worst;
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

	if (f->data_too_large) {
		give(work, SCAN_CANNOT_RUN, f->too_large);
	} else if (forks == SCAN_CANNOT_RUN) {
		give(work, forks, reason);
	} else if (f->role[ROLE_FORKPTY]) {
		give(work, SCAN_CANNOT_RUN, "calls forkpty, which has no counterpart");
	} else if (library && library->use == SCAN_BUILT_ON) {
		snprintf(reason, sizeof(reason), "is built on %s, which %s", library->name,
			 library->reason);
		give(work, SCAN_CANNOT_RUN, reason);
	} else if (library && forks < SCAN_LOSES_FEATURE) {
		snprintf(reason, sizeof(reason), "calls into %s, which %s", library->name,
			 library->reason);
		give(work, SCAN_LOSES_FEATURE, reason);
	} else if (forks != SCAN_READY) {
		give(work, forks, reason);
	} else if (f->role[ROLE_DAEMON] && work->options->libc == LIBC_MUSL) {
		give(work, SCAN_LOSES_FEATURE,
		     "daemon() fails with musl: it stays in the foreground");
	} else if (f->too_large) {
		/* Fewer features, another order limit of the kernel, or a ROM that it runs from. */
		give(work, SCAN_REBUILD, f->too_large);
	} else if (f->large_request) {
		snprintf(reason, sizeof(reason), "allocates %s", f->large_request);
		give(work, SCAN_REBUILD, reason);
	} else if (has_rule(work->file, RULE_NOT_PIE)) {
		give(work, SCAN_REBUILD, "linked for a fixed address");
	} else {
		give(work, SCAN_READY, "no call that a target lacks");
	}
}

const char *verdict_library(const struct work *work, uint64_t *blocking, size_t *count)
{
	const struct facts *f = &work->facts;
	unsigned forks = f->forks < MOST_FORKS ? f->forks : MOST_FORKS;

	*count = 0;
	for (unsigned i = 0; i < forks; i++)
		if (f->fork_kind[i] != CHILD_EXEC || !another_way(f))
			blocking[(*count)++] = f->fork_at[i];
	if (f->too_large)
		return f->too_large;
	if (f->child[CHILD_WORKS])
		return "forks, and the child works on in a copy of the memory";
	if (f->child[CHILD_DAEMON])
		return "forks to go into the background";
	if (*count)
		return "starts programs by fork, and has no vfork or posix_spawn";
	/* The code of its machine is not decoded. */
	return f->role[ROLE_FORK] && !f->forks && !another_way(f) ? "imports fork" : NULL;
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
			give(work, work->facts.data_too_large ? SCAN_CANNOT_RUN : SCAN_REBUILD,
			     work->facts.too_large);
		else
			give(work, SCAN_NOT_JUDGED,
			     "static: its C library's own calls cannot be told from the program's");
		break;
	default:
		break;
	}
}
