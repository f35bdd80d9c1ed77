/* SPDX-License-Identifier: MIT */
/*
 * imports.c - the names that a file imports, where they are called, and what can be read off the
 * call: the fate of a forked child, mmap's flags, sizes, system call numbers. A name alone is
 * evidence that the program can make the call; a call site says from where.
 */
#include "scan/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/compiler.h"
#include "base/types.h"

#define MOST_MISSING 12 /* names listed; the count goes on */

static const char *effect_text(const struct call *call, enum conf_libc libc)
{
	static const char *const texts[] = {
		[EFFECT_WORKS] = "works with",
		[EFFECT_DIFFERS] = "acts otherwise with",
		[EFFECT_IGNORED] = "returns 0 and does nothing with",
		[EFFECT_FAILS] = "fails with",
		[EFFECT_ABSENT] = "does not link with",
	};

	return texts[call_effect(call, libc)];
}

static enum rule_severity severity(const struct work *work, const struct call *call)
{
	enum call_effect effect = call_effect(call, work->options->libc);

	switch (call->role) {
	case ROLE_FORK:
	case ROLE_FORKPTY:
	case ROLE_PROTECT:
		return SEVERITY_ERROR;
	case ROLE_DAEMON:
		return effect == EFFECT_DIFFERS ? SEVERITY_NOTE : SEVERITY_ERROR;
	case ROLE_ADVICE:
		return effect == EFFECT_IGNORED ? SEVERITY_NOTE : SEVERITY_WARNING;
	case ROLE_HEAP:
	case ROLE_SHM:
		return SEVERITY_WARNING;
	default:
		return rule_get(call->rule)->severity;
	}
}

static struct scan_finding *call_finding(struct work *work, const struct call *call)
{
	char text[160];

	snprintf(text, sizeof(text), "%s %s", effect_text(call, work->options->libc),
		 conf_libc_name(work->options->libc));
	return finding_add(work, call->rule, severity(work, call), call->name, text);
}

static void child_finding(struct work *work, const struct step *step, const struct call *call)
{
	static const char *const fate[] = {
		[CHILD_UNKNOWN] = "the child could not be followed",
		[CHILD_EXEC] = "the child only gets ready and calls exec",
		[CHILD_DAEMON] = "the parent leaves and the child goes on, in the background",
		[CHILD_ENDS] = "the child ends at once",
		[CHILD_WORKS] = "the child works on in a copy of the memory",
	};
	struct child child = child_of(&work->code, step);
	struct facts *facts = &work->facts;
	const char *function;
	char text[200];

	snprintf(text, sizeof(text), "%s %s; %s", effect_text(call, work->options->libc),
		 conf_libc_name(work->options->libc), fate[child.kind]);
	struct scan_finding *finding =
		finding_add(work, call->rule, severity(work, call), call->name, text);

	finding_site(work, finding, step->addr);
	if (facts->forks < MOST_FORKS) {
		facts->fork_at[facts->forks] = step->addr;
		facts->fork_kind[facts->forks] = (uint8_t)child.kind;
	}
	facts->forks++;
	facts->child[child.kind]++;
	function = finding->sites ? finding->sites[finding->site_count - 1].function : NULL;
	if (child.kind == CHILD_WORKS)
		facts->works_in = function;
	if (child.kind == CHILD_EXEC) {
		/* One that is close is enough: how far away the others are changes nothing. */
		bool close = facts->starts_in && facts->closest <= NEAR;
		unsigned depth = work->file->kind != SCAN_PROGRAM ? 0
				 : close			  ? REACH_NEVER
					 : reach_main(&work->code, step->addr);

		if (!facts->starts_in || depth < facts->closest) {
			facts->closest = depth;
			facts->starts_in = function;
		}
	}
}

/* vfork is fine; a child that does anything but exec or _exit is not, and only then it is told. */
static void vfork_finding(struct work *work, const struct step *step)
{
	struct child child = child_of(&work->code, step);

	work->facts.vforks++;
	if (child.kind != CHILD_WORKS && child.kind != CHILD_DAEMON)
		return;
	finding_site(work,
		     finding_add(work, RULE_VFORK_CHILD, SEVERITY_WARNING, "vfork",
				 "the child returns, or works on, in its parent's memory"),
		     step->addr);
}

