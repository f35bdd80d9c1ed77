/* SPDX-License-Identifier: MIT */
/*
 * child.h - what becomes of the two processes after a fork: the code behind a call site is
 * walked twice, once with the result 0 (the child) and once with a pid (the parent), following
 * the value through registers, the frame and callers, so that each conditional that depends on
 * it goes the one way it would.
 */
#ifndef NOMMU_SCAN_CHILD_H
#define NOMMU_SCAN_CHILD_H

#include "scan/code.h"

enum child_kind {
	CHILD_UNKNOWN, /* the code could not be followed */
	CHILD_EXEC,    /* replaces itself by another program: vfork or posix_spawn can do that */
	/* the parent leaves, the child goes on: putting oneself in the background */
	CHILD_DAEMON,
	CHILD_ENDS,  /* the child ends at once without work of its own */
	CHILD_WORKS, /* goes on in the parent's memory image: needs a copy of it */
};

struct child {
	enum child_kind kind;
	bool waits;	/* the parent waits for it at once */
	bool chains;	/* the walk went up into callers */
	unsigned calls; /* calls of the child before it ended */
};

/* The child of the call at step, and what the parent does meanwhile. */
struct child child_of(struct code *code, const struct step *call);

#endif
