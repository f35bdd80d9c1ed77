/* SPDX-License-Identifier: MIT */
/*
 * guest.c - the first process of the guest: runs the commands of one workload, one after another,
 * and prints how each ended, what it wrote (length and CRC) and which memory calls the kernel
 * refused it or its children.
 *
 * The commands come from /plan, one word a line: a letter and then its text in hexadecimal, so that
 * nothing needs quoting. It traces what it starts with ptrace, which needs nothing of the program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MAX_WORDS = 128,
	MAX_TASKS = 256,
	MAX_REFUSALS = 64,
	TRACE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC
};

/* A traced task between the entry of a system call and its end. */
struct task {
	pid_t id;
	uint64_t number, args[6];
};

/* A call that the kernel refused, and how often. */
struct refusal {
	uint64_t number, args[6];
	int error;
	unsigned count;
};

struct command {
	char *argv[MAX_WORDS], *env[MAX_WORDS];
	char *input, *output, *errors;
	bool append, background;
	int words, settings;
};

static struct task tasks[MAX_TASKS];
static struct refusal refusals[MAX_REFUSALS];
static unsigned long largest;
static int commands;

static const struct {
	long number;
	const char *name;
} watched[] = {
	{ SYS_mmap, "mmap" },
	{ SYS_munmap, "munmap" },
	{ SYS_mremap, "mremap" },
	{ SYS_mprotect, "mprotect" },
	{ SYS_madvise, "madvise" },
	{ SYS_msync, "msync" },
	{ SYS_mlock, "mlock" },
	{ SYS_munlock, "munlock" },
	{ SYS_mlockall, "mlockall" },
	{ SYS_mincore, "mincore" },
	{ SYS_brk, "brk" },
	{ SYS_clone, "clone" },
	{ SYS_shmget, "shmget" },
	{ SYS_shmat, "shmat" },
	{ SYS_ftruncate, "ftruncate" },
	{ SYS_fallocate, "fallocate" },
	{ SYS_execve, "execve" },
	{ SYS_memfd_create, "memfd_create" },
};

static const char *name_of(uint64_t number)
{
	for (unsigned i = 0; i < sizeof watched / sizeof *watched; i++)
		if (watched[i].number == (long)number)
			return watched[i].name;
	return NULL;
}

static struct task *task_of(pid_t id)
{
	struct task *unused = NULL;

	for (int i = 0; i < MAX_TASKS; i++) {
		if (tasks[i].id == id)
			return &tasks[i];
		if (!tasks[i].id && !unused)
			unused = &tasks[i];
	}
	if (!unused) {
		printf("! more than %d tasks\n", MAX_TASKS);
		unused = &tasks[0];
	}
	unused->id = id;
	unused->number = ~0ull;
	return unused;
}

static void note_refusal(const struct task *t, int error)
{
	for (int i = 0; i < MAX_REFUSALS; i++) {
		struct refusal *r = &refusals[i];

		if (r->count && (r->number != t->number || r->error != error ||
				 (r->number == SYS_mmap && r->args[1] != t->args[1])))
			continue;
		if (!r->count) {
			r->number = t->number;
			r->error = error;
			memcpy(r->args, t->args, sizeof r->args);
		}
		r->count++;
		return;
	}
}

static void system_call(pid_t id)
{
	struct {
		uint8_t op, pad[3];
		uint32_t arch;
		uint64_t ip, sp, value[7];
	} info;
	struct task *t = task_of(id);
	int64_t result;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, id, (void *)sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		t->number = info.value[0];
		memcpy(t->args, info.value + 1, sizeof t->args);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && name_of(t->number)) {
		result = (int64_t)info.value[0];
		if (result < 0 && result > -4096 && !(t->number == SYS_execve && result == -ENOENT))
			note_refusal(t, (int)-result);
		else if (t->number == SYS_mmap && t->args[1] > largest)
			largest = t->args[1];
	}
}

/* One change of state of a traced task; true when the awaited process has ended. */
static bool one_event(pid_t awaited, int *status)
{
	int signal = 0, event;
	pid_t id = waitpid(-1, status, __WALL);

	if (id < 0)
		return true;
	if (!WIFSTOPPED(*status)) {
		for (int i = 0; i < MAX_TASKS; i++)
			if (tasks[i].id == id)
				tasks[i].id = 0;
		return id == awaited;
	}
	event = *status >> 16;
	signal = WSTOPSIG(*status);
	if (signal == (SIGTRAP | 0x80)) {
		system_call(id);
		signal = 0;
	} else if (event || signal == SIGTRAP) {
		signal = 0;
	} else if (signal == SIGSTOP && task_of(id)->number == ~0ull) {
		signal = 0; /* how a new task of a traced one begins */
	}
	ptrace(PTRACE_SETOPTIONS, id, NULL, (void *)TRACE_OPTIONS);
	ptrace(PTRACE_SYSCALL, id, NULL, (void *)(long)signal);
	return false;
}