/* A request that is refused whatever is free. */
static void large_finding(struct work *work, const struct step *step, const char *call,
			  uint64_t size)
{
	uint64_t most = (uint64_t)NOMMU_PAGE_SIZE << work->options->max_order;
	struct scan_finding *finding;
	char text[120];

	if (size > (uint64_t)1 << 40)
		return; /* no size: an error, or a number that is something else */
	snprintf(text, sizeof(text), "%llu bytes at once; the largest block is %llu MiB",
		 (unsigned long long)size, (unsigned long long)most >> 20);
	finding = finding_add(work, RULE_CONTIGUOUS_LIMIT, SEVERITY_ERROR, call, text);
	finding_site(work, finding, step->addr);
	work->facts.large_request = finding->evidence;
}

static void mmap_finding(struct work *work, const struct step *step, const struct code_constants *c)
{
	uint64_t most = (uint64_t)NOMMU_PAGE_SIZE << work->options->max_order;
	int flags = c->known & 8 ? (int)c->value[3] : 0;

	if (flags & MAP_FIXED)
		finding_site(work,
			     finding_add(work, RULE_FIXED_ADDRESS, SEVERITY_ERROR, "mmap",
					 "its flags have MAP_FIXED"),
			     step->addr);
	else if ((flags & MAP_TYPE) == MAP_SHARED && !(flags & MAP_ANONYMOUS))
		finding_site(work,
			     finding_add(work, RULE_SHARED_FILE, SEVERITY_WARNING, "mmap",
					 "its flags have MAP_SHARED: ENODEV unless the file is in "
					 "memory"),
			     step->addr);
	else if (c->known & 2 && (uint64_t)c->value[1] > most)
		large_finding(work, step, "mmap", (uint64_t)c->value[1]);
}

static void size_finding(struct work *work, const struct step *step, const struct call *call,
			 const struct code_constants *c)
{
	uint64_t most = (uint64_t)NOMMU_PAGE_SIZE << work->options->max_order;
	uint64_t size = (uint64_t)c->value[0];

	if (call->role == ROLE_ALLOCATE2 &&
	    (!(c->known & 2) || __builtin_mul_overflow(size, (uint64_t)c->value[1], &size)))
		return;
	/* malloc's own header comes on top. */
	if (c->known & 1 && size >= most)
		large_finding(work, step, call->name, size);
}

static void protect_finding(struct work *work, const struct step *step, const struct call *call,
			    const struct code_constants *c)
{

	if (c->known & 4 && (c->value[2] & PROT_EXEC)) {
		finding_site(
			work,
			finding_add(
				work, call->rule, SEVERITY_ERROR, call->name,
				"asks for PROT_EXEC, as programs do that make code at run time"),
			step->addr);
		return;
	}
	finding_site(work, call_finding(work, call), step->addr);
}

/* sbrk(0) moves nothing. */
static void heap_finding(struct work *work, const struct step *step, const struct call *call,
			 const struct code_constants *c)
{
	struct scan_finding *finding;

	if (!strcmp(call->name, "sbrk") && c->known & 1 && !c->value[0])
		finding = finding_add(work, call->rule, SEVERITY_NOTE, call->name,
				      "asks only where the heap ends");
	else
		finding = call_finding(work, call);
	finding_site(work, finding, step->addr);
}

static void system_call_finding(struct work *work, const struct step *step,
				const struct code_constants *c)
{
	char text[120];

	if (c->known & 1u << CODE_ARGUMENTS)
		snprintf(text, sizeof(text), "system call %lld of the %s table",
			 (long long)c->number, work->file->machine);
	else
		snprintf(text, sizeof(text), "its number is not a constant there");
	finding_site(work, finding_add(work, RULE_RAW_SYSCALL, SEVERITY_WARNING, "syscall", text),
		     step->addr);
}

