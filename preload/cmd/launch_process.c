/* SPDX-License-Identifier: MIT */
/*
 * launch_process.c - the program as a child: it has the launcher's standard descriptors, signal
 * dispositions, process group and terminal, so that it behaves as if it had been started directly.
 *
 * Signals: what the terminal sends reaches the program by itself. What somebody sends to the
 * launcher alone is handed on. If the launcher is killed, so is the program.
 */
#include "cmd.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/say.h"

static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM};

static volatile sig_atomic_t child; /* whom to hand a signal on to */

static void hand_on(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	/* Positive: the kernel sent it, so the terminal's whole group has it already. */
	if (info->si_code <= 0 && child > 0)
		kill(child, sig);
	errno = saved;
}

struct dispositions {
	struct sigaction passed[ARRAY_SIZE(passed_on)];
	struct sigaction chld; /* ignored by some parents: then nobody could wait */
	struct sigaction pipe;
	sigset_t mask;
};

static void take_signals(struct dispositions *old)
{
	struct sigaction ours = {.sa_sigaction = hand_on, .sa_flags = SA_SIGINFO | SA_RESTART};
	struct sigaction plain = {.sa_handler = SIG_DFL};
	struct sigaction ignored = {.sa_handler = SIG_IGN};
	sigset_t all;

	/* Held back until the child's id is known. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old->mask);
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++) {
		sigaction(passed_on[i], NULL, &old->passed[i]);
		if (old->passed[i].sa_handler != SIG_IGN) /* nohup */
			sigaction(passed_on[i], &ours, NULL);
	}
	sigaction(SIGCHLD, &plain, &old->chld);
	sigaction(SIGPIPE, &ignored, &old->pipe);
}

static void put_signals_back(const struct dispositions *old)
{
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaction(passed_on[i], &old->passed[i], NULL);
	sigaction(SIGCHLD, &old->chld, NULL);
	sigaction(SIGPIPE, &old->pipe, NULL);
	sigprocmask(SIG_SETMASK, &old->mask, NULL);
}

/* In run the main stack is the target's; the kernel itself sees to it. */
static void limit_stack(const struct launch *l)
{
	struct rlimit limit;

	if (l->conf.mode != MODE_RUN || l->stack < LAUNCH_LEAST_STACK ||
	    getrlimit(RLIMIT_STACK, &limit) != 0)
		return;
	if (limit.rlim_max == RLIM_INFINITY || l->stack <= limit.rlim_max)
		limit.rlim_cur = l->stack;
	setrlimit(RLIMIT_STACK, &limit);
}

/* "NAME=value" in one allocation that lives until exec. */
static char *variable(const char *name, const char *before, const char *value)
{
	size_t size = strlen(name) + strlen(before) + strlen(value) + 3;
	char *text = malloc(size);

	if (text)
		say_format(text, size, "%s=%s%s%s", name, before, *before ? ":" : "", value);
	return text;
}

/* What the library is told by; the last three are for runs without a launcher. */
static bool is_ours(const char *entry)
{
	static const char *const names[] = {
		"LD_PRELOAD=", "NOMMU_LEDGER=", "NOMMU_DISABLE=", "NOMMU_SELF=", "NOMMU_PRELOAD="};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The environment with our library behind the ones that are preloaded already. */
static char **make_environment(const struct launch *l)
{
	const char *preload = getenv("LD_PRELOAD");
	size_t count = 0;
	char **env;

	while (environ[count])
		count++;
	env = calloc(count + 3, sizeof *env);
	if (!env)
		return NULL;
	count = 0;
	for (char **entry = environ; *entry; entry++)
		if (!is_ours(*entry))
			env[count++] = *entry;
	env[count++] = variable("LD_PRELOAD", preload ? preload : "", l->library);
	env[count] = variable("NOMMU_LEDGER", "", l->ledger);
	return env[count] && env[count - 1] ? env : NULL;
}

/* A file without #! is the shell's: sh FILE ARG... */
static char **make_arguments(const struct launch *l)
{
	size_t count = 0;
	char **argv;

	if (!l->shell)
		return l->argv;
	while (l->argv[count])
		count++;
	argv = calloc(count + 2, sizeof *argv);
	if (!argv)
		return NULL;
	argv[0] = strdup("sh");
	argv[1] = strdup(l->path);
	memcpy(argv + 2, l->argv + 1, count * sizeof *argv);
	return argv;
}

static volatile int exec_error; /* the child's errno; it is a vfork child and shares our memory */

/* In the vfork child, which may do no more than this. Never returns. */
static void become_program(const struct launch *l, const struct dispositions *old, char **argv,
			   char **env, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CMD_FAILED);
	signal(SIGXFSZ, l->file_size_signal);
	put_signals_back(old);
	limit_stack(l);
	execve(l->shell ? l->shell : l->path, argv, env);
	exec_error = errno;
	_exit(CMD_FAILED);
}

static int start(struct launch *l, const struct dispositions *old, char **argv, char **env)
{
	pid_t parent = getpid();

	l->pid = vfork();
	if (l->pid == 0)
		become_program(l, old, argv, env, parent);
	if (l->pid < 0) {
		say("cannot start a process: %s", strerrordesc_np(errno));
		return CMD_FAILED;
	}
	child = l->pid;
	if (!exec_error)
		return CMD_OK;
	waitpid(l->pid, NULL, 0);
	say("cannot start '%s': %s%s", l->path, strerrordesc_np(exec_error),
	    exec_error == E2BIG ? "; give it a larger --stack" : "");
	return exec_error == ENOENT ? CMD_NOT_FOUND : CMD_NOT_EXECUTABLE;
}

int launch_process(struct launch *l)
{
	struct dispositions old;
	char **argv = make_arguments(l);
	char **env = make_environment(l);
	int status;

	if (!argv || !env) {
		say("out of memory");
		return CMD_FAILED;
	}
	take_signals(&old);
	status = start(l, &old, argv, env);
	sigprocmask(SIG_SETMASK, &old.mask, NULL);
	if (status)
		return status;
	while (waitpid(l->pid, &l->status, 0) < 0 && errno == EINTR)
		;
	child = 0; /* its id may be somebody else's from now on */
	return CMD_OK;
}
