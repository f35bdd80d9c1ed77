/* SPDX-License-Identifier: MIT */
/* formats.h - the renderers, private to lib/render. Each returns -1 if the stream failed. */
#ifndef NOMMU_RENDER_FORMATS_H
#define NOMMU_RENDER_FORMATS_H

#include "fit/fit.h"
#include "report/model.h"
#include "report/style.h"

typedef int render_function(struct report *report, FILE *out, const struct report_style *style);
render_function text_render, json_render, sarif_render, junit_render, massif_render, folded_render;

void fit_text(const struct fit *fit, FILE *out, const struct report_style *style);
void fit_json(const struct fit *fit, FILE *out, const struct report_style *style);

#endif
