/* SPDX-License-Identifier: MIT */
/*
 * hook_daemon.c - what libc makes of fork: daemon, forkpty and wordexp. Whether they work is a
 * matter of the target's libc: uClibc-ng has versions on top of vfork, musl's fail with the error
 * of fork.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <wordexp.h>

#include "fork.h"
#include "guard.h"
#include "real.h"

#include "base/raw.h"

/* uClibc-ng's daemon() clones with shared memory and works; those of the others fork. */
static enum rule_id daemon_rule(void)
{
	switch (sys_conf()->libc) {
	case LIBC_UCLIBC:
	case LIBC_UCLIBC_SIMPLE:
		return RULE_DAEMON;
	default:
		return RULE_FORK;
	}
}

/* In the child; glibc's own order. */
static int detach(int nochdir, int noclose)
{
	int null;

	if (setsid() < 0 || (!nochdir && chdir("/") < 0))
		return -1;
	if (noclose)
		return 0;
	null = (int)raw_openat(AT_FDCWD, "/dev/null", O_RDWR, 0);
	if (null < 0)
		return (int)hook_answer(null);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		raw_close(null);
	return 0;
}

/* The child takes the parent's place, memory and all, and the parent goes away at once. */
static int become_daemon(int nochdir, int noclose)
{
	uint64_t mask = fork_begin(false);
	pid_t child = real.fork();

	fork_end(mask, child < 0 ? -errno : child, false);
	if (child < 0)
		return -1;
	if (child) {
		sys_exit(0);
		raw_call1(SYS_exit_group, 0);
	}
	return detach(nochdir, noclose);
}

nommu_export int daemon(int nochdir, int noclose)
{
	uint64_t site = HOOK_SITE;
	long refused;

	if (!guard_modelled(site, NOMMU_CALL_DAEMON, "daemon"))
		return real.daemon(nochdir, noclose);
	refused = sys_judge(site, NOMMU_CALL_DAEMON, ARGS(U(nochdir), U(noclose)), daemon_rule(),
			    NULL);
	return refused ? (int)hook_answer(refused) : become_daemon(nochdir, noclose);
}

nommu_export pid_t forkpty(int *master, char *name, const struct termios *attributes,
			   const struct winsize *size)
{
	uint64_t site = HOOK_SITE;
	uint64_t mask;
	long refused;
	pid_t child;

	if (!guard_modelled(site, NOMMU_CALL_FORKPTY, "forkpty"))
		return real.forkpty(master, name, attributes, size);
	refused = sys_judge(site, NOMMU_CALL_FORKPTY, ARGS(0), RULE_FORKPTY, NULL);
	if (refused)
		return (pid_t)hook_answer(refused);
	mask = fork_begin(false);
	child = real.forkpty(master, name, attributes, size);
	fork_end(mask, child < 0 ? -errno : child, false);
	return child;
}

static bool has_command(const char *words, int flags)
{
	return !(flags & WRDE_NOCMD) && (strstr(words, "$(") || strchr(words, '`'));
}

/*
 * uClibc-ng runs $(...) in a vfork child; musl hands all words to a shell, and it forks for that.
 */
nommu_export int wordexp(const char *words, wordexp_t *result, int flags)
{
	uint64_t site = HOOK_SITE;
	bool command = has_command(words, flags);

	if (!guard_modelled(site, NOMMU_CALL_WORDEXP, "wordexp"))
		return real.wordexp(words, result, flags);
	if ((command || sys_conf()->libc == LIBC_MUSL) && daemon_rule() == RULE_FORK &&
	    sys_judge(site, NOMMU_CALL_WORDEXP, ARGS(U(flags)), RULE_FORK, words))
		return WRDE_NOSPACE;
	return real.wordexp(words, result, flags);
}
