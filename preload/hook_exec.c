/* SPDX-License-Identifier: MIT */
/*
 * hook_exec.c - exec in all its spellings: the library goes along, and the machine learns that an
 * image ends. Each may be called by a vfork child, so nothing here allocates, and what is written
 * is on the stack.
 */
#include "exec.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "environment.h"
#include "find.h"
#include "guard.h"
#include "real.h"

#include "base/say.h"

static int call_execve(const struct exec *exec, char *const *envp)
{
	return real.execve(exec->path, exec->argv, envp);
}

static int call_execvpe(const struct exec *exec, char *const *envp)
{
	return real.execvpe(exec->path, exec->argv, envp);
}

static int call_execveat(const struct exec *exec, char *const *envp)
{
	return real.execveat(exec->dir, exec->path, exec->argv, envp, exec->flags);
}

static int call_fexecve(const struct exec *exec, char *const *envp)
{
	return real.fexecve(exec->dir, exec->argv, envp);
}

/* Why the next image may stay outside, for the coverage. */
static enum nommu_lost why_lost(const struct exec *exec)
{
	char path[FIND_PATH];

	if (exec->dir < 0)
		return sys_why_lost(find_program(exec->path, path));
	if (!exec->path)
		return NOMMU_LOST_UNKNOWN;
	if (exec->path[0] == '/')
		return sys_why_lost(exec->path);
	say_format(path, sizeof path, "/proc/self/fd/%d%s%s", exec->dir, *exec->path ? "/" : "",
		   exec->path);
	return sys_why_lost(path);
}

/* Comes back only if the exec failed, with errno as the call left it. */
static int carry_out(const struct exec *exec, int (*call)(const struct exec *, char *const *))
{
	bool active = guard_active();
	struct environment environment = environment_for_child(exec->envp);
	int result, error;

	if (active)
		sys_exec(exec->site, NOMMU_CALL_EXEC, exec->path, exec->stack_pointer,
			 why_lost(exec));
	result = call(exec, environment.list);
	error = errno;
	if (active)
		sys_exec_failed();
	environment_drop(&environment);
	hook_errno(error);
	return result;
}

int exec_execve(const struct exec *exec)
{
	return carry_out(exec, call_execve);
}

int exec_execveat(const struct exec *exec)
{
	return carry_out(exec, call_execveat);
}

nommu_export int execve(const char *path, char *const argv[], char *const envp[])
{
	return carry_out(EXEC(path, argv, envp, -1, 0), call_execve);
}

nommu_export int execv(const char *path, char *const argv[])
{
	return carry_out(EXEC(path, argv, environ, -1, 0), call_execve);
}

nommu_export int execvp(const char *file, char *const argv[])
{
	return carry_out(EXEC(file, argv, environ, -1, 0), call_execvpe);
}

nommu_export int execvpe(const char *file, char *const argv[], char *const envp[])
{
	return carry_out(EXEC(file, argv, envp, -1, 0), call_execvpe);
}

nommu_export int execveat(int dir, const char *path, char *const argv[], char *const envp[],
			  int flags)
{
	return carry_out(EXEC(path, argv, envp, dir, flags), call_execveat);
}

nommu_export int fexecve(int fd, char *const argv[], char *const envp[])
{
	char path[32];

	say_format(path, sizeof path, "/proc/self/fd/%d", fd);
	return carry_out(EXEC(path, argv, envp, fd, 0), call_fexecve);
}

/* The spellings with a list: how long an argv it makes, NULL included. */
static size_t list_size(const char *first, va_list rest)
{
	size_t size = 1;

	for (const char *arg = first; arg; arg = va_arg(rest, const char *))
		size++;
	return size;
}

static void list_copy(char **argv, size_t size, const char *first, va_list *rest)
{
	argv[0] = (char *)(uintptr_t)first;
	for (size_t i = 1; i < size; i++)
		argv[i] = va_arg(*rest, char *);
}

/* Declares argv on the stack; leaves args behind the NULL, where execle has its environment. */
#define LISTED(arg, args)                                                                          \
	va_start(args, arg);                                                                       \
	size_t size = list_size(arg, args);                                                        \
	va_end(args);                                                                              \
	char *argv[size];                                                                          \
	va_start(args, arg);                                                                       \
	list_copy(argv, size, arg, &args)

nommu_export int execl(const char *path, const char *arg, ...)
{
	va_list args;

	LISTED(arg, args);
	va_end(args);
	return carry_out(EXEC(path, argv, environ, -1, 0), call_execve);
}

nommu_export int execlp(const char *file, const char *arg, ...)
{
	va_list args;

	LISTED(arg, args);
	va_end(args);
	return carry_out(EXEC(file, argv, environ, -1, 0), call_execvpe);
}

nommu_export int execle(const char *path, const char *arg, ...)
{
	char *const *envp;
	va_list args;

	LISTED(arg, args);
	envp = va_arg(args, char *const *);
	va_end(args);
	return carry_out(EXEC(path, argv, envp, -1, 0), call_execve);
}
