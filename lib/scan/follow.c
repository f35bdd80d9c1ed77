/* SPDX-License-Identifier: MIT */
/*
 * follow.c - a walk is a depth-first visit of (address, known values) with a bound on steps;
 * what is not known takes both ways. A callee of the file's own is summed up once: can it
 * reach exec, can it return?
 */
#include "scan/follow.h"

#include <stdlib.h>
#include <string.h>

#include "scan/calls.h"
#include "scan/known.h"
#include "scan/mem.h"

#define MOST_STEPS 6000 /* of one walk */
#define MOST_DEPTH 5	/* callees below a child */
#define MOST_SUMS 4096

/* What calling an own function can lead to. */
struct sum {
	uint64_t start;
	bool execs, exits, returns, waits;
};

struct walk {
	struct code *code;
	struct outcome *out;
	struct state *todo;
	size_t todo_count, todo_size;
	uint64_t *seen; /* hashes of visited points, open addressing, 0 empty */
	size_t seen_count, seen_size;
	unsigned steps, depth;
	struct sums *sums;
};

static void run(struct walk *walk);

/* Where the hash is in the table, or would go. */
static uint64_t *seen_find(uint64_t *seen, size_t size, uint64_t hash)
{
	size_t i = (hash >> 20) & (size - 1);

	while (seen[i] && seen[i] != hash)
		i = (i + 1) & (size - 1);
	return &seen[i];
}

static void seen_grow(struct walk *walk)
{
	size_t size = walk->seen_size ? 4 * walk->seen_size : 64;
	uint64_t *seen = mem_grow(NULL, size, sizeof(*seen));

	memset(seen, 0, size * sizeof(*seen));
	for (size_t i = 0; i < walk->seen_size; i++)
		if (walk->seen[i])
			*seen_find(seen, size, walk->seen[i]) = walk->seen[i];
	free(walk->seen);
	walk->seen = seen;
	walk->seen_size = size;
}

/* False if this very point was visited before. */
static bool first_visit(struct walk *walk, const struct state *state)
{
	uint64_t hash = known_hash(state), *found;

	if (2 * walk->seen_count >= walk->seen_size)
		seen_grow(walk);
	found = seen_find(walk->seen, walk->seen_size, hash);
	if (*found)
		return false;
	*found = hash;
	walk->seen_count++;
	return true;
}

static void later(struct walk *walk, const struct state *state, uint64_t addr)
{
	if (walk->todo_count == walk->todo_size) {
		walk->todo_size = walk->todo_size ? 2 * walk->todo_size : 16;
		walk->todo = mem_grow(walk->todo, walk->todo_size, sizeof(*walk->todo));
	}
	walk->todo[walk->todo_count] = *state;
	walk->todo[walk->todo_count++].addr = addr;
}

static void branch(struct walk *walk, struct state *state, const struct step *step)
{
	struct known *known = known_find(state, step->src);
	int taken = -1;

	if (step->src)
		taken = known ? known_decide(step->condition, known->value, step->imm) : -1;
	else if (state->compared)
		taken = known_decide(step->condition, state->left, state->right);
	if (taken != 0 && step->target)
		later(walk, state, step->target);
	if (taken != 1)
		later(walk, state, step->next);
}

static void returned(struct walk *walk, struct state *state)
{
	struct known *result = known_find(state, code_result(walk->code));

	if (!walk->out->returns) {
		walk->out->has_result = result != NULL;
		walk->out->result = result ? result->value : 0;
	} else if (!result || result->value != walk->out->result) {
		walk->out->has_result = false;
	}
	walk->out->returns = true;
}

/* True if the walk goes on behind a call of this import. */
static bool imported(struct outcome *out, const struct elf_import *import)
{
	const struct call *call = call_find(import->name);

	out->calls++;
	switch (call ? call->role : ROLE_OTHER) {
	case ROLE_EXEC:
		out->execs = true;
		return false;
	case ROLE_EXIT:
		out->exits = true;
		return false;
	case ROLE_JUMP:
		out->jumps = true;
		return false;
	case ROLE_STOP:
		out->stops = true;
		return false;
	case ROLE_WAIT:
		out->waits = true;
		return true;
	case ROLE_SETSID:
		out->sessions = true;
		return true;
	default:
		/*
		 * glibc's error() ends the program if its
		 * first argument is not 0; the walk goes on.
		 */
		return true;
	}
}

static struct sum sum_of(struct walk *walk, uint64_t start)
{
	struct sums *sums = walk->sums;
	struct outcome out = { 0 };
	struct walk inner = { walk->code, &out, .depth = walk->depth + 1, .sums = sums };
	struct state state = { .addr = start };
	/* What is not looked into (recursion, depth) is taken to return and do no more. */
	struct sum sum = { .start = start, .returns = true };
	size_t mine = sums->count;

