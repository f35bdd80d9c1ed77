/* SPDX-License-Identifier: MIT */
/* render.c - which renderer makes which format, and what a terminal can show. */
#include "render/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "html/html.h"
#include "render/formats.h"

static const struct {
	const char *name;
	const char *ending;
	render_function *render;
} formats[REPORT_FORMATS] = {
	[REPORT_TEXT] = { "text", ".txt", text_render },
	[REPORT_JSON] = { "json", ".json", json_render },
	[REPORT_SARIF] = { "sarif", ".sarif", sarif_render },
	[REPORT_JUNIT] = { "junit", ".xml", junit_render },
	[REPORT_HTML] = { "html", ".html", html_render },
	[REPORT_MASSIF] = { "massif", ".massif", massif_render },
	[REPORT_FOLDED] = { "folded", ".folded", folded_render },
};

int render_report(struct report *report, enum report_format format, FILE *out,
		  const struct report_style *style, char *error)
{
	static const struct report_style plain;

	if (format >= REPORT_FORMATS || !formats[format].render) {
		snprintf(error, REPORT_ERROR_SIZE, "there is no such format");
		return -1;
	}
	report_finish(report);
	errno = 0;
	if (formats[format].render(report, out, style ? style : &plain) || fflush(out) ||
	    ferror(out)) {
		snprintf(error, REPORT_ERROR_SIZE, "the report could not be written: %s",
			 errno ? strerror(errno) : "unknown error");
		return -1;
	}
	return 0;
}

int render_fit(struct report *report, enum report_format format, FILE *out,
	       const struct report_style *style, struct fit_found *found, char *error)
{
	static const struct report_style plain;
	struct fit fit;

	if (format != REPORT_TEXT && format != REPORT_JSON) {
		snprintf(error, REPORT_ERROR_SIZE, "fit writes text or json");
		return -1;
	}
	if (fit_search(&fit, report, error))
		return -1;
	if (format == REPORT_JSON)
		fit_json(&fit, out, style ? style : &plain);
	else
		fit_text(&fit, out, style ? style : &plain);
	fit_close(&fit);
	if (found)
		*found = fit.found;
	if (fflush(out) || ferror(out)) {
		snprintf(error, REPORT_ERROR_SIZE, "the answer could not be written");
		return -1;
	}
	return 0;
}

enum report_format render_format_by_ending(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (unsigned i = 0; dot && i < REPORT_FORMATS; i++)
		if (formats[i].ending && strcmp(dot, formats[i].ending) == 0)
			return (enum report_format)i;
	return REPORT_FORMATS;
}

enum report_format render_format_by_name(const char *name)
{
	for (unsigned i = 0; i < REPORT_FORMATS; i++)
		if (formats[i].name && strcmp(name, formats[i].name) == 0)
			return (enum report_format)i;
	return REPORT_FORMATS;
}

void render_style_for(struct report_style *style, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	const char *columns = getenv("COLUMNS");
	unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
	struct winsize size;
	int fd = fileno(out);

	style->color = false;
	style->width = 80;
	if (fd < 0 || !isatty(fd))
		return;
	style->color = !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
	if (!width && !ioctl(fd, TIOCGWINSZ, &size))
		width = size.ws_col;
	if (width) /* lines longer than 120 are hard to read */
		style->width = width < 120 ? (unsigned)width : 120;
}
