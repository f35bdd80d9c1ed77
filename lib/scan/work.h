/* SPDX-License-Identifier: MIT */
/* work.h - what the parts of the scanner hand to each other while one ELF file is looked at. */
#ifndef NOMMU_SCAN_WORK_H
#define NOMMU_SCAN_WORK_H

#include "scan/calls.h"
#include "scan/child.h"
#include "scan/code.h"
#include "scan/elf.h"
#include "scan/mem.h"
#include "scan/reach.h"
#include "scan/scan.h"

#define MOST_FORKS 32
#define NEAR 2 /* calls from main: what is that close is no mere option */

/* What was seen of one file, before it is weighed. */
struct facts {
	unsigned forks;			 /* call sites of fork */
	unsigned vforks;		 /* call sites of vfork */
	unsigned child[CHILD_WORKS + 1]; /* of them, by what the child does */
	uint64_t fork_at[MOST_FORKS];	 /* the first of them */
	uint8_t fork_kind[MOST_FORKS];	 /* enum child_kind */
	unsigned role[ROLES];		 /* imports, by role */
	unsigned closest;		 /* calls from main to a fork that starts a program */
	const char *starts_in;		 /* the function with that fork */
	const char *large_request; /* a constant size that is refused whatever is free, or NULL */
	const char *works_in;	   /* a function whose forked child works on */
	const char *too_large;	   /* why the image cannot be loaded as it is, or NULL */
	bool data_too_large;	   /* even without its code: no smaller build changes that */
};

struct work {
	const struct scan_options *options;
	struct scan_file *file;
	struct elf_view elf;
	struct code code;
	struct facts facts;
	struct Dwarf *dwarf; /* opened with the first site, or NULL */
	bool decoded;	     /* code is open */
	bool forks_only;     /* no findings are wanted: only what forks, and where */
};

/* layout.c: how the file was linked and what its image costs. */
void layout_scan(struct work *work);

/* imports.c: names, call sites and what they mean. */
void imports_scan(struct work *work);

/* verdict.c */
void verdict_give(struct work *work);
/*
 * Why a library with these facts cannot be had without
 * an MMU, or NULL; and which fork sites make it so.
 */
const char *verdict_library(const struct work *work, uint64_t *blocking, size_t *count);

/* finding.c: appends to the file's findings, or counts one that is there. */
struct scan_finding *finding_add(struct work *work, enum rule_id rule, enum rule_severity severity,
				 const char *call, const char *evidence);
void finding_site(struct work *work, struct scan_finding *finding, uint64_t addr);
void finding_sort(struct scan_file *file);

#endif
