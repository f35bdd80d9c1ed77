/* SPDX-License-Identifier: MIT */
/* posix_spawn, system and popen work, and their children are in the machine too. */
#include <spawn.h>

#include "probe.h"

int main(int argc, char **argv)
{
	char *args[] = { argv[0], "child", NULL };
	char *none[] = { NULL };
	char line[128];
	pid_t pid;
	FILE *pipe;

	if (argc > 1) {
		dprintf(1, "%s\n", anonymous(8 * MIB) == MAP_FAILED ? "covered" : "not covered");
		return 0;
	}
	/* Only after the child ended: it writes to the same stdout. */
	SHOW_NUMBER(posix_spawn(&pid, argv[0], NULL, NULL, args, none) ?: status_of(pid));
	SHOW_NUMBER(posix_spawnp(&pid, argv[0], NULL, NULL, args, none) ?: status_of(pid));
	SHOW_ERROR(posix_spawn(&pid, "/nowhere", NULL, NULL, args, none));
	clearenv();
	snprintf(line, sizeof line, "%s child", argv[0]);
	SHOW_NUMBER(system(line));
	pipe = popen(line, "r");
	dprintf(1, "popen: %s", pipe && fgets(line, sizeof line, pipe) ? line : "failed\n");
	SHOW_NUMBER(pclose(pipe));
	return 0;
}
