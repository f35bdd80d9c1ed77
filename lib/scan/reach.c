/* SPDX-License-Identifier: MIT */
/*
 * reach.c - walks up from functions to their callers, level by level, each level one search of the
 * code. What main reaches within a call or two is what the program does; what it reaches only deep
 * down, or only through a table of functions, is one of the things that it can do.
 */
#include "scan/reach.h"

#include <stdlib.h>
#include <string.h>

#include "scan/mem.h"

#define MAIN_LEVELS 3
#define EXPORT_LEVELS 40

/* Of each function, by its index in code->starts. */
enum { UNSEEN, NEXT, CURRENT, DONE };

struct climb {
	struct code *code;
	uint8_t *state;
	bool pointers; /* taking a function's address counts as calling it */
	size_t added;
	uint64_t low, high; /* of the functions that are CURRENT */
};

static bool is_current(void *data, uint64_t target)
{
	const struct climb *climb = data;
	size_t index;

	if (target < climb->low || target > climb->high)
		return false;
	index = code_index(climb->code, target);
	return index < climb->code->start_count && climb->state[index] == CURRENT;
}

static void mark(struct climb *climb, uint64_t addr)
{
	uint64_t start, end;
	size_t index;

	if (!code_function(climb->code, addr, &start, &end))
		return;
	index = code_index(climb->code, start);
	if (index < climb->code->start_count && climb->state[index] == UNSEEN) {
		climb->state[index] = NEXT;
		climb->added++;
	}
}

static void add_caller(void *data, const struct step *step)
{
	struct climb *climb = data;

	if (step->kind == STEP_CALL || step->kind == STEP_JUMP || step->kind == STEP_BRANCH ||
	    climb->pointers)
		mark(climb, step->addr);
}

/* One level up; false where there is nobody above. */
static bool climb_up(struct climb *climb)
{
	const struct code_callers callers = { is_current, add_caller, climb };

	climb->low = UINT64_MAX;
	climb->high = 0;
	for (size_t i = 0; i < climb->code->start_count; i++) {
		if (climb->state[i] == CURRENT || climb->state[i] == NEXT)
			climb->state[i]++;
		if (climb->state[i] == CURRENT) {
			climb->low = climb->low < climb->code->starts[i] ? climb->low
									 : climb->code->starts[i];
			climb->high = climb->code->starts[i];
		}
	}
	climb->added = 0;
	code_callers(climb->code, &callers);
	return climb->added != 0;
}

static struct climb climb_new(struct code *code, bool pointers)
{
	struct climb climb = { code, mem_grow(NULL, code->start_count, 1), pointers, 0, 0, 0 };

	memset(climb.state, UNSEEN, code->start_count);
	return climb;
}

unsigned reach_main(struct code *code, uint64_t addr)
{
	struct climb climb = climb_new(code, false);
	size_t home = code->main ? code_index(code, code->main) : code->start_count;
	unsigned depth = 0;

	mark(&climb, addr);
	while (home < code->start_count && climb.state[home] == UNSEEN && depth < MAIN_LEVELS &&
	       climb_up(&climb))
		depth++;
	if (home == code->start_count || climb.state[home] == UNSEEN)
		depth = REACH_NEVER;
	free(climb.state);
	return depth;
}

void reach_exports(struct code *code, const uint64_t *addrs, size_t count,
		   void (*visit)(void *data, const char *name), void *data)
{
	struct climb climb = climb_new(code, true);

	for (size_t i = 0; i < count; i++)
		mark(&climb, addrs[i]);
	for (unsigned level = 0; level < EXPORT_LEVELS && climb_up(&climb); level++)
		;
	for (size_t i = 0; i < code->start_count; i++) {
		uint64_t start = code->starts[i];
		const char *name =
			climb.state[i] == UNSEEN ? NULL : code_function_name(code, start, start);

		if (name)
			visit(data, name);
	}
	free(climb.state);
}
