/* SPDX-License-Identifier: MIT */
/*
 * 33_daemon.c - a server that goes to the background.
 * Run: nommu audit build/examples/33_daemon before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	/* works with uClibc-ng, whose daemon() needs no fork; musl's fails */
	return daemon(1, 1) == 0;
}
/* end of before */

/* after */
static bool after(void)
{
	/* the server stays in the foreground: who wants it in the background starts it so */
	char *argv[] = { "true", "--foreground", NULL };
	posix_spawnattr_t attributes;
	int status;
	pid_t server;

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	errno = posix_spawn(&server, "/bin/true", NULL, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	return errno == 0 && waitpid(server, &status, 0) == server && status == 0;
}
/* end of after */
