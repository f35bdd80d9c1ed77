/* SPDX-License-Identifier: MIT */
/* posix_spawn with attributes: uClibc-ng refuses the unsafe ones without USEVFORK among them. */
#include <signal.h>
#include <spawn.h>

#include "probe.h"

static char *args[] = { "true", NULL };
static char *none[] = { NULL };

static void spawn(const char *what, int flags)
{
	posix_spawnattr_t attributes;
	sigset_t signals;
	pid_t pid = 0;
	int error;

	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, (short)flags);
	error = posix_spawn(&pid, "/bin/true", NULL, &attributes, args, none);
	dprintf(1, "%s: %s\n", what, error ? strerrorname_np(error) : status_of(pid) ? "?" : "ok");
	posix_spawnattr_destroy(&attributes);
}

int main(void)
{
	spawn("no flags", 0);
	spawn("USEVFORK", POSIX_SPAWN_USEVFORK);
	spawn("SETSIGMASK", POSIX_SPAWN_SETSIGMASK);
	spawn("SETSIGDEF", POSIX_SPAWN_SETSIGDEF);
	spawn("SETPGROUP", POSIX_SPAWN_SETPGROUP);
	spawn("RESETIDS", POSIX_SPAWN_RESETIDS);
	spawn("SETPGROUP | USEVFORK", POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_USEVFORK);
	return 0;
}
