/* SPDX-License-Identifier: MIT */
/*
 * render.h - a report, or what fit found, in every format. Renderers read the model and write to a
 * stream; none of them decides anything.
 */
#ifndef NOMMU_RENDER_RENDER_H
#define NOMMU_RENDER_RENDER_H

#include <stdio.h>

#include "fit/fit.h"
#include "report/report.h"
#include "report/style.h"

/* Renders; a failed write is an error too. */
int render_report(struct report *report, enum report_format format, FILE *out,
		  const struct report_style *style, char *error);

/*
 * Replays the memory of the recording that took most, at other sizes of RAM (to 64 KiB) and other
 * max-orders, and writes what it found as text or JSON. found may be NULL.
 */
int render_fit(struct report *report, enum report_format format, FILE *out,
	       const struct report_style *style, struct fit_found *found, char *error);

/*
 * By ".txt .json .sarif .html .xml .massif .folded", or by name; REPORT_FORMATS if there is none.
 */
enum report_format render_format_by_ending(const char *path);
enum report_format render_format_by_name(const char *name);

/* Sets colour and width, and nothing else: on a terminal only, NO_COLOR and TERM=dumb honoured. */
void render_style_for(struct report_style *style, FILE *out);

#endif
