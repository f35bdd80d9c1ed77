/* SPDX-License-Identifier: MIT */
/*
 * scan.h - what can be said of a program without running it: will it run without an MMU,
 * with what loss, and what has to change. Knowledge is about calls, C libraries and kernels,
 * never about named programs.
 *
 * scan_paths() walks files, folders, packages and root file systems into one struct scan_result;
 * the renderers only read it. Every string of a file lives in that file's pool and dies with it.
 */
#ifndef NOMMU_SCAN_SCAN_H
#define NOMMU_SCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "rules/rules.h"

enum scan_verdict {
	SCAN_NOT_JUDGED,    /* no evidence for or against: the reason says why */
	SCAN_READY,	    /* nothing found that a target lacks */
	SCAN_REBUILD,	    /* the source has another way, or only the build must change */
	SCAN_LOSES_FEATURE, /* what is lacking is on a path that looks optional */
	SCAN_CANNOT_RUN,    /* what is lacking is what the program is made of */
	SCAN_VERDICTS
};

enum scan_kind {
	SCAN_PROGRAM, /* ELF that has an interpreter, or is PIE or ET_EXEC */
	SCAN_STATIC,  /* ELF program with its libc inside */
	SCAN_LIBRARY, /* ELF shared object */
	SCAN_OBJECT,  /* ELF relocatable file or kernel module */
	SCAN_CORE,    /* ELF core dump or debug information only */
	SCAN_SCRIPT,  /* starts with #! */
	SCAN_FLAT,    /* bFLT: made for such a target already */
	SCAN_DAMAGED, /* looks like ELF and cannot be read as such */
	SCAN_UNREADABLE,
	SCAN_OTHER, /* not a program; counted, never listed */
	SCAN_KINDS
};

struct scan_site {
	uint64_t addr;	      /* of the call instruction, as linked */
	const char *function; /* symbol, "main", or "function at 0x..." */
	const char *file;     /* source file, or NULL without debug information */
	unsigned line;
};

struct scan_finding {
	enum rule_id rule;
	enum rule_severity severity;
	const char *call;	 /* symbol or property that it is about */
	unsigned count;		 /* call sites; 1 for a property of the file */
	struct scan_site *sites; /* the first of them, site_count long */
	unsigned site_count;
	const char *evidence; /* one sentence, of this file */
	const char *library;  /* whose finding it is, or NULL for the file's own */
	struct scan_finding *next;
};

/* What one load model of the target takes; see spec 3. Bytes. */
struct scan_cost {
	uint64_t ram;	/* image and stack, pages that stay allocated */
	uint64_t block; /* largest contiguous block that the image itself needs */
};

/* What a file has to do with that part of a library that needs an MMU. */
enum scan_use {
	SCAN_NO_USE,   /* needed by another library only, or for other functions */
	SCAN_CALLS_IT, /* a function that it imports leads there */
	SCAN_BUILT_ON, /* it uses so much of the library that it cannot do without */
};

struct scan_library {
	const char *name;   /* as in DT_NEEDED */
	const char *path;   /* where it was found, or NULL */
	const char *reason; /* what of it cannot be had without an MMU, or NULL */
	uint8_t use;	    /* enum scan_use: whether the file itself needs that */
	bool target;	    /* part of the target's own C library or compiler: left out */
	struct scan_library *next;
};

struct scan_pool;

struct scan_file {
	struct scan_pool *pool;
	const char *path;    /* as given or walked; inside a package "x.deb:/usr/bin/y" */
	const char *package; /* the package that it is in, or NULL */
	const char *machine; /* "x86-64", ..., or NULL where it is not ELF */
	const char *reason;  /* one sentence behind the verdict */
	enum scan_kind kind;
	enum scan_verdict verdict;
	bool fdpic;	/* linked for a target without an MMU */
	bool stripped;	/* no .symtab: functions have no names */
	bool code_read; /* call sites come from decoded instructions */
	uint64_t stack; /* bytes of main stack that the target would give */
	struct scan_cost cost[IMAGE_FLAT_RAM + 1]; /* by enum conf_image */
	struct scan_finding *findings;		   /* worst first */
	struct scan_library *libraries;
};

struct scan_options {
	uint8_t libc;	   /* enum conf_libc: uclibc or musl */
	uint8_t image;	   /* enum conf_image that verdicts judge by */
	uint8_t max_order; /* largest block is 2^max_order pages */
	uint8_t jobs;	   /* threads */
	bool progress;	   /* a line on stderr, if it is a terminal */
	const char *root;  /* where libraries are looked for, or NULL: found by looking */
};

struct scan_result {
	struct scan_options options;
	struct scan_file **files; /* ordered by path */
	size_t count, size;
	size_t seen[SCAN_KINDS]; /* files met, by kind; SCAN_OTHER only here */
};

void scan_defaults(struct scan_options *options);

/*
 * Scans every path. Returns 0, or -ENOMEM; a path that cannot be read is a file of the result, not
 * an error. The result is to be freed in both cases.
 */
int scan_paths(struct scan_result *result, const struct scan_options *options, char *const *paths,
	       size_t count);
void scan_free(struct scan_result *result);

/* Scans one file's bytes; never fails. root may be NULL: then no library is looked for. */
struct scan_file *scan_memory(const struct scan_options *options, const char *path,
			      const void *data, size_t size);
void scan_file_free(struct scan_file *file);

const char *scan_verdict_name(enum scan_verdict verdict);
const char *scan_kind_name(enum scan_kind kind);

/* Renderers. */
void scan_text(const struct scan_result *result, FILE *out, bool color);
void scan_json(const struct scan_result *result, FILE *out);

#endif
