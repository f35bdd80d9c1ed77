/* SPDX-License-Identifier: MIT */
/*
 * cmd.h - the `nommu` program: one function for each command, and what the commands share. A
 * command gets its own name as argv[0] and returns the exit status. Messages go to stderr through
 * say() of base/say.h; only explain, maps, help and the reports that were asked for write to
 * stdout.
 */
#ifndef NOMMU_CMD_H
#define NOMMU_CMD_H

/* As env(1) and timeout(1) have them; a program's own status otherwise. */
enum cmd_status {
	CMD_OK = 0,
	CMD_FINDINGS = 3,	  /* by --fail-on only, where the program itself ended with 0 */
	CMD_FAILED = 125,	  /* nommu itself failed, or was called wrongly */
	CMD_NOT_EXECUTABLE = 126, /* the program is there and cannot be started */
	CMD_NOT_FOUND = 127,
	CMD_SIGNAL = 128, /* + number of the signal that ended the program */
};

int cmd_run(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_fit(int argc, char **argv);
int cmd_maps(int argc, char **argv);
int cmd_explain(int argc, char **argv);

/*
 * Says what is wrong where getopt_long returned value ('?'
 * or ':'), and which help to see; returns CMD_FAILED.
 */
int cmd_bad_option(char *const *argv, int value, const char *help);

/* Prints the options of `nommu run` and `nommu audit`, the boards included, to stdout. */
void cmd_help_options(void);

/* Prints the table of the rules to stdout. */
void cmd_help_rules(void);

/* Prints text to stdout, wrapped to 80 columns, every line behind `indent` spaces but the first. */
void cmd_wrap(unsigned indent, const char *text);

#endif
