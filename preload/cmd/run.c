/* SPDX-License-Identifier: MIT */
/* run.c - `nommu run` and `nommu audit`: the order of things, see launch.h. */
#include "cmd.h"
#include "launch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "sys/sys.h"

/*
 * A descriptor that is closed at the start would be taken by the next file that is opened, and what
 * is meant for stderr would be written into it. The program still finds it closed.
 */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* One machine cannot hold another: the inner launcher's own memory is the outer one's business. */
static int refuse_nesting(void)
{
	const char *preload = getenv("LD_PRELOAD");

	if (!getenv("NOMMU_LEDGER") && !(preload && strstr(preload, "libnommu_preload.so")))
		return CMD_OK;
	say("already inside a machine without an MMU (NOMMU_LEDGER or LD_PRELOAD says so), and "
	    "they "
	    "cannot be nested; start nommu from outside, or clear both variables with env -u");
	return CMD_FAILED;
}

static int make_machine(struct launch *l)
{
	char error[CONF_ERROR_SIZE];

	/* Beyond ulimit -f an error is wanted, not the end. */
	l->file_size_signal = signal(SIGXFSZ, SIG_IGN);
	if (sys_create(&l->conf, l->ledger, error) == 0)
		return CMD_OK;
	say("%s", error);
	return CMD_FAILED;
}

static int launch(struct launch *l)
{
	int status;

	status = launch_program(l);
	if (!status)
		status = launch_arguments(l);
	if (!status)
		status = launch_library(l);
	if (!status)
		status = launch_outputs(l);
	if (!status)
		status = make_machine(l);
	if (status)
		return status;
	status = launch_process(l);
	if (!status)
		status = launch_result(l);
	sys_destroy();
	return status;
}

static int run(enum conf_mode mode, int argc, char **argv)
{
	static struct launch l; /* too large for a stack that may be small itself */
	bool done = false;
	int status;

	l.command = argv[0];
	l.fail_on = -1;
	conf_defaults(&l.conf);
	l.conf.mode = (uint8_t)mode;
	hold_standard_descriptors();
	status = launch_options(&l, argc, argv, &done);
	if (status || done)
		return status;
	status = refuse_nesting();
	if (!status)
		status = launch(&l);
	launch_clean(&l);
	return status;
}

int cmd_run(int argc, char **argv)
{
	return run(MODE_RUN, argc, argv);
}

int cmd_audit(int argc, char **argv)
{
	return run(MODE_AUDIT, argc, argv);
}
