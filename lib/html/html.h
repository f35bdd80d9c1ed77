/* SPDX-License-Identifier: MIT */
/* html.h - the report as one HTML page that needs nothing else. */
#ifndef NOMMU_HTML_HTML_H
#define NOMMU_HTML_HTML_H

#include "report/model.h"
#include "report/style.h"

/* Returns -1 if the stream failed. */
int html_render(struct report *report, FILE *out, const struct report_style *style);

#endif
