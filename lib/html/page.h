/* SPDX-License-Identifier: MIT */
/*
 * page.h - between the parts of the HTML report: html.c writes the page, data.c and
 * memory.c the data that the page's script shows. Texts and places are numbered, so that
 * ten thousand findings stay small.
 */
#ifndef NOMMU_HTML_PAGE_H
#define NOMMU_HTML_PAGE_H

#include "kit/emit.h"
#include "report/model.h"
#include "report/style.h"

struct html {
	struct emit emit;
	struct report *report;
	const struct report_style *style;
	struct pool pool;
	struct table texts, places, excerpts; /* numbers by hash */
	const char **text;		      /* by number */
	uint32_t text_count, text_room;
	struct place **place;
	uint32_t place_count, place_room;
	struct place **excerpt;
	uint32_t excerpt_count, excerpt_room;
};

/* Writes the one JSON object of the page; html_memory() its members about memory. */
void html_data(struct html *html);
void html_memory(struct html *html);

/* The same in plain HTML, shortened. */
void html_static(struct html *html);

/* The number that stands for a place in the data. */
uint32_t html_place(struct html *html, struct place *place);

extern const char html_page_css[], html_page_js[];

#endif
