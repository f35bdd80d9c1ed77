/* SPDX-License-Identifier: MIT */
/* fit.c - nommu fit: the smallest machine in which a recorded run would have succeeded. */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "progress.h"
#include "render/render.h"

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },	    { "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("Usage: nommu fit [OPTIONS] RECORDING...\n"
	     "\n"
	     "Replays what the run took and gave back, and what it was refused, on the page\n"
	     "allocator with less RAM and smaller blocks. Names the smallest RAM (to 64 KiB)\n"
	     "and the smallest max-order that would have done, and what is in the way below.\n"
	     "Of several recordings it takes the one that needed most.\n"
	     "\n"
	     "  -f, --format NAME  text or json\n"
	     "  -o, --output FILE  write to FILE instead of standard output\n"
	     "  -q, --quiet        no progress bar\n"
	     "  -v, --verbose      how many replays, and how fast");
}

static int write_fit(struct report *report, enum report_format format, const char *path,
		     struct report_style *style)
{
	char error[REPORT_ERROR_SIZE];
	FILE *out = path ? fopen(path, "we") : stdout;
	int result;

	if (!out) {
		say("%s cannot be written: %s", path, strerrordesc_np(errno));
		return CMD_FAILED;
	}
	render_style_for(style, out);
	result = render_fit(report, format, out, style, NULL, error);
	if (result)
		say("fit: %s", error);
	if (out != stdout && fclose(out) && !result) {
		say("%s cannot be written: %s", path, strerrordesc_np(errno));
		result = -1;
	}
	return result ? CMD_FAILED : CMD_OK;
}

static int fit_all(char **paths, enum report_format format, const char *output,
		   struct report_style *style)
{
	struct report *report = report_open();
	char error[REPORT_ERROR_SIZE];
	struct progress progress;
	int result = report ? 0 : -1;

	if (report)
		progress_start(&progress, report, style->quiet);
	for (; !result && *paths; paths++) {
		result = report_add(report, *paths, error);
	}
	if (result)
		say("%s", report ? error : "no memory");
	result = result ? CMD_FAILED : write_fit(report, format, output, style);
	report_close(report);
	return result;
}

int cmd_fit(int argc, char **argv)
{
	struct report_style style = { .color = false };
	enum report_format format = REPORT_FORMATS;
	const char *output = NULL;
	int option;

	opterr = 0;
	optind = 0; /* getopt may have been used before */
	while ((option = getopt_long(argc, argv, ":f:o:qvh", long_options, NULL)) != -1) {
		switch (option) {
		case 'f':
			format = render_format_by_name(optarg);
			if (format == REPORT_TEXT || format == REPORT_JSON)
				break;
			say("fit: --format takes text or json, not '%s'", optarg);
			return CMD_FAILED;
		case 'o':
			output = optarg;
			break;
		case 'q':
			style.quiet = true;
			break;
		case 'v':
			style.verbose = true;
			break;
		case 'h':
			print_help();
			return CMD_OK;
		default:
			return cmd_bad_option(argv, option, "nommu fit --help");
		}
	}
	if (optind == argc) {
		say("fit: which recording? See nommu fit --help");
		return CMD_FAILED;
	}
	if (format == REPORT_FORMATS)
		format = output ? render_format_by_ending(output) : REPORT_TEXT;
	return fit_all(argv + optind, format, output, &style);
}
