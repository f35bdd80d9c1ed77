/* SPDX-License-Identifier: MIT */
/* main.c - the `nommu` program: which command, and the help that is printed from the tables. */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/say.h"

struct command {
	const char *name;
	int (*function)(int argc, char **argv);
	const char *arguments; /* as the usage line shows them */
	const char *summary;
};

static const struct command commands[] = {
	{ "run", cmd_run, "[OPTIONS] [--] PROGRAM [ARG...]",
	  "run a program as on a machine without an MMU: refused calls fail" },
	{ "audit", cmd_audit, "[OPTIONS] [--] PROGRAM [ARG...]",
	  "run it with the host's answers and report everything that would fail" },
	{ "scan", cmd_scan, "[OPTIONS] PATH...",
	  "look at ELF files, folders and root file systems without running them" },
	{ "report", cmd_report, "[OPTIONS] RECORDING...", "render, merge or compare recordings" },
	{ "fit", cmd_fit, "[OPTIONS] RECORDING",
	  "find the smallest RAM in which the recorded run would have succeeded" },
	{ "maps", cmd_maps, "[RUN]", "show the mappings of a live run and the free lists" },
	{ "explain", cmd_explain, "[RULE]", "say what a rule means and how to write it portably" },
};

static void print_usage(void)
{
	puts("nommu: a machine without an MMU, in front of any program\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		printf("  nommu %-7s %s\n", commands[i].name, commands[i].arguments);
		printf("                %s\n", commands[i].summary);
	}
	puts("\n  nommu help options    the options of run and audit, and the boards\n"
	     "  nommu help rules      every rule, with what each profile answers\n"
	     "  nommu COMMAND --help  the options of a command\n"
	     "  nommu --version\n"
	     "\n"
	     "Exit status: the program's own; 125 nommu failed, 126 not executable, 127 not "
	     "found,\n"
	     "128+N ended by signal N, 3 by --fail-on. The manual page is nommu(1).");
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		print_usage();
		return CMD_OK;
	}
	if (strcmp(argv[1], "options") == 0) {
		cmd_help_options();
		return CMD_OK;
	}
	if (strcmp(argv[1], "rules") == 0) {
		cmd_help_rules();
		return CMD_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			char option[] = "--help";
			char *args[] = { argv[1], option, NULL };

			return commands[i].function(2, args);
		}
	}
	say("no help on '%s'; try nommu help options, nommu help rules, or nommu COMMAND --help",
	    argv[1]);
	return CMD_FAILED;
}

/* A reader that went away or a full disk must not look like success. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say("cannot write to standard output");
	return status ? status : CMD_FAILED;
}

int cmd_bad_option(char *const *argv, int value, const char *help)
{
	const char *option = argv[optind - 1];
	char letter[] = { '-', (char)optopt, '\0' };

	if (strncmp(option, "--", 2) != 0) /* a letter, perhaps in the middle of some */
		option = letter;
	if (value == ':')
		say("option %s needs a value; see %s", option, help);
	else if (strchr(option, '=') && optopt)
		say("option %s takes no value; see %s", option, help);
	else
		say("unknown option %s; see %s", option, help);
	return CMD_FAILED;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		say("what to do? nommu run PROGRAM, nommu audit PROGRAM, ... see nommu --help");
		return CMD_FAILED;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("nommu " NOMMU_VERSION);
		return finish(CMD_OK);
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return finish(help(argc - 1, argv + 1));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return finish(commands[i].function(argc - 1, argv + 1));
	say("unknown command '%s'; see nommu --help", argv[1]);
	return CMD_FAILED;
}
