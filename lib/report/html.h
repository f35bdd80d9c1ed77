/* SPDX-License-Identifier: MIT */
/*
 * html.h - between the two halves of the HTML report: html.c writes the page, html_data.c the data
 * that the page's script shows. Texts and places are numbered, so that ten thousand findings stay
 * small.
 */
#ifndef NOMMU_REPORT_HTML_H
#define NOMMU_REPORT_HTML_H

#include "report/emit.h"
#include "report/model.h"

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

/* Writes the one JSON object of the page. */
void html_data(struct html *html);

extern const char html_page_css[], html_page_js[];

#endif