static uint32_t checksum(int fd, unsigned long *size)
{
	static unsigned char buffer[4096];
	uint32_t crc = ~0u;
	ssize_t n;

	*size = 0;
	while ((n = read(fd, buffer, sizeof buffer)) > 0) {
		*size += (unsigned long)n;
		for (ssize_t i = 0; i < n; i++) {
			crc ^= buffer[i];
			for (int bit = 0; bit < 8; bit++)
				crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
		}
	}
	return ~crc;
}

static void report(const char *out, const char *err, int status)
{
	unsigned char text[400];
	unsigned long size;
	int fd = open(out, O_RDONLY);
	uint32_t crc = checksum(fd, &size);
	ssize_t n;

	close(fd);
	if (WIFSIGNALED(status))
		printf("\n= signal %d output %lu %08x largest %lu\n", WTERMSIG(status), size, crc,
		       largest);
	else
		printf("\n= status %d output %lu %08x largest %lu\n", WEXITSTATUS(status), size,
		       crc, largest);
	for (int i = 0; i < MAX_REFUSALS && refusals[i].count; i++) {
		printf("- %u %d %s", refusals[i].count, refusals[i].error,
		       name_of(refusals[i].number));
		for (int k = 0; k < 6; k++)
			printf(" %lx", (unsigned long)refusals[i].args[k]);
		printf("\n");
	}
	fd = open(err, O_RDONLY);
	n = read(fd, text, sizeof text);
	close(fd);
	printf("? ");
	for (ssize_t i = 0; i < n; i++)
		printf("%02x", text[i]);
	printf("\n");
	fflush(stdout);
}

static void redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(127);
}

static pid_t start(struct command *c, const char *out, const char *err)
{
	static char program[256];
	pid_t id;

	snprintf(program, sizeof program, strchr(c->argv[0], '/') ? "%s" : "/bin/%s", c->argv[0]);
	id = vfork();
	if (id == 0) {
		setsid();
		redirect(c->input ? c->input : "/dev/null", O_RDONLY, 0);
		redirect(c->output ? c->output : out,
			 O_RDWR | O_CREAT | (c->append ? O_APPEND : O_TRUNC), 1);
		redirect(c->errors ? c->errors : err, O_RDWR | O_CREAT | O_TRUNC, 2);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execve(program, c->argv, c->env);
		_exit(127);
	}
	return id;
}

static void run(struct command *c)
{
	static char out[32], err[32];
	int status;
	pid_t id;

	snprintf(out, sizeof out, "/disk/.out%d", commands);
	snprintf(err, sizeof err, "/disk/.err%d", commands++);
	c->argv[c->words] = NULL;
	c->env[c->settings] = NULL;
	close(open(out, O_WRONLY | O_CREAT, 0644));
	if (!strcmp(c->argv[0], "mkdir")) {
		mkdir(c->argv[c->words - 1], 0755);
		return;
	}
	memset(refusals, 0, sizeof refusals);
	largest = 0;
	id = start(c, out, err);
	while (!c->background && !one_event(id, &status))
		;
	if (!c->background)
		report(out, err, status);
}

static char *from_hex(char *text)
{
	char *out = text, byte[3] = "";

	for (char *in = text; in[0] && in[1]; in += 2) {
		memcpy(byte, in, 2);
		*out++ = (char)strtoul(byte, NULL, 16);
	}
	*out = '\0';
	return strdup(text);
}

static void one_line(struct command *c, char letter, char *text)
{
	switch (letter) {
	case 'd':
		mkdir(text, 0755);
		if (chdir(text) < 0 || symlink("/disk/in", "in") < 0)
			printf("! no folder %s\n", text);
		break;
	case 'e':
		c->env[c->settings++] = text;
		break;
	case 'a':
		c->argv[c->words++] = text;
		break;
	case '<':
		c->input = text;
		break;
	case '>':
		c->output = text;
		break;
	case '2':
		c->errors = text;
		break;
	case '+':
		c->append = true;
		break;
	case '&':
		c->background = true;
		break;
	case '.':
		run(c);
		c->words = 0;
		c->input = c->output = c->errors = NULL;
		c->append = c->background = false;
		break;
	default:
		printf("! plan: %c\n", letter);
	}
}

int main(void)
{
	static struct command command;
	static char line[70000];
	FILE *plan = fopen("/plan", "re");
	int console;

	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	mount("/dev/vda", "/disk", "ext2", 0, NULL);
	console = open("/dev/console", O_RDWR | O_CLOEXEC);
	dup2(console, 1);
	dup2(console, 2);
	printf("\nGUEST-BEGIN\n");
	while (plan && fgets(line, sizeof line, plan)) {
		line[strcspn(line, "\n")] = '\0';
		one_line(&command, line[0], from_hex(line + 1));
	}
	printf("\nGUEST-END\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
