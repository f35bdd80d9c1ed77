/* SPDX-License-Identifier: MIT */
/*
 * The lock and the repair, exhaustively at small scope: two processes each do one journaled
 * operation, in every order of their atomic steps, with at most one death at any of them and
 * timeouts of sleeps at any time. A state that was seen is not explored again; it is the shared
 * words and all that each process has read so far.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "arena/lock.h"
#include "base/types.h"
#include "death/explore.h"
#include "support/suite.h"

#define DEPTH 160
#define SEEN (1u << 22)
#define TIMEOUTS 3 /* of one process's sleeps */

enum status { READY, ASLEEP, DONE, DEAD };
enum { RUN = 0, TIMEOUT = 2, DIE = 4, CHOICES = 6 }; /* + process */

static struct {
	struct lock lock;
	uint32_t x, y;		    /* the same between operations */
	uint32_t count, old, which; /* the journal: one word */
	uint32_t inside;	    /* processes in the critical section */
} shared;

static struct process {
	ucontext_t context;
	enum status status;
	uint64_t history; /* of all it read */
	unsigned timeouts;
	bool timed_out;
	bool inside;
} process[2];

static ucontext_t scheduler;
static char stack[2][65536] __attribute__((aligned(16)));
static unsigned self, deaths;
static uint64_t seen[SEEN];
static unsigned long states, runs;
static const char *wrong;

/* ---- the processes' side ---- */

static void pause_here(void)
{
	unsigned me = self;

	process[me].history = process[me].history * 0x100000001b3ULL + 3; /* where it is */
	swapcontext(&process[me].context, &scheduler);
}

static uint64_t observe(uint64_t value)
{
	process[self].history = (process[self].history ^ value) * 0x100000001b3ULL + 1;
	return value;
}

bool explore_cas(uint64_t *word, uint64_t *expected, uint64_t wanted)
{
	pause_here();
	if (*word == *expected) {
		*word = wanted;
		return observe(1);
	}
	*expected = observe(*word);
	return false;
}

uint64_t explore_load(uint64_t *word)
{
	pause_here();
	return observe(*word);
}

uint64_t explore_exchange(uint64_t *word, uint64_t value)
{
	uint64_t old;

	pause_here();
	old = *word;
	*word = value;
	return observe(old);
}

long explore_futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	struct process *p = &process[self];

	(void)timeout;
	pause_here();
	if (op == FUTEX_WAKE) {
		for (unsigned i = 0; i < 2; i++)
			if (process[i].status == ASLEEP)
				process[i].status = READY;
		return 0;
	}
	if (*word != value)
		return observe(5), -EAGAIN;
	p->status = ASLEEP;
	pause_here();
	observe(p->timed_out ? 6 : 7);
	return p->timed_out ? -ETIMEDOUT : 0;
}

static bool lives(uint64_t holder)
{
	return observe(process[holder_tid(holder) - 1].status != DEAD);
}

static void store(uint32_t *word, uint32_t which)
{
	pause_here();
	shared.old = *word;
	shared.which = which;
	shared.count++;
	pause_here();
	++*word;
}

static void operate(void)
{
	if (shared.inside++)
		wrong = "two processes were inside";
	process[self].inside = true;
	/*
	 * As ledger_enter(): whatever is in the journal is
	 * undone first; of the two words only one can differ.
	 */
	if (shared.count && shared.x != shared.y)
		*(shared.x > shared.y ? &shared.x : &shared.y) -= 1;
	pause_here();
	shared.count = 0;
	store(&shared.x, 0);
	store(&shared.y, 1);
	pause_here();
	shared.count = 0; /* commit */
	process[self].inside = false;
	shared.inside--;
}

static void body(void)
{
	unsigned me = self;
	enum lock_answer answer = lock_take(&shared.lock, lock_holder(me + 1, 1000), lives);

	if (answer == LOCK_REENTERED)
		wrong = "a process was told that it is inside already";
	if (answer == LOCK_INHERITED && process[!me].status != DEAD)
		wrong = "a lock was inherited from the living";
	operate();
	lock_drop(&shared.lock);
	process[me].status = DONE;
	swapcontext(&process[me].context, &scheduler);
}

