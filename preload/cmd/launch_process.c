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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/say.h"

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM };

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
	struct sigaction ours = { .sa_sigaction = hand_on, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction ignored = { .sa_handler = SIG_IGN };
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
	uint64_t stack = l->stack;

	if (l->conf.image >= IMAGE_FLAT)
		stack += launch_argument_bytes(l);
	if (l->conf.mode != MODE_RUN || l->stack < LAUNCH_LEAST_STACK ||
	    getrlimit(RLIMIT_STACK, &limit) != 0)
		return;
	if (limit.rlim_max == RLIM_INFINITY || stack <= limit.rlim_max)
		limit.rlim_cur = stack;
	setrlimit(RLIMIT_STACK, &limit);
}

/* What exec is given. */
struct image {
	char **argv;   /* the program's own, or allocated for the shell */
	char **env;    /* allocated, of the caller's strings and these: */
	char *preload; /* "LD_PRELOAD=..." */
	char *ledger;  /* "NOMMU_LEDGER=..." */
};

/* What the library is told by; the last three are for runs without a launcher. */
static bool is_ours(const char *entry)
{
	static const char *const names[] = { "LD_PRELOAD=", "NOMMU_LEDGER=", "NOMMU_DISABLE=",
					     "NOMMU_SELF=", "NOMMU_PRELOAD=" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* A sanitizer insists on being first; what is preloaded already comes next, our library last. */
static char *preload_variable(const struct launch *l)
{
	const char *given = getenv("LD_PRELOAD");
	char *text;

	given = given ? given : "";
	if (asprintf(&text, "LD_PRELOAD=%s%s%s%s%s", l->sanitizer, l->sanitizer[0] ? ":" : "",
		     given, *given ? ":" : "", l->library) < 0)
		return NULL;
	return text;
}

static bool make_environment(const struct launch *l, struct image *image)
{
	size_t count = 0;

	while (environ[count])
		count++;
	image->env = calloc(count + 3, sizeof *image->env);
	image->preload = preload_variable(l);
	if (asprintf(&image->ledger, "NOMMU_LEDGER=%s", l->ledger) < 0)
		image->ledger = NULL;
	if (!image->env || !image->preload || !image->ledger)
		return false;
	count = 0;
	for (char **entry = environ; *entry; entry++)
		if (!is_ours(*entry))
			image->env[count++] = *entry;
	image->env[count++] = image->preload;
	image->env[count] = image->ledger;
	return true;
}

/* A file without #! is the shell's: sh FILE ARG... */
static bool make_arguments(struct launch *l, struct image *image)
{
	static char shell[] = "sh";
	size_t count = 0;

	image->argv = l->argv;
	if (!l->shell)
		return true;
	while (l->argv[count])
		count++;
	image->argv = calloc(count + 2, sizeof *image->argv);
	if (!image->argv)
		return false;
	image->argv[0] = shell;
	image->argv[1] = l->path;
	memcpy(image->argv + 2, l->argv + 1, count * sizeof *image->argv);
	return true;
}

static void free_image(const struct launch *l, struct image *image)
{
	if (image->argv != l->argv)
		free(image->argv);
	free(image->env);
	free(image->preload);
	free(image->ledger);
}

/* the child's errno; it is a vfork child and shares our memory */
static volatile int exec_error;

/* In the vfork child, which may do no more than this. Never returns. */
static void become_program(const struct launch *l, const struct dispositions *old,
			   const struct image *image, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CMD_FAILED);
	signal(SIGXFSZ, l->file_size_signal);
	put_signals_back(old);
	limit_stack(l);
	execve(l->shell ? l->shell : l->path, image->argv, image->env);
	exec_error = errno;
	_exit(CMD_FAILED);
}

static int start(struct launch *l, const struct dispositions *old, const struct image *image)
{
	pid_t parent = getpid();

	l->pid = vfork();
	if (l->pid == 0)
		become_program(l, old, image, parent);
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

/* The program runs its exec before this returns, or has failed to. */
static int start_image(struct launch *l, struct image *image)
{
	struct dispositions old;
	int status;

	if (!make_arguments(l, image) || !make_environment(l, image)) {
		say("out of memory");
		return CMD_FAILED;
	}
	take_signals(&old);
	status = start(l, &old, image);
	sigprocmask(SIG_SETMASK, &old.mask, NULL);
	return status;
}

int launch_process(struct launch *l)
{
	struct image image = { 0 };
	int status = start_image(l, &image);

	free_image(l, &image);
	if (status)
		return status;
	while (waitpid(l->pid, &l->status, 0) < 0 && errno == EINTR)
		;
	child = 0; /* its id may be somebody else's from now on */
	return CMD_OK;
}
