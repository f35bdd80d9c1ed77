/* SPDX-License-Identifier: MIT */
/*
 * What children do between vfork and exec: descriptors, signals, the directory, and refused calls.
 */
#include <signal.h>

#include "probe.h"

int main(void)
{
	int ends[2];
	char line[16] = "";
	pid_t pid;

	if (pipe(ends))
		return 1;
	pid = vfork();
	if (pid == 0) {
		struct sigaction action = { .sa_handler = SIG_DFL };

		sigaction(SIGPIPE, &action, NULL);
		dup2(ends[1], 1);
		close(ends[0]);
		if (chdir("/") || (anonymous(8 * MIB) == MAP_FAILED && errno != ENOMEM))
			_exit(1);
		execlp("pwd", "pwd", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	SHOW_NUMBER(status_of(pid));
	SHOW_NUMBER(read(ends[0], line, sizeof line));
	dprintf(1, "child in %s", line);
	return 0;
}
