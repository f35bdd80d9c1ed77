/* SPDX-License-Identifier: MIT */
/*
 * launch_result.c - what is written before and after the run: the recording, the reports, and what
 * must be said of processes that escaped. The exit status is the program's own, with the exceptions
 * of DESIGN.
 */
#include "cmd.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nommu/recording.h>

#include "base/compiler.h"
#include "base/say.h"
#include "rules/rules.h"
#include "sys/sys.h"

/* Opens it for writing and leaves what it holds alone; a file that was not there is gone again. */
static int try_output(const char *option, const char *path)
{
	bool existed = access(path, F_OK) == 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);

	if (fd < 0) {
		say("--%s '%s' cannot be written: %s", option, path, strerrordesc_np(errno));
		return CMD_FAILED;
	}
	close(fd);
	if (!existed)
		unlink(path);
	return CMD_OK;
}

/* Processes of the run may work in other folders. */
static int make_record_absolute(struct launch *l)
{
	char folder[PATH_MAX];
	char path[CONF_PATH];

	if (l->conf.record[0] == '/')
		return CMD_OK;
	if (!getcwd(folder, sizeof folder)) {
		say("--record '%s': the current folder has no path: %s", l->conf.record,
		    strerrordesc_np(errno));
		return CMD_FAILED;
	}
	if (strlen(folder) + 1 + strlen(l->conf.record) < sizeof path) {
		say_format(path, sizeof path, "%s/%s", folder, l->conf.record);
		memcpy(l->conf.record, path, sizeof path);
		return CMD_OK;
	}
	say("--record '%s': the path is longer than %d bytes", l->conf.record, CONF_PATH - 1);
	return CMD_FAILED;
}

static bool wants_report(const struct launch *l)
{
	return l->conf.mode == MODE_AUDIT || l->reports || l->fail_on >= 0;
}

int launch_outputs(struct launch *l)
{
	int status = launch_report_names(l);

	for (unsigned i = 0; i < l->reports && !status; i++)
		status = try_output("report", l->report[i]);
	if (status)
		return status;
	if (l->conf.record[0]) {
		l->keep_recording = true;
		status = make_record_absolute(l);
		return status ? status : try_output("record", l->conf.record);
	}
	if (!wants_report(l))
		return CMD_OK;
	status = launch_scratch(l);
	if (!status)
		say_format(l->conf.record, sizeof l->conf.record, "%s/recording", l->scratch);
	return status;
}

static int program_status(const struct launch *l)
{
	if (WIFSIGNALED(l->status))
		return CMD_SIGNAL + WTERMSIG(l->status);
	return WEXITSTATUS(l->status);
}

/* Nobody joined: the library was never in the program. */
static int say_not_covered(const struct launch *l)
{
	if (WIFSIGNALED(l->status)) {
		say("'%s' was ended by signal %d before the library was in it", l->path,
		    WTERMSIG(l->status));
		return program_status(l);
	}
	say("'%s' ran without the library: its loader did not take %s in (secure execution, or a "
	    "loader that ignores LD_PRELOAD); nothing was modelled",
	    l->path, l->library);
	return CMD_FAILED;
}

/* Only where nobody reads a report of it. */
static void say_lost(const struct sys_figures *figures)
{
	if (figures->lost)
		say("%lu %s ran without the library: not in the account",
		    (unsigned long)figures->lost, figures->lost == 1 ? "process" : "processes");
}

/*
 * Programs that do not expect a refusal often end by a signal, and say nothing of why. An image
 * that did not fit has had its line.
 */
static void say_signal(const struct launch *l, const struct sys_figures *figures)
{
	int sig = WTERMSIG(l->status);
	const char *name = sigabbrev_np(sig);

	if (!WIFSIGNALED(l->status) || !figures->errors ||
	    figures->last_error == RULE_IMAGE_TOO_LARGE)
		return;
	say("'%s' was ended by SIG%s after %lu refused %s, the last by %s (%s); nommu audit says "
	    "where",
	    l->path, name ? name : "?", (unsigned long)figures->errors,
	    figures->errors == 1 ? "call" : "calls", rule_get(figures->last_error)->name,
	    figures->last_errno ? strerrorname_np(figures->last_errno) : "no errno");
}

/* A recording that nobody reads here may be incomplete, which is not seen from its size. */
static void say_incomplete(const struct launch *l)
{
	struct nommu_recording_header head;
	int fd = open(l->conf.record, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && pread(fd, &head, sizeof head, 0) == sizeof head && head.lost)
		say("%lu records did not fit into %s: the disk is full, or a file may not be as "
		    "large",
		    (unsigned long)head.lost, l->conf.record);
	if (fd >= 0)
		close(fd);
}

int launch_result(struct launch *l)
{
	struct sys_figures figures;
	int status = program_status(l);
	int reported;

	sys_waited(l->pid, status);
	sys_reap();
	sys_figures(&figures);
	if (!figures.attached)
		return say_not_covered(l);
	if (l->conf.mode == MODE_RUN && !l->reports) {
		say_lost(&figures);
		say_signal(l, &figures);
	}
	if (!wants_report(l)) {
		if (l->keep_recording)
			say_incomplete(l);
		return status;
	}
	reported = launch_report(l);
	if (reported == CMD_FAILED || (reported == CMD_FINDINGS && status == 0))
		return reported;
	return status;
}
