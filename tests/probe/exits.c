/* SPDX-License-Identifier: MIT */
/* Every way out keeps its status, and works when stdio does not flush. Argument: which. */
#include <signal.h>
#include <sys/syscall.h>

#include "probe.h"

static void at_quick_exit_handler(void)
{
	dprintf(1, "at_quick_exit\n");
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "all";
	char command[256];

	if (!strcmp(how, "exit"))
		exit(3);
	if (!strcmp(how, "_exit"))
		_exit(4);
	if (!strcmp(how, "_Exit"))
		_Exit(5);
	if (!strcmp(how, "quick_exit")) {
		at_quick_exit(at_quick_exit_handler);
		quick_exit(6);
	}
	if (!strcmp(how, "syscall"))
		syscall(SYS_exit_group, 7);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "kill"))
		raise(SIGKILL);
	for (int i = 0; i < 7; i++) {
		static const char *const all[] = { "exit",    "_exit", "_Exit", "quick_exit",
						   "syscall", "abort", "kill" };

		snprintf(command, sizeof command, "%s %s 2>&-; echo %s $?", argv[0], all[i],
			 all[i]);
		if (system(command))
			return 1;
	}
	return 0;
}
