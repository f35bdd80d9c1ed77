/* SPDX-License-Identifier: MIT */
/* progress.c - a bar on a terminal, and only if it takes long; nothing in a log. */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AFTER_MS 300
#define BAR 40

static long passed_ms(const struct progress *progress)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - progress->started.tv_sec) * 1000 +
	       (now.tv_nsec - progress->started.tv_nsec) / 1000000;
}

static void show(void *cookie, const char *what, uint64_t done, uint64_t total)
{
	static const char full[BAR + 1] = "########################################";
	struct progress *progress = cookie;
	int part = total && done < total ? (int)(done * BAR / total) : BAR;
	const char *slash = strrchr(what, '/');

	if (!total)
		progress_end(progress);
	if (!total || passed_ms(progress) < AFTER_MS)
		return;
	fprintf(stderr, "\r[%.*s%*s] %.30s\033[K", part, full, BAR - part, "",
		slash ? slash + 1 : what);
	progress->shown = true;
}

void progress_start(struct progress *progress, struct report *report, bool quiet)
{
	progress->shown = false;
	clock_gettime(CLOCK_MONOTONIC, &progress->started);
	if (!quiet && isatty(STDERR_FILENO))
		report_on_progress(report, show, progress);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
