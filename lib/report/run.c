/* SPDX-License-Identifier: MIT */
/* run.c - which recording is shown where there are several, and what it is called. */
#include "report/model.h"

#include <string.h>

const struct run *report_heaviest(const struct report *report)
{
	const struct run *heaviest = NULL;

	for (uint32_t i = 0; i < report->runs_count; i++)
		if (!heaviest || report->runs[i].peak_bytes > heaviest->peak_bytes)
			heaviest = &report->runs[i];
	return heaviest;
}

#define COMMAND_MAX 140

const char *run_command(struct pool *pool, const struct run *run)
{
	const char *command = run->command && *run->command ? run->command : run->path;
	size_t cut = COMMAND_MAX;

	if (strlen(command) <= COMMAND_MAX)
		return command;
	while (cut && ((unsigned char)command[cut] & 0xc0) == 0x80)
		cut--;
	return pool_format(pool, "%.*s ...", (int)cut, command);
}

const char *run_title(struct pool *pool, const struct run *run)
{
	return pool_format(pool, "nommu %s: %s",
			   run->from_json     ? "report"
			   : run->header.mode ? "audit"
					      : "run",
			   run_command(pool, run));
}
