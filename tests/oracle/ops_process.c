/* SPDX-License-Identifier: MIT */
/* ops_process.c - forks, and probes that run beside this one. */
#include "ops.h"

static void say_child(const struct child_state *state)
{
	if (state->how == CHILD_PAUSED) {
		show("paused");
		return;
	}
	show("status ");
	say_number(state->how == CHILD_EXITED ? (word)state->code << 8 : (word)state->code);
}

static void finish_fork(long pid)
{
	struct child_state state;

	answer(pid);
	if (refused(pid))
		return;
	call_wait(pid, &state);
	show(" status ");
	say_number((word)state.code);
}

void op_fork(const struct request *request)
{
	(void)request;
	finish_fork(call_fork_exit(7));
}

void op_vfork(const struct request *request)
{
	(void)request;
	finish_fork(call_vfork_exit(7));
}

void op_vfork_mmap(const struct request *r)
{
	word addr = 0;
	long got = call_vfork_mmap(operand(r, 2), &addr);

	if (!refused(got))
		set_variable(r->words[1], addr);
	answer(got);
}

static char *append(char *to, const char *from)
{
	while (*from != '\0')
		*to++ = *from++;
	return to;
}

/*
 * The probe again, with scenario word FIRST and the variables that follow, which keep their values.
 */
static long spawn(const struct request *r, int first)
{
	static char presets[MAX_WORDS][48], self[] = "probe", path[MAX_LINE];
	char *argv[MAX_WORDS + 2] = { self, path };
	int count = 2;

	*append(path, r->words[first]) = '\0';
	for (int i = first + 1; i < r->count; i++) {
		char *end = append(append(presets[i], r->words[i]), "=0x");
		word value = operand(r, i);

		for (int shift = 60; shift >= 0; shift -= 4)
			*end++ = "0123456789abcdef"[value >> shift & 15];
		*end = '\0';
		argv[count++] = presets[i];
	}
	argv[count] = NULL;
	return call_spawn(argv);
}

void op_child(const struct request *r)
{
	struct child_state state;
	long pid;

	show("\n");
	pid = spawn(r, 1);
	if (!refused(pid))
		call_wait(pid, &state);
	show("child of ");
	show(r->words[1]);
	show(" -> ");
	if (refused(pid))
		answer(pid);
	else
		say_child(&state);
}

/*
 * start VAR FILE VARS...: the child runs until it pauses
 * or ends; resume VAR lets it go on so far again.
 */
void op_start(const struct request *r)
{
	struct child_state state;
	long pid;

	show("\n");
	pid = spawn(r, 2);
	set_variable(r->words[1], (word)pid);
	if (!refused(pid))
		call_wait(pid, &state);
	show("start of ");
	show(r->words[2]);
	show(" -> ");
	if (refused(pid))
		answer(pid);
	else
		say_child(&state);
}

static void wait_after(const struct request *r, long (*call)(long), const char *what)
{
	struct child_state state = { CHILD_EXITED, 0 };
	long pid = (long)operand(r, 1);
	long got;

	show("\n");
	got = call(pid);
	if (!refused(got))
		got = call_wait(pid, &state);
	show(what);
	show(r->words[1]);
	show(" -> ");
	if (refused(got))
		answer(got);
	else
		say_child(&state);
}

void op_resume(const struct request *r)
{
	wait_after(r, call_continue, "resume of ");
}

void op_kill(const struct request *r)
{
	wait_after(r, call_kill, "end of ");
}

void op_pause(const struct request *request)
{
	(void)request;
	show("paused\n"); /* the parent goes on while this line is open */
	call_pause();
}
