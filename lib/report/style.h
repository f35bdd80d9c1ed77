/* SPDX-License-Identifier: MIT */
/* style.h - how a report is to look: handed to whoever renders it. */
#ifndef NOMMU_REPORT_STYLE_H
#define NOMMU_REPORT_STYLE_H

#include <stdbool.h>

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_SARIF,
	REPORT_JUNIT,
	REPORT_HTML,
	REPORT_MASSIF,
	REPORT_FOLDED,
	REPORT_FORMATS /* also: no such format */
};

/* What --format folded shows; each is a flame graph of its own. */
enum report_view { VIEW_BYTES, VIEW_WASTE, VIEW_REFUSALS };

/* How to render; all zero is plain text, 80 columns, paths relative to the current directory. */
struct report_style {
	bool color;	       /* escape sequences; see render_style_for() */
	bool quiet;	       /* text: the verdict and what to change, nothing else */
	bool verbose;	       /* text: stacks, example arguments, every process */
	unsigned width;	       /* columns of the text, 0: 80 */
	enum report_view view; /* of the folded stacks */
	/* sources below it are shown relative to it; NULL: current directory */
	const char *root;
	const char *title; /* first line, e.g. "nommu audit: ls -l"; NULL: from the inputs */
	const char *kept;  /* where the recording was kept; NULL: not known, "": not kept */
};

#endif
