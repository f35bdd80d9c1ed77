/* SPDX-License-Identifier: MIT */
/*
 * child.c - see child.h: the child's walk and the parent's weighed against each other, in the
 * function that forks and, where its result tells the two apart, in its callers.
 *
 * It errs towards "works on": a child is called exec only if some way reaches exec and no way
 * returns into the caller's world with the child still running.
 */
#include "scan/child.h"

#include "scan/follow.h"

#define MOST_CALLERS 24 /* call sites of a function that returns the pid */

struct callers {
	uint64_t target;
	struct step step[MOST_CALLERS];
	size_t count;
};

static bool is_target(void *data, uint64_t target)
{
	return target == ((struct callers *)data)->target;
}

static void add_caller(void *data, const struct step *step)
{
	struct callers *callers = data;

	if ((step->kind == STEP_CALL || step->kind == STEP_JUMP) && callers->count < MOST_CALLERS)
		callers->step[callers->count++] = *step;
}

/* The result of one fork: the child's and the parent's outcome weighed. */
static enum child_kind judge(const struct outcome *child, const struct outcome *parent,
			     bool main_returns)
{
	bool parent_leaves = parent->exits && !parent->execs && !parent->waits &&
			     (!parent->returns || main_returns);

	if (child->execs && !child->returns)
		return CHILD_EXEC;
	if (parent_leaves && (child->returns || child->own_calls || !child->exits))
		return child->execs ? CHILD_EXEC : CHILD_DAEMON;
	if (child->execs)
		return CHILD_EXEC;
	if (child->exits && !child->returns && !child->own_calls && child->calls <= 6 &&
	    !child->loops)
		return CHILD_ENDS;
	return CHILD_WORKS;
}

static struct child weigh(struct code *code, struct sums *sums, const struct step *call,
			  int64_t in_child, int64_t in_parent, unsigned level)
{
	struct outcome child = follow(code, sums, call->next, in_child);
	struct outcome parent = follow(code, sums, call->next, in_parent);
	struct child result = { CHILD_UNKNOWN, parent.waits, level > 0,
				child.calls + child.own_calls };
	uint64_t start, end;
	struct callers callers = { 0 };
	const struct code_callers search = { is_target, add_caller, &callers };

	if (!code_function(code, call->addr, &start, &end))
		return result;
	result.kind = judge(&child, &parent, false);
	if (result.kind == CHILD_EXEC || result.kind == CHILD_DAEMON || !child.returns ||
	    level >= 3 || start == code->main)
		return result;
	/*
	 * The child runs on in the caller: if the result
	 * tells it from the parent, the callers decide.
	 */
	if (call->kind == STEP_JUMP || (child.has_result && parent.returns && parent.has_result &&
					child.result != parent.result)) {
		callers.target = start;
		code_callers(code, &search);
		for (size_t i = 0; i < callers.count; i++) {
			struct child up = weigh(code, sums, &callers.step[i], child.result,
						parent.result, level + 1);

			if (!i || up.kind > result.kind)
				result = up;
		}
		result.chains = true;
	}
	return result;
}

struct child child_of(struct code *code, const struct step *call)
{
	struct sums sums = { NULL, 0 };
	struct child result = { .kind = CHILD_UNKNOWN };

	if (call->kind != STEP_CALL && call->kind != STEP_JUMP)
		return result;
	result = weigh(code, &sums, call, 0, 1000, 0);
	follow_end(&sums);
	return result;
}
