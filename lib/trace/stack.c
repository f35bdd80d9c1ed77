/* SPDX-License-Identifier: MIT */
/*
 * stack.c - the call stack of a site, through libgcc's unwinder, which backtrace() loads at its first call:
 * trace_prime() makes that happen at start-up, where loading is allowed.
 */
#include <execinfo.h>

#include "trace/trace.h"

#define DEPTH 48

static bool primed;

void trace_prime(void)
{
	void *ip[2];

	backtrace(ip, 2);
	primed = true;
}

void trace_stack(uint32_t pid, uint32_t tid, uint64_t site)
{
	struct nommu_record_stack *record;
	void *ip[DEPTH];
	int depth, first = 0;

	if (!primed || !trace_active())
		return;
	depth = backtrace(ip, DEPTH);
	/* Our own frames are above the program's call; without the call in the stack it says nothing. */
	while (first < depth && (uint64_t)ip[first] != site)
		first++;
	if (first == depth)
		return;
	depth -= first;
	record = trace_claim(sizeof *record + (size_t)depth * sizeof record->ip[0], pid);
	if (!record)
		return;
	record->tid = tid;
	record->depth = (uint32_t)depth;
	record->site = site;
	for (int i = 0; i < depth; i++)
		record->ip[i] = (uint64_t)ip[first + i];
	trace_done(record, NOMMU_RECORD_STACK);
}
