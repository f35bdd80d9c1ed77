/* SPDX-License-Identifier: MIT */
/*
 * hook_spawn.c - children that libc starts: posix_spawn, system and popen work without an MMU,
 * because they are made of vfork. The library goes along with each.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>

#include "environment.h"
#include "find.h"
#include "guard.h"
#include "real.h"

#include "base/types.h"

/* uClibc-ng's posix_spawn answers ENOSYS to these without POSIX_SPAWN_USEVFORK. */
#define UNSAFE                                                                                     \
	(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSCHEDPARAM |              \
	 POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_RESETIDS)

#define SHELL "/bin/sh" /* of system and popen */

typedef int spawn_call(pid_t *, const char *, const posix_spawn_file_actions_t *,
		       const posix_spawnattr_t *, char *const *, char *const *);

/* One posix_spawn, as the program asked for it. */
struct spawn {
	uint64_t site;
	pid_t *pid;
	const char *path;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attributes;
	char *const *argv;
	char *const *envp;
};

/* 0, or the error that the target's libc answers. */
static int refuse_attributes(const struct spawn *spawn)
{
	short flags = 0;

	if (!spawn->attributes || sys_conf()->libc > LIBC_UCLIBC_SIMPLE)
		return 0;
	posix_spawnattr_getflags(spawn->attributes, &flags);
	if (!(flags & UNSAFE) || (flags & POSIX_SPAWN_USEVFORK))
		return 0;
	return (int)-sys_refuse(spawn->site, NOMMU_CALL_POSIX_SPAWN, ARGS(U(spawn->path), U(flags)),
				RULE_SPAWN_ATTRIBUTES, spawn->path, -ENOSYS);
}

static void expect(pid_t pid, const char *file)
{
	char path[FIND_PATH];

	sys_expect_child(pid, file, sys_why_lost(find_program(file, path)));
}

static int carry_out(const struct spawn *spawn, const char *name, spawn_call *call)
{
	bool modelled = guard_modelled(spawn->site, NOMMU_CALL_POSIX_SPAWN, name);
	struct environment environment;
	pid_t pid = 0;
	int result = modelled ? refuse_attributes(spawn) : 0;

	if (result)
		return result;
	environment = environment_for_child(spawn->envp);
	result = call(&pid, spawn->path, spawn->actions, spawn->attributes, spawn->argv,
		      environment.list);
	environment_drop(&environment);
	if (result)
		return result;
	if (modelled)
		expect(pid, spawn->path);
	if (spawn->pid)
		*spawn->pid = pid;
	return 0;
}

nommu_export int posix_spawn(pid_t *pid, const char *path,
			     const posix_spawn_file_actions_t *actions,
			     const posix_spawnattr_t *attributes, char *const argv[],
			     char *const envp[])
{
	struct spawn spawn = { HOOK_SITE, pid, path, actions, attributes, argv, envp };

	return carry_out(&spawn, "posix_spawn", real.posix_spawn);
}

nommu_export int posix_spawnp(pid_t *pid, const char *file,
			      const posix_spawn_file_actions_t *actions,
			      const posix_spawnattr_t *attributes, char *const argv[],
			      char *const envp[])
{
	struct spawn spawn = { HOOK_SITE, pid, file, actions, attributes, argv, envp };

	return carry_out(&spawn, "posix_spawnp", real.posix_spawnp);
}

/*
 * libc starts the shell by itself: it finds the library in our own environment, or cannot have it.
 */
static void expect_shell(void)
{
	enum nommu_lost why = sys_why_lost(SHELL);

	environment_restore();
	if (why != NOMMU_LOST_UNKNOWN)
		sys_lost(SHELL, why);
}

nommu_export int system(const char *command)
{
	if (guard_modelled(HOOK_SITE, NOMMU_CALL_SYSTEM, "system") && command)
		expect_shell();
	return real.system(command);
}

nommu_export FILE *popen(const char *command, const char *type)
{
	if (guard_modelled(HOOK_SITE, NOMMU_CALL_POPEN, "popen"))
		expect_shell();
	return real.popen(command, type);
}
