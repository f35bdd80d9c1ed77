/* SPDX-License-Identifier: MIT */
/*
 * A death at every step. A process is single-stepped through one operation. Wherever an instruction
 * changed the ledger, a copy of it is repaired as a survivor would: every check must hold, and the
 * state must be, byte for byte, that of before the operation or of after it. And at some steps
 * (every DEATH_STRIDE-th, all of them with 1) the process is really killed, and the survivor takes
 * the lock, repairs and clears up.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/raw.h"
#include "death/operations.h"
#include "support/child.h"
#include "support/copy.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define MOST_CHANGES 65536

struct course {
	const struct operation *operation;
	unsigned long kill_at; /* steps, 0: runs to its end */
	unsigned long *steps;  /* shared: how many there are */
};

static char path[CONF_PATH], error[CONF_ERROR_SIZE];

/* ---- the process that is stepped ---- */

static void do_operation(void *context)
{
	const struct operation *o = context;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		child_skip("ptrace is not permitted");
	memset(&sys, 0, sizeof sys); /* the watcher's */
	ledger_forget_tid();
	if (o->act)
		EXPECT_EQ(sys_start(path, error), 0);
	if (o->prepare)
		o->prepare();
	raw_kill(raw_getpid(), SIGSTOP);
	if (o->act)
		o->act();
	else
		EXPECT_EQ(sys_start(path, error), 0);
	raw_kill(raw_getpid(), SIGSTOP);
}

/* ---- the watcher ---- */

static void make_machine(const struct operation *o)
{
	const struct conf conf = operation_conf(o);

	EXPECT_EQ(sys_create(&conf, path, error), 0);
}

/* The process stands before its operation, or this one ends too. */
static pid_t start_operation(const struct operation *o)
{
	pid_t pid = child_start(do_operation, (void *)o);
	int status;

	for (;;) {
		EXPECT_EQ(waitpid(pid, &status, 0), pid);
		if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP)
			return pid;
		if (!WIFSTOPPED(status))
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_FAILED);
		ptrace(PTRACE_CONT, pid, NULL,
		       WSTOPSIG(status) == SIGTRAP ? 0 : (long)WSTOPSIG(status));
	}
}

/* One instruction; false at the operation's end. */
static bool step(pid_t pid)
{
	int status;

	EXPECT_EQ(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		child_fail(__FILE__, __LINE__, "the process ended in its operation", status, 0);
	if (WSTOPSIG(status) == SIGSTOP)
		return false;
	EXPECT_EQ(WSTOPSIG(status), SIGTRAP);
	return true;
}

static void end_operation(pid_t pid)
{
	kill(pid, SIGKILL);
	child_wait(pid);
}

struct change {
	unsigned long step;
	uint64_t digest; /* after the repair */
};

/* What a survivor would find and make of it. */
static uint64_t repair_copy(const struct operation *o, struct copy *copy, unsigned long at)
{
	const char *wrong = NULL;

	if (!sys.ledger.h->lock.word && copy->ledger.buddy.journal.area->count)
		wrong = "the lock is free and an operation half done";
	journal_rollback(&copy->ledger.buddy.journal);
	if (!wrong)
		wrong = machine_audit(&copy->ledger);
	if (wrong) {
		fprintf(stderr, "%s, a death at step %lu: %s\n", o->name, at, wrong);
		_exit(CHILD_FAILED);
	}
	return ledger_digest(&copy->ledger);
}

static void compare(const struct operation *o, const struct change *change, unsigned changes,
		    uint64_t before, uint64_t after)
{
	for (unsigned i = 0; i < changes && !o->in_steps; i++) {
		if (change[i].digest == before || change[i].digest == after)
			continue;
		fprintf(stderr, "%s, a death at step %lu: neither done nor undone\n", o->name,
			change[i].step);
		_exit(CHILD_FAILED);
	}
}

static void look_at_every_step(void *context)
{
	const struct course *c = context;
	static struct change change[MOST_CHANGES];
	struct copy seen, repaired;
	unsigned changes = 0;
	unsigned long steps = 0;
	uint64_t before;
	pid_t pid;

	make_machine(c->operation);
	pid = start_operation(c->operation);
	copy_make(&seen, &sys.ledger);
	copy_make(&repaired, &sys.ledger);
	before = ledger_digest(&sys.ledger);
	while (step(pid)) {
		steps++;
		if (!copy_differs(&seen))
			continue;
		copy_take(&seen);
		copy_take(&repaired);
		EXPECT(changes < MOST_CHANGES);
		change[changes].step = steps;
		change[changes++].digest = repair_copy(c->operation, &repaired, steps);
	}
	compare(c->operation, change, changes, before, ledger_digest(&sys.ledger));
	EXPECT_WELL(machine_audit(&sys.ledger));
	end_operation(pid);
	sys_destroy();
	*c->steps = steps;
	fprintf(stderr, "%-26s %6lu instructions, %4u changes\n", c->operation->name, steps,
		changes);
}

static void die_at_one_step(void *context)
{
	const struct course *c = context;
	pid_t pid;

	make_machine(c->operation);
	pid = start_operation(c->operation);
	for (unsigned long i = 0; i < c->kill_at && step(pid); i++)
		;
	end_operation(pid);
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
	sys_reap();
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	EXPECT_EQ(sys.ledger.h->pool[POOL_VMA].live, 0);
	EXPECT_EQ(sys.ledger.h->stats.live, 0);
	sys_leave();
	EXPECT_EQ(sys.ledger.h->lock.word, 0);
	sys_destroy();
}

/* ---- tests ---- */

static unsigned long *shared_number(void)
{
	return mmap(NULL, sizeof(unsigned long), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
}

static bool skipped(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPPED;
}

START_TEST(death_at_every_step_leaves_the_operation_done_or_undone)
{
	unsigned long *steps = shared_number();
	struct course c = { &operations[_i], 0, steps };
	const char *stride = getenv("DEATH_STRIDE");
	unsigned long every;
	int status = child_status(look_at_every_step, &c);

	if (skipped(status))
		return;
	ck_assert_msg(status == 0, "%s", operations[_i].name);
	every = stride ? strtoul(stride, NULL, 10) : *steps / 5 + 1;
	for (c.kill_at = (unsigned long)_i % every; c.kill_at <= *steps + 1; c.kill_at += every) {
		status = child_status(die_at_one_step, &c);
		ck_assert_msg(status == 0, "%s, killed at step %lu", operations[_i].name,
			      c.kill_at);
	}
}
END_TEST

int main(void)
{
	const struct suite_entry entry[] = {
		LOOP(death_at_every_step_leaves_the_operation_done_or_undone, operation_count),
	};

	if (under_valgrind()) {
		printf("skipped: nothing can be stepped below valgrind\n");
		return 77;
	}
	return suite_run("death/step", entry, ARRAY_SIZE(entry));
}
