/* SPDX-License-Identifier: MIT */
/*
 * stack.c - the call stack of a site. libc's backtrace() would load libgcc at its first call, which
 * a handler must not and which costs every start; so the unwinder is linked in. It finds its tables
 * without a lock where libc offers that.
 */
#include <unwind.h>

#include "trace/trace.h"

#define DEPTH 48
#define STEPS 64 /* of the walk, our own frames too */

struct walk {
	uint64_t site;	/* our own frames are above the program's call */
	uint32_t steps; /* taken */
	uint32_t depth; /* frames from there on */
	uint64_t last;	/* frame seen before: one that does not move ends the walk */
	uint64_t ip[DEPTH];
};

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *argument)
{
	struct walk *walk = argument;
	uint64_t ip, frame = (uint64_t)_Unwind_GetCFA(context);
	int interrupted = 0; /* by a signal: then this is no return address */

	ip = (uint64_t)_Unwind_GetIPInfo(context, &interrupted);
	ip += ip && interrupted;
	if (!ip || walk->depth == DEPTH || walk->steps++ == STEPS)
		return _URC_END_OF_STACK;
	if (!walk->depth && ip != walk->site)
		return _URC_NO_REASON;
	if (walk->depth && ip == walk->ip[walk->depth - 1] && frame == walk->last)
		return _URC_END_OF_STACK;
	walk->last = frame;
	walk->ip[walk->depth++] = ip;
	return _URC_NO_REASON;
}

void trace_stack(uint32_t pid, uint32_t tid, uint64_t site)
{
	struct nommu_record_stack *record;
	struct walk walk = { .site = site };

	if (!trace_active())
		return;
	_Unwind_Backtrace(step, &walk);
	/* Without the call in the stack it says nothing. */
	if (!walk.depth)
		return;
	record = trace_claim(sizeof *record + walk.depth * sizeof record->ip[0], pid);
	if (!record)
		return;
	record->tid = tid;
	record->depth = walk.depth;
	record->site = site;
	for (uint32_t i = 0; i < walk.depth; i++)
		record->ip[i] = walk.ip[i];
	trace_done(record, NOMMU_RECORD_STACK);
}