/* ---- the explorer ---- */

static void begin(void)
{
	memset(&shared, 0, sizeof shared);
	deaths = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct process *p = &process[i];

		memset(p, 0, sizeof *p);
		getcontext(&p->context);
		p->context.uc_stack.ss_sp = stack[i];
		p->context.uc_stack.ss_size = sizeof stack[i];
		makecontext(&p->context, body, 0);
	}
}

static bool possible(unsigned choice)
{
	struct process *p = &process[choice % 2];

	switch (choice & ~1u) {
	case RUN:
		return p->status == READY;
	case TIMEOUT:
		return p->status == ASLEEP &&
		       (p->timeouts < TIMEOUTS || process[!(choice % 2)].status >= DONE);
	default:
		return p->status <= ASLEEP && !deaths;
	}
}

static void choose(unsigned choice)
{
	struct process *p = &process[choice % 2];

	if ((choice & ~1u) == DIE) {
		p->status = DEAD;
		deaths++;
		if (p->inside)
			shared.inside--;
		return;
	}
	p->timed_out = (choice & ~1u) == TIMEOUT;
	p->timeouts += p->timed_out;
	p->status = READY;
	self = choice % 2;
	swapcontext(&scheduler, &p->context);
}

/* True if this state is new. */
static bool note_state(void)
{
	uint64_t key = 0xcbf29ce484222325ULL;
	uint64_t words[] = { shared.lock.word,
			     shared.x,
			     shared.y,
			     shared.count,
			     shared.old,
			     shared.which,
			     process[0].status,
			     process[1].status,
			     process[0].history,
			     process[1].history,
			     process[0].timeouts,
			     process[1].timeouts,
			     process[0].inside,
			     process[1].inside,
			     deaths };

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		key = (key ^ words[i]) * 0x9e3779b97f4a7c15ULL;
		key ^= key >> 29;
	}
	key |= 1;
	for (uint64_t at = key >> 20;; at++) {
		if (seen[at % SEEN] == key)
			return false;
		if (!seen[at % SEEN]) {
			seen[at % SEEN] = key;
			states++;
			return true;
		}
	}
}

static unsigned next_choice(unsigned from)
{
	while (from < CHOICES && !possible(from))
		from++;
	return from;
}

static void judge_end(void)
{
	for (unsigned i = 0; i < 2; i++)
		if (process[i].status <= ASLEEP)
			wrong = "a process waits for ever";
	if (!deaths && (shared.lock.word || shared.x != 2 || shared.y != 2))
		wrong = "two operations were not both done, or the lock is held";
	if (!shared.lock.word && shared.x != shared.y)
		wrong = "the lock is free and an operation half done";
}

static void explore(void)
{
	unsigned char path[DEPTH];
	unsigned depth = 0, from = 0;

	for (;;) {
		begin();
		runs++;
		for (unsigned i = 0; i < depth; i++)
			choose(path[i]);
		while (!wrong) {
			unsigned choice = next_choice(from);

			if (choice == CHOICES) {
				if (!from)
					judge_end();
				break;
			}
			ck_assert_uint_lt(depth, DEPTH);
			path[depth++] = (unsigned char)choice;
			choose(choice);
			from = 0;
			if (!note_state())
				break;
		}
		if (wrong || !depth)
			return;
		from = path[--depth] + 1u;
	}
}

START_TEST(every_order_and_every_death_is_survived)
{
	explore();
	ck_assert_msg(!wrong, "%s", wrong ? wrong : "");
	ck_assert_uint_gt(states, 1000);
	fprintf(stderr, "explored %lu states in %lu runs\n", states, runs);
}
END_TEST

SUITE("death/explore", ONE(every_order_and_every_death_is_survived))
