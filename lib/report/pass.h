/* SPDX-License-Identifier: MIT */
/*
 * pass.h - one pass over one recording: between model.c,
 * which reads it, and tally.c, which counts calls.
 */
#ifndef NOMMU_REPORT_PASS_H
#define NOMMU_REPORT_PASS_H

#include "report/model.h"
#include "report/read.h"

/* What the pass needs besides the report. */
struct pass {
	struct report *report;
	struct run *run;
	uint32_t run_index;
};

/* The text at the end of a record, in the pool; NULL if it is empty. */
const char *pass_text(struct pool *pool, const struct nommu_record *record, size_t from);

/* Numbers of the image that a process has now, and of a site. They may move the arrays. */
uint32_t pass_image(struct pass *pass, uint32_t pid);
uint32_t pass_site(struct report *report, uint32_t image, uint64_t ip);

struct address pass_locate(const struct report *report, uint32_t image, uint64_t address);

void tally_call(struct pass *pass, const struct nommu_record *record);
void tally_stack(struct pass *pass, const struct nommu_record *record);

#endif
