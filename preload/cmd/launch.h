/* SPDX-License-Identifier: MIT */
/*
 * launch.h - the parts of `nommu run` and `nommu audit`, in the order in which run.c calls them:
 * options, program, library, machine, process, result. Everything that can be wrong is looked at
 * before anything is started. A part that fails has said why in one line and returns the exit
 * status of nommu; CMD_OK: go on.
 */
#ifndef NOMMU_LAUNCH_H
#define NOMMU_LAUNCH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"

#define LAUNCH_FILES 16		       /* most --report and --suppress files each */
#define LAUNCH_LEAST_STACK (64u << 10) /* smaller limits kill the loader or an interpreter */

struct launch {
	const char *command;		    /* "run" or "audit" */
	struct conf conf;		    /* what the machine is made from */
	const char *report[LAUNCH_FILES];   /* --report */
	const char *suppress[LAUNCH_FILES]; /* --suppress */
	unsigned reports;
	unsigned suppressed;
	int fail_on;		/* least enum rule_severity that fails, or -1 */
	char **argv;		/* of the program, from its name on */
	char path[PATH_MAX];	/* what is executed */
	const char *shell;	/* set: no ELF file and no #!, so this runs it, as execvp does */
	uint64_t stack;		/* main stack of the target */
	char sanitizer[32];	/* its library, if the program is built with one, or empty */
	char library[PATH_MAX]; /* what LD_PRELOAD is given */
	char scratch[CONF_PATH - 32];  /* private folder, removed at the end, or empty */
	bool keep_recording;	       /* --record */
	char ledger[CONF_PATH];	       /* what NOMMU_LEDGER is given */
	void (*file_size_signal)(int); /* what the program shall do on SIGXFSZ */
	pid_t pid;		       /* of the program */
	int status;		       /* as wait() gave it */
};

/* Fills in options from the environment, then the command line. *done: --help was printed. */
int launch_options(struct launch *launch, int argc, char **argv, bool *done);

/* Finds the program and makes sure that it can run under the library. */
int launch_program(struct launch *launch);

/* Bytes of the arguments and the environment that the program gets. */
uint64_t launch_argument_bytes(const struct launch *l);

/* What must be said of the stack: too small to enforce, or too small for the arguments. */
int launch_arguments(const struct launch *launch);

/* Finds the library beside the launcher, or in ../lib. */
int launch_library(struct launch *launch);

/* Makes the folder launch->scratch, at a path that LD_PRELOAD can hold. */
int launch_scratch(struct launch *launch);

/* Tries every file that will be written; *record is set to a temporary one where one is needed. */
int launch_outputs(struct launch *launch);

/* Starts the program, waits for it and hands on the signals that are meant for it. */
int launch_process(struct launch *launch);

/* Looks at what the machine has seen, writes the reports, and returns nommu's exit status. */
int launch_result(struct launch *launch);

/* Whether the endings of --report name formats. */
int launch_report_names(const struct launch *launch);

/* Writes the reports from the recording; CMD_FINDINGS where --fail-on says so. */
int launch_report(const struct launch *launch);

/* Removes what was made for the run only. */
void launch_clean(struct launch *launch);

#endif
