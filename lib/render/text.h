/* SPDX-License-Identifier: MIT */
/*
 * text.h - between the parts of the text report: text.c has the verdict and the findings,
 * text_memory.c memory and coverage, text_write.c what both write with. All text fits text->width
 * columns.
 */
#ifndef NOMMU_RENDER_TEXT_H
#define NOMMU_RENDER_TEXT_H

#include "report/model.h"
#include "report/style.h"

#define MARGIN 9 /* columns that the severity takes */

#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define BLUE "\033[1;34m"
#define GREEN "\033[1;32m"
#define BOLD "\033[1m"
#define DIM "\033[2m"

#define NARROWEST 40u /* columns: what does not fit into these, no report tries to fit */

static inline unsigned text_width(const struct report_style *style)
{
	unsigned width = style->width ? style->width : 80;

	return width < NARROWEST ? NARROWEST : width;
}

struct text {
	FILE *out;
	const struct report_style *style;
	unsigned width;
	/* the last answer of rules whose reason was given, or NULL */
	const char *explained[RULES];
	struct pool pool; /* of this rendering */
};

void text_paint(struct text *text, const char *color); /* where the style has colour */
void text_plain(struct text *text);

/* Columns of a text in UTF-8, not counting wide characters twice. */
unsigned text_columns(const char *words, size_t len);

/* Text of programs goes to terminals: control characters must not. */
void text_clean(struct text *text, const char *words, size_t len);

/* Breaks at spaces; first is the column where the text starts, indent where the next lines do. */
void text_wrap(struct text *text, const char *words, unsigned first, unsigned indent);
void text_say(struct text *text, unsigned indent, const char *format, ...)
	__attribute__((__format__(__printf__, 3, 4)));

/* These live as long as the rendering. "3.4 MiB", whole units without a fraction; "3 errors". */
const char *text_size(struct text *text, uint64_t bytes);
const char *text_plural(struct text *text, uint64_t count, const char *noun);
/* The end of a path says more than its start. */
const char *text_short_path(struct text *text, const char *path, unsigned room);
const char *text_place(struct text *text, const struct place *place, bool with_folder);

void text_memory(struct text *text, struct report *report);
void text_coverage(struct text *text, const struct report *report,
		   const struct report_counts *counts);
void text_processes(struct text *text, const struct report *report);

#endif
