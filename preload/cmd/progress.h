/* SPDX-License-Identifier: MIT */
/* progress.h - what a user sees while a report reads or a search replays. */
#ifndef NOMMU_CMD_PROGRESS_H
#define NOMMU_CMD_PROGRESS_H

#include <stdbool.h>
#include <time.h>

#include "render/render.h"

struct progress {
	struct timespec started;
	bool shown;
};

/* Must outlive the report, or be ended and not be asked for anything more. */
void progress_start(struct progress *progress, struct report *report, bool quiet);

/* Takes the bar away, before anything else is written. */
void progress_end(struct progress *progress);

#endif
