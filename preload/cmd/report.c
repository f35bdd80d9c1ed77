/* SPDX-License-Identifier: MIT */
/* report.c - nommu report: options in, lib/report and lib/render do the work, exit code out. */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/say.h"
#include "progress.h"
#include "render/render.h"

#define FAIL_NEVER 99

struct options {
	const char *format, *output, *accept, *fail_on, *view;
	char *compare;
	struct report_style style;
	int level; /* of fail_on */
};

enum {
	OPT_COMPARE = 256,
	OPT_ACCEPT,
	OPT_SUPPRESS,
	OPT_FAIL_ON,
	OPT_VIEW,
	OPT_ROOT,
	OPT_DEBUG_PATH,
	OPT_TITLE,
};

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "compare", required_argument, NULL, OPT_COMPARE },
	{ "accept", required_argument, NULL, OPT_ACCEPT },
	{ "suppress", required_argument, NULL, OPT_SUPPRESS },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "view", required_argument, NULL, OPT_VIEW },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "debug-path", required_argument, NULL, OPT_DEBUG_PATH },
	{ "title", required_argument, NULL, OPT_TITLE },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("Usage: nommu report [OPTIONS] FILE...\n"
	     "\n"
	     "Renders recordings, JSON reports and JSON scan results; several are merged into "
	     "one.\n"
	     "\n"
	     "  -f, --format NAME  text, json, sarif, junit, html, massif, folded\n"
	     "                     (else by the ending of -o, else text)\n"
	     "  -o, --output FILE  write to FILE instead of standard output\n"
	     "  --compare OLD      say what is new, fixed and unchanged since OLD\n"
	     "  --suppress FILE    accepted findings: RULE MODULE FUNCTION on each line\n"
	     "  --accept FILE      write such a list of all findings (- is standard output)\n"
	     "  --fail-on LEVEL    exit 3 on a finding of at least note, warning, error; never;\n"
	     "                     with --compare only new findings count\n"
	     "  --view NAME        of folded stacks: bytes, waste, refusals\n"
	     "  --root DIR         show sources below DIR relative to it (current directory)\n"
	     "  --debug-path DIRS  look for separate debug files there too\n"
	     "  --title TEXT       first line of the report\n"
	     "  -q, --quiet        verdict and findings only\n"
	     "  -v, --verbose      whole stacks, arguments, every process");
}

static int usage(const char *what, const char *value)
{
	say("report: %s '%s'; see nommu report --help", what, value);
	return CMD_FAILED;
}

static int parse_level(const char *name)
{
	for (unsigned i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++)
		if (strcmp(name, rule_severity_name(i)) == 0)
			return (int)i;
	return strcmp(name, "never") == 0 ? FAIL_NEVER : -1;
}

static int parse_view(const char *name)
{
	static const char *const names[] = { "bytes", "waste", "refusals" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return -1;
}

static int take_option(struct options *options, struct report *report, int option, char *error)
{
	int value;

	switch (option) {
	case 'f':
		options->format = optarg;
		return render_format_by_name(optarg) == REPORT_FORMATS
			       ? usage("there is no format", optarg)
			       : 0;
	case 'o':
		options->output = optarg;
		return 0;
	case OPT_COMPARE:
		options->compare = optarg;
		return 0;
	case OPT_ACCEPT:
		options->accept = optarg;
		return 0;
	case OPT_SUPPRESS:
		if (!report_suppress(report, optarg, error))
			return 0;
		say("%s", error);
		return CMD_FAILED;
	case OPT_FAIL_ON:
		options->level = parse_level(optarg);
		return options->level < 0
			       ? usage("--fail-on takes note, warning, error or never, not", optarg)
			       : 0;
	case OPT_VIEW:
		value = parse_view(optarg);
		options->style.view = (enum report_view)(value < 0 ? 0 : value);
		return value < 0 ? usage("--view takes bytes, waste or refusals, not", optarg) : 0;
	case OPT_ROOT:
		options->style.root = optarg;
		return 0;
	case OPT_DEBUG_PATH:
		return report_debug_path(report, optarg) ? CMD_FAILED : 0;
	case OPT_TITLE:
		options->style.title = optarg;
		return 0;
	case 'q':
		options->style.quiet = true;
		return 0;
	case 'v':
		options->style.verbose = true;
		return 0;
	default:
		return CMD_FAILED;
	}
}

static int add_all(struct options *options, struct report *report, char **paths, char *error)
{
	struct progress progress;
	int result = 0;

	progress_start(&progress, report, options->style.quiet);
	for (; *paths && !result; paths++)
		result = report_add(report, *paths, error);
	progress_end(&progress);
	report_on_progress(report, NULL, NULL);
	if (result)
		say("%s", error);
	return result ? CMD_FAILED : 0;
}

static int open_output(const char *path, FILE **out)
{
	*out = !path || strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (*out)
		return 0;
	say("%s cannot be written: %s", path, strerrordesc_np(errno));
	return CMD_FAILED;
}

static int close_output(const char *path, FILE *out, int result, const char *error)
{
	if (out != stdout && fclose(out))
		result = -1;
	if (result)
		say("%s: %s", path ? path : "standard output", error);
	return result ? CMD_FAILED : 0;
}

static int write_accepted(const struct options *options, struct report *report)
{
	FILE *out;

	if (open_output(options->accept, &out))
		return CMD_FAILED;
	return close_output(options->accept, out, report_accept(report, out), "cannot be written");
}

static int write_report(struct options *options, struct report *report)
{
	char error[REPORT_ERROR_SIZE] = "cannot be written";
	enum report_format format = REPORT_TEXT;
	FILE *out;
	int result;

	if (options->format)
		format = render_format_by_name(options->format);
	else if (options->output)
		format = render_format_by_ending(options->output);
	if (format == REPORT_FORMATS)
		return usage("no --format, and no format has the ending of", options->output);
	if (open_output(options->output, &out))
		return CMD_FAILED;
	render_style_for(&options->style, out);
	result = render_report(report, format, out, &options->style, error);
	return close_output(options->output, out, result, error);
}

static int compare_and_write(struct options *options, struct report *report, struct report *old,
			     char **paths)
{
	char error[REPORT_ERROR_SIZE];
	int result = add_all(options, report, paths, error);

	if (!result && options->compare) {
		result = add_all(options, old, (char *[]){ options->compare, NULL }, error);
		if (!result)
			report_compare(report, old);
	}
	if (!result && options->accept)
		result = write_accepted(options, report);
	if (!result && (!options->accept || options->format || options->output))
		result = write_report(options, report);
	if (!result && report_worst(report) >= options->level)
		result = CMD_FINDINGS;
	return result;
}

int cmd_report(int argc, char **argv)
{
	struct report *report = report_open(), *old = report_open();
	struct options options = { .level = FAIL_NEVER };
	char error[REPORT_ERROR_SIZE];
	int option, result = report && old ? 0 : CMD_FAILED;

	opterr = 0;
	optind = 0; /* getopt may have been used before */
	while (!result &&
	       (option = getopt_long(argc, argv, ":f:o:qvh", long_options, NULL)) != -1) {
		if (option == 'h') {
			print_help();
			goto out;
		}
		result = option == '?' || option == ':'
				 ? cmd_bad_option(argv, option, "nommu report --help")
				 : take_option(&options, report, option, error);
	}
	if (!result && optind == argc) {
		say("report: which recording? See nommu report --help");
		result = CMD_FAILED;
	}
	if (!result)
		result = compare_and_write(&options, report, old, argv + optind);
out:
	report_close(report);
	report_close(old);
	return result;
}
