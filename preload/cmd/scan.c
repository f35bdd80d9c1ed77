/* SPDX-License-Identifier: MIT */
/* scan.c - `nommu scan`: options, the scan, the report, the exit status. */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/say.h"
#include "render/render.h"
#include "scan/scan.h"

struct request {
	struct scan_options scan;
	const char *format, *output;
	int fail_on; /* enum rule_severity, or -1 never */
};

static const struct option table[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "libc", required_argument, NULL, 'l' },
	{ "image", required_argument, NULL, 'i' },
	{ "max-order", required_argument, NULL, 'm' },
	{ "root", required_argument, NULL, 'r' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "fail-on", required_argument, NULL, 'F' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"nommu scan [OPTIONS] PATH...   programs, libraries, folders, .deb packages, root file "
	"systems\n"
	"\n"
	"  -f, --format NAME     text, json, sarif, junit, html (default text)\n"
	"  -o, --output FILE     write there instead of to stdout; .json, .sarif, .xml and .html "
	"choose the format\n"
	"  -j, --jobs N          threads (default: one for each processor)\n"
	"      --root DIR        where libraries are looked for (default: the root that PATH is "
	"in)\n"
	"      --libc NAME       uclibc, uclibc-simple or musl (default uclibc)\n"
	"      --image MODEL     none, fdpic, pie, flat, flat-ram: what verdicts on size go by "
	"(default fdpic)\n"
	"      --max-order N     the largest block is 2^N pages (default 10)\n"
	"      --fail-on LEVEL   exit 3 if a finding is at least note, warning, error (default "
	"never)\n";

/* The options that run and audit have too are parsed by the same table. */
static int shared_option(struct request *request, enum conf_option option, const char *value)
{
	struct conf conf;
	char error[CONF_ERROR_SIZE];

	conf_defaults(&conf);
	if (conf_set(&conf, option, value, error)) {
		say("%s", error);
		return CMD_FAILED;
	}
	if (option == CONF_LIBC)
		request->scan.libc = conf.libc;
	else if (option == CONF_IMAGE)
		request->scan.image = conf.image;
	else
		request->scan.max_order = conf.max_order;
	return CMD_OK;
}

static int one_of(const char *option, const char *value, const char *const *names, size_t count,
		  int *index)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(value, names[i])) {
			*index = (int)i;
			return CMD_OK;
		}
	}
	say("%s %s is not known; see nommu scan --help", option, value);
	return CMD_FAILED;
}

static int take(struct request *request, int value)
{
	static const char *const formats[] = { "text", "json", "sarif", "junit", "html" };
	static const char *const levels[] = { "note", "warning", "error", "never" };
	int index = 0;
	char *end;
	long jobs;

	switch (value) {
	case 'f':
		request->format = optarg;
		return one_of("--format", optarg, formats, ARRAY_SIZE(formats), &index);
	case 'o':
		request->output = optarg;
		return CMD_OK;
	case 'r':
		request->scan.root = optarg;
		return CMD_OK;
	case 'l':
		return shared_option(request, CONF_LIBC, optarg);
	case 'i':
		return shared_option(request, CONF_IMAGE, optarg);
	case 'm':
		return shared_option(request, CONF_MAX_ORDER, optarg);
	case 'F':
		if (one_of("--fail-on", optarg, levels, ARRAY_SIZE(levels), &index))
			return CMD_FAILED;
		request->fail_on = index == 3 ? -1 : index;
		return CMD_OK;
	default:
		jobs = strtol(optarg, &end, 10);
		if (*end || jobs < 1 || jobs > 64) {
			say("--jobs %s: give a number from 1 to 64", optarg);
			return CMD_FAILED;
		}
		request->scan.jobs = (uint8_t)jobs;
		return CMD_OK;
	}
}

static int parse(int argc, char **argv, struct request *request)
{
	int value;

	scan_defaults(&request->scan);
	request->fail_on = -1;
	opterr = 0;
	optind = 1;
	while ((value = getopt_long(argc, argv, ":f:o:j:h", table, NULL)) != -1) {
		if (value == 'h') {
			fputs(help, stdout);
			exit(fflush(stdout) ? CMD_FAILED : CMD_OK);
		}
		if (value == '?' || value == ':')
			return cmd_bad_option(argv, value, "nommu scan --help");
		if (take(request, value))
			return CMD_FAILED;
	}
	if (optind == argc) {
		say("scan what? give programs, folders or packages; see nommu scan --help");
		return CMD_FAILED;
	}
	return CMD_OK;
}

static bool worth_failing(const struct scan_result *result, int level)
{
	for (size_t i = 0; level >= 0 && i < result->count; i++)
		for (const struct scan_finding *f = result->files[i]->findings; f; f = f->next)
			if ((int)f->severity >= level)
				return true;
	return false;
}

/* The formats that recordings have too are lib/render's: it takes the JSON, which says all. */
static int render_findings(enum report_format format, const struct scan_result *result, FILE *out)
{
	struct report_style style = { 0 };
	struct report *report = report_open();
	FILE *json = tmpfile();
	char path[64], error[REPORT_ERROR_SIZE] = "no memory or room for temporary files";
	int status = -1;

	if (report && json) {
		scan_json(result, json);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(json));
		style.title = "nommu scan";
		if (!fflush(json) && !report_add(report, path, error))
			status = render_report(report, format, out, &style, error);
	}
	if (status)
		say("%s", error);
	if (json)
		fclose(json);
	report_close(report);
	return status;
}

static int render(const struct request *request, const struct scan_result *result)
{
	FILE *out = request->output ? fopen(request->output, "we") : stdout;
	enum report_format format = REPORT_TEXT;
	bool bad = false;

	if (!out) {
		say("cannot write %s: %s", request->output, strerror(errno));
		return CMD_FAILED;
	}
	if (request->format)
		format = render_format_by_name(request->format);
	else if (request->output)
		format = render_format_by_ending(request->output);
	if (format == REPORT_JSON)
		scan_json(result, out);
	else if (format == REPORT_SARIF || format == REPORT_JUNIT || format == REPORT_HTML)
		bad = render_findings(format, result, out) != 0;
	else
		scan_text(result, out,
			  !request->output && isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
	if (ferror(out) | (request->output ? fclose(out) : fflush(out))) {
		say("cannot write %s: %s", request->output ? request->output : "to stdout",
		    strerror(errno));
		bad = true;
	}
	return bad ? CMD_FAILED : CMD_OK;
}

/*
 * A path that was named and is not there is a mistake, though the others are scanned: a typing
 * error in CI must show.
 */
static bool all_there(char *const *paths)
{
	bool all = true;
	struct stat st;

	for (; *paths; paths++) {
		if (stat(*paths, &st) == 0)
			continue;
		say("%s: %s", *paths, strerror(errno));
		all = false;
	}
	return all;
}

int cmd_scan(int argc, char **argv)
{
	struct request request = { 0 };
	struct scan_result result;
	int status = parse(argc, argv, &request);

	if (status)
		return status;
	request.scan.progress = isatty(STDERR_FILENO);
	if (scan_paths(&result, &request.scan, argv + optind, (size_t)(argc - optind))) {
		say("no memory or threads to scan with");
		status = CMD_FAILED;
	} else {
		status = render(&request, &result);
		if (!all_there(argv + optind))
			status = CMD_FAILED;
		if (!status && worth_failing(&result, request.fail_on))
			status = CMD_FINDINGS;
	}
	scan_free(&result);
	return status;
}
