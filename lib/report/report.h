/* SPDX-License-Identifier: MIT */
/*
 * report.h - from recordings and scan results to findings, offline. One struct report takes any
 * number of inputs and aggregates them once; lib/render shows it in any format any number of times.
 * Nothing here runs in the program under test. Not for several threads at once.
 *
 * Calls that can fail return 0, or -1 with one line in error[REPORT_ERROR_SIZE], not ended by a
 * newline.
 */
#ifndef NOMMU_REPORT_REPORT_H
#define NOMMU_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "rules/rules.h"

#define REPORT_ERROR_SIZE 512
#define REPORT_SCHEMA_VERSION 1
#define REPORT_NOTHING (-1) /* report_worst(): there is no finding that counts */

struct report;

enum report_verdict { VERDICT_READY, VERDICT_NEEDS_WORK, VERDICT_BLOCKED };

struct report_counts {
	uint64_t finding[SEVERITY_ERROR +
			 1]; /* by severity; accepted and unchanged ones are not in it */
	uint64_t accepted;   /* matched by a suppression */
	uint64_t fresh, fixed, unchanged; /* after report_compare() */
	uint64_t recordings, files;	  /* inputs: recordings, scanned files */
	uint64_t processes, lost;	  /* seen, and known to have run without the library */
	uint64_t events;		  /* calls in the recordings */
	uint64_t damaged;		  /* bytes of the recordings that could not be read */
	uint64_t peak_bytes;		  /* of the recording that took most */
};

/* Called now and then while a recording is read or replayed, and with total 0 at the end. */
typedef void report_progress(void *cookie, const char *path, uint64_t done, uint64_t total);

/* Returns NULL if there is no memory. */
struct report *report_open(void);
void report_close(struct report *report);
void report_on_progress(struct report *report, report_progress *progress, void *cookie);

/* Adds a recording, a JSON report, or the JSON of a scan; which one, its first bytes tell. */
int report_add(struct report *report, const char *path, char *error);

/*
 * Adds the result of a scan without a detour through a file: one call for each file, then one for
 * each finding of it. verdict is "ready", "rebuild", "loses-feature" or "cannot-run". symbol (an
 * import, a function) and detail may be NULL.
 */
int report_add_file(struct report *report, const char *path, const char *verdict);
int report_add_file_finding(struct report *report, enum rule_id rule, enum rule_severity severity,
			    const char *symbol, uint64_t offset, uint64_t count,
			    const char *detail);

/* Where separate debug files are looked for besides /usr/lib/debug; colon-separated. */
int report_debug_path(struct report *report, const char *path);

/*
 * Accepts the findings that the file lists, one on a line: RULE MODULE FUNCTION, where MODULE and
 * FUNCTION may be patterns as of fnmatch(3), FUNCTION is +0xOFFSET where there are no symbols, and
 * # starts a comment. Lines that match nothing are listed by the reports.
 */
int report_suppress(struct report *report, const char *path, char *error);

/* Writes every finding that still counts as such a list. */
int report_accept(struct report *report, FILE *out);

/* Marks each finding as new or unchanged against old, and takes over what is gone as fixed. */
int report_compare(struct report *report, struct report *old);

/* Highest severity among the findings that count, or REPORT_NOTHING; after report_compare() new
 * ones. */
int report_worst(struct report *report);
enum report_verdict report_verdict(struct report *report);
void report_count(struct report *report, struct report_counts *counts);

/* "ready", "needs-work", "blocked" */
const char *report_verdict_name(enum report_verdict verdict);

#endif
