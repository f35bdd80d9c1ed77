/* SPDX-License-Identifier: MIT */
/*
 * launch_options.c - the options of run and audit:
 * from the environment first, then the command line.
 */
#include "cmd.h"
#include "launch.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/say.h"
#include "rules/rules.h"

#define MOST_OPTIONS 128 /* on one command line */
#define VALUE_HELP 1000	 /* getopt values below are enum conf_option */

struct given {
	enum conf_option option;
	const char *value;
};

static void fill_table(struct option *table)
{
	for (unsigned i = 0; i < CONF_OPTIONS; i++) {
		table[i].name = conf_options[i].name;
		table[i].has_arg = conf_options[i].argument ? required_argument : no_argument;
		table[i].val = (int)i;
	}
	table[CONF_OPTIONS].name = "help";
	table[CONF_OPTIONS].val = VALUE_HELP;
}

/* Collects the options before the program; optind is the program's place afterwards. */
static int collect(int argc, char **argv, struct given *given, unsigned *count, bool *done)
{
	struct option table[CONF_OPTIONS + 2] = { 0 };
	int value;

	fill_table(table);
	opterr = 0;
	optind = 1;
	while ((value = getopt_long(argc, argv, "+:h", table, NULL)) != -1) {
		if (value == VALUE_HELP || value == 'h') {
			printf("usage: nommu %s [OPTIONS] [--] PROGRAM [ARG...]\n\n", argv[0]);
			cmd_help_options();
			*done = true;
			return CMD_OK;
		}
		if (value == '?' || value == ':')
			return cmd_bad_option(argv, value, "nommu help options");
		if (*count == MOST_OPTIONS) {
			say("more than %d options", MOST_OPTIONS);
			return CMD_FAILED;
		}
		given[*count].option = (enum conf_option)value;
		given[*count].value = optarg;
		++*count;
	}
	return CMD_OK;
}

static int add_file(const char **list, unsigned *count, const char *name, const char *value)
{
	if (*count == LAUNCH_FILES) {
		say("--%s: at most %d files", name, LAUNCH_FILES);
		return CMD_FAILED;
	}
	list[(*count)++] = value;
	return CMD_OK;
}

static int set_fail_on(struct launch *l, const char *value)
{
	for (int level = SEVERITY_NOTE; level <= SEVERITY_ERROR; level++) {
		if (strcmp(value, rule_severity_name((enum rule_severity)level)) == 0) {
			l->fail_on = level;
			return CMD_OK;
		}
	}
	l->fail_on = -1;
	if (strcmp(value, "never") == 0)
		return CMD_OK;
	say("unknown --fail-on '%s'; it is one of: note warning error never", value);
	return CMD_FAILED;
}

/* What the launcher alone acts on. */
static int set_own(struct launch *l, enum conf_option option, const char *value)
{
	const char *name = conf_options[option].name;

	switch (option) {
	case CONF_REPORT:
		return add_file(l->report, &l->reports, name, value);
	case CONF_SUPPRESS:
		return add_file(l->suppress, &l->suppressed, name, value);
	case CONF_FAIL_ON:
		return set_fail_on(l, value);
	default:
		return CMD_OK;
	}
}

static int take(struct launch *l, enum conf_option option, const char *value)
{
	char error[CONF_ERROR_SIZE];

	if (conf_set(&l->conf, option, value, error)) {
		say("%s", error);
		return CMD_FAILED;
	}
	return set_own(l, option, value);
}

static int take_environment(struct launch *l)
{
	static const enum conf_option own[] = { CONF_REPORT, CONF_SUPPRESS, CONF_FAIL_ON };
	char error[CONF_ERROR_SIZE];
	int status = CMD_OK;

	if (conf_from_environment(&l->conf, environ, error)) {
		say("%s", error);
		return CMD_FAILED;
	}
	for (size_t i = 0; i < ARRAY_SIZE(own) && !status; i++) {
		const char *value = conf_env(environ, conf_options[own[i]].env);

		if (value && *value)
			status = set_own(l, own[i], value);
	}
	return status;
}

/* The preset first: single options change it, wherever they are on the line. */
static int take_given(struct launch *l, const struct given *given, unsigned count)
{
	int status = CMD_OK;

	for (int pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < count && !status; i++)
			if ((given[i].option == CONF_BOARD) == (pass == 0))
				status = take(l, given[i].option, given[i].value);
	return status;
}

/* The program may change its folder before the library looks for a file. */
static int make_absolute(char *path, const char *name, bool want_directory)
{
	char full[PATH_MAX];
	struct stat st;

	if (!realpath(path, full) || stat(full, &st) != 0) {
		say("--%s '%s': %s", name, path, strerrordesc_np(errno));
		return CMD_FAILED;
	}
	if (S_ISDIR(st.st_mode) != want_directory) {
		say("--%s '%s' is %s directory", name, path, want_directory ? "no" : "a");
		return CMD_FAILED;
	}
	if (strlen(full) >= CONF_PATH) {
		say("--%s: the path is longer than %d bytes", name, CONF_PATH - 1);
		return CMD_FAILED;
	}
	memcpy(path, full, strlen(full) + 1);
	return CMD_OK;
}

static int check_files(struct launch *l)
{
	int status = CMD_OK;

	if (l->conf.xip[0])
		status = make_absolute(l->conf.xip, "xip", true);
	for (unsigned i = 0; i < l->conf.devices && !status; i++)
		status = make_absolute(l->conf.device[i].path, "device", false);
	for (unsigned i = 0; i < l->suppressed && !status; i++) {
		if (access(l->suppress[i], R_OK) == 0)
			continue;
		say("--suppress '%s': %s", l->suppress[i], strerrordesc_np(errno));
		status = CMD_FAILED;
	}
	return status;
}

static int check_whole(struct launch *l)
{
	char error[CONF_ERROR_SIZE];
	struct sysinfo host;
	uint64_t memory;

	if (conf_finish(&l->conf, error)) {
		say("%s", error);
		return CMD_FAILED;
	}
	sysinfo(&host);
	memory = (uint64_t)host.totalram * host.mem_unit;
	if (l->conf.ram > memory) {
		say("--ram %luM is more than this machine has (%luM)",
		    (unsigned long)(l->conf.ram >> 20), (unsigned long)(memory >> 20));
		return CMD_FAILED;
	}
	return check_files(l);
}

int launch_options(struct launch *l, int argc, char **argv, bool *done)
{
	struct given given[MOST_OPTIONS];
	unsigned count = 0;
	int status = collect(argc, argv, given, &count, done);

	if (status || *done)
		return status;
	status = take_environment(l);
	if (!status)
		status = take_given(l, given, count);
	if (!status)
		status = check_whole(l);
	if (status)
		return status;
	if (optind == argc) {
		say("which program? nommu %s [OPTIONS] [--] PROGRAM [ARG...]", l->command);
		return CMD_FAILED;
	}
	l->argv = argv + optind;
	return CMD_OK;
}