static void found(void *data, const struct step *step, const struct elf_import *import,
		  const struct code_constants *constants)
{
	struct work *work = data;
	const struct call *call = import ? call_find(import->name) : NULL;

	if (step->kind == STEP_SYSCALL) {
		system_call_finding(work, step, constants);
		return;
	}
	if (!call)
		return;
	switch (call->role) {
	case ROLE_FORK:
		child_finding(work, step, call);
		return;
	case ROLE_VFORK:
		vfork_finding(work, step);
		return;
	case ROLE_MMAP:
		mmap_finding(work, step, constants);
		return;
	case ROLE_ALLOCATE:
	case ROLE_ALLOCATE2:
		size_finding(work, step, call, constants);
		return;
	case ROLE_PROTECT:
		protect_finding(work, step, call, constants);
		return;
	case ROLE_HEAP:
		heap_finding(work, step, call, constants);
		return;
	default:
		if (call->rule != RULE_NONE)
			finding_site(work, call_finding(work, call), step->addr);
	}
}

static enum code_interest is_telling(void *data, const struct elf_import *import)
{
	const struct call *call = import->name ? call_find(import->name) : NULL;
	const struct work *work = data;

	if (!call)
		return CODE_NONE;
	if (work->forks_only)
		return call->role == ROLE_FORK || call->role == ROLE_VFORK ? CODE_CALLS : CODE_NONE;
	/* Allocations are everywhere; only the largest mean something. */
	if (call->role == ROLE_ALLOCATE || call->role == ROLE_ALLOCATE2)
		return CODE_LARGE;
	return call->rule != RULE_NONE || call->role == ROLE_VFORK || call->role == ROLE_MMAP
		       ? CODE_CALLS
		       : CODE_NONE;
}

static void missing_names(struct work *work)
{
	enum conf_libc libc = work->options->libc;
	struct scan_finding *finding;
	unsigned listed = 0;
	char text[100];

	for (size_t i = 0; i < work->elf.import_count; i++) {
		const char *name = work->elf.imports[i].name;
		const struct call *call;

		if (!name || work->elf.imports[i].bind == STB_WEAK || !call_missing(name, libc))
			continue;
		call = call_find(name);
		if ((call && call->rule != RULE_NONE) || listed++ >= MOST_MISSING)
			continue;
		snprintf(text, sizeof(text), "not in %s", conf_libc_name(libc));
		finding = finding_add(work, RULE_MISSING_NAME, SEVERITY_NOTE, name, text);
		finding->count = 1;
	}
}

/* What only the list of imports says, for names whose call sites were not found. */
static void names_only(struct work *work)
{
	for (size_t i = 0; i < work->elf.import_count; i++) {
		const char *name = work->elf.imports[i].name;
		const struct call *call = name ? call_find(name) : NULL;
		struct scan_finding *finding = work->file->findings;

		/*
		 * Where relocations are known, a name that none refers to is not called from here.
		 */
		if (!call || (work->decoded && work->elf.slot_count && !work->elf.imports[i].bound))
			continue;
		work->facts.role[call->role]++;
		if (call->rule == RULE_NONE)
			continue;
		while (finding &&
		       (strcmp(finding->call, call->name) || finding->rule != call->rule))
			finding = finding->next;
		if (!finding)
			call_finding(work, call)->count = 1;
	}
}

static bool imports_fork(const struct elf_view *elf)
{
	for (size_t i = 0; i < elf->import_count; i++) {
		const struct call *call =
			elf->imports[i].name ? call_find(elf->imports[i].name) : NULL;

		if (call && call->role == ROLE_FORK)
			return true;
	}
	return false;
}

void imports_scan(struct work *work)
{
	const struct code_search telling = { is_telling, found, work, !work->forks_only };

	/*
	 * Most libraries do not fork: their code need not
	 * be looked at for the sake of those that use them.
	 */
	if (work->forks_only && !imports_fork(&work->elf))
		return;
	elf_view_bind(&work->elf);
	work->decoded = code_open(&work->code, &work->elf);
	if (work->decoded) {
		code_search(&work->code, &telling);
		work->file->code_read = work->code.spent <= CODE_BUDGET;
		work->code.spent = 0;
	}
	names_only(work);
	missing_names(work);
}