	for (size_t i = 0; i < sums->count; i++)
		if (sums->sum[i].start == start)
			return sums->sum[i];
	if (sums->count == MOST_SUMS || inner.depth > MOST_DEPTH)
		return sum;
	if ((sums->count & (sums->count - 1)) == 0)
		sums->sum =
			mem_grow(sums->sum, sums->count ? 2 * sums->count : 1, sizeof(*sums->sum));
	sums->sum[sums->count++] = sum;
	later(&inner, &state, start);
	run(&inner);
	free(inner.seen);
	free(inner.todo);
	sum.execs = out.execs;
	sum.exits = out.exits;
	sum.waits = out.waits;
	sum.returns =
		out.returns || out.lost || (!out.execs && !out.exits && !out.jumps && !out.stops);
	sums->sum[mine] = sum;
	return sum;
}

/* True if the walk goes on behind the call. */
static bool own_call(struct walk *walk, uint64_t target)
{
	struct sum sum = sum_of(walk, target);

	walk->out->own_calls++;
	walk->out->waits |= sum.waits;
	if (sum.execs) {
		walk->out->execs = true;
		return false; /* what comes after is the failure of exec */
	}
	if (!sum.returns)
		walk->out->exits = true;
	return sum.returns;
}

static void after_call(const struct walk *walk, struct state *state)
{
	for (unsigned i = 0; i < state->count;) {
		if (code_caller_saved(walk->code, state->known[i].where))
			state->known[i] = state->known[--state->count];
		else
			i++;
	}
	state->compared = false;
}

static bool call(struct walk *walk, struct state *state, const struct step *step)
{
	const struct elf_import *import = code_import(walk->code, step);
	bool on = true;

	if (import)
		on = imported(walk->out, import);
	else if (step->target)
		on = own_call(walk, step->target);
	else
		walk->out->own_calls++;
	if (on)
		after_call(walk, state);
	return on;
}

/* A jump inside the function goes on there; one out of it is a call whose return is ours. */
static bool jump(struct walk *walk, struct state *state, const struct step *step)
{
	const struct elf_import *import = code_import(walk->code, step);
	uint64_t start, end;

	if (!import && step->target && code_function(walk->code, step->addr, &start, &end) &&
	    step->target >= start && step->target < end) {
		state->addr = step->target;
		return true;
	}
	if (!import && !step->target) {
		walk->out->lost = true; /* switch table or pointer */
		return false;
	}
	/* gcc puts unlikely parts of a function elsewhere: a jump there is no call. */
	if (!import) {
		state->addr = step->target;
		return true;
	}
	if (call(walk, state, step))
		returned(walk, state);
	return false;
}

static void compare(struct state *state, const struct step *step)
{
	struct known *known = known_find(state, step->src);

	state->compared = known != NULL;
	if (known) {
		state->left = known->value;
		state->right = step->kind == STEP_TEST ? 0 : step->imm;
	}
}

/* Carries out one step; false where this way ends. */
static bool carry_out(struct walk *walk, struct state *state, const struct step *step)
{
	struct known *known = known_find(state, step->src);

	state->addr = step->next;
	switch (step->kind) {
	case STEP_MOVE:
	case STEP_STACK:
		state->sp += step->kind == STEP_STACK ? step->imm : 0;
		if (known)
			known_set(state, step->dst, known->value);
		else
			known_drop(state, step->dst);
		return true;
	case STEP_CONST:
		/* Only what could be a result is worth a place. */
		if (step->dst == code_result(walk->code))
			known_set(state, step->dst, step->imm);
		else
			known_drop(state, step->dst);
		return true;
	case STEP_COMPARE:
	case STEP_TEST:
		compare(state, step);
		return true;
	case STEP_SET: {
		int taken = state->compared
				    ? known_decide(step->condition, state->left, state->right)
				    : -1;

		if (taken < 0)
			known_drop(state, step->dst);
		else
			known_set(state, step->dst, taken);
		return true;
	}
	case STEP_CALL:
		return call(walk, state, step);
	case STEP_JUMP:
		return jump(walk, state, step);
	case STEP_BRANCH:
		branch(walk, state, step);
		return false;
	case STEP_RETURN:
		returned(walk, state);
		return false;
	case STEP_STOP:
		walk->out->stops = true;
		return false;
	default:
		known_drop(state, step->dst);
		return true;
	}
}

static void run(struct walk *walk)
{
	while (walk->todo_count) {
		struct state state = walk->todo[--walk->todo_count];
		struct step step;

		if (!first_visit(walk, &state)) {
			walk->out->loops = true;
			continue;
		}
		do {
			if (++walk->steps > MOST_STEPS) {
				walk->out->lost = true;
				return;
			}
			code_step(walk->code, state.addr, state.sp, &step);
		} while (carry_out(walk, &state, &step));
	}
}

struct outcome follow(struct code *code, struct sums *sums, uint64_t addr, int64_t value)
{
	struct outcome out = { 0 };
	struct walk walk = { code, &out, .sums = sums };
	struct state state = { .addr = addr };

	known_set(&state, code_result(code), value);
	later(&walk, &state, addr);
	run(&walk);
	free(walk.seen);
	free(walk.todo);
	return out;
}

void follow_end(struct sums *sums)
{
	free(sums->sum);
}
