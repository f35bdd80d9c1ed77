/* SPDX-License-Identifier: MIT */
/* known.h - one point of a walk through code, and the few values that are known there. */
#ifndef NOMMU_SCAN_KNOWN_H
#define NOMMU_SCAN_KNOWN_H

#include "scan/code.h"

#define MOST_KNOWN 10 /* values that are followed at a time */

struct known {
	place where;
	int64_t value;
};

/* One point of a walk that is still to be visited. */
struct state {
	uint64_t addr;
	int64_t sp;
	struct known known[MOST_KNOWN];
	uint8_t count;
	bool compared; /* flags come from left ? right */
	int64_t left, right;
};

struct known *known_find(struct state *state, place where);
void known_drop(struct state *state, place where);
void known_set(struct state *state, place where, int64_t value);

/* Of the point and all that is known there. */
uint64_t known_hash(const struct state *state);

/* Whether a branch on left ? right is taken: 1 yes, 0 no, -1 not known. */
int known_decide(unsigned condition, int64_t left, int64_t right);

#endif
