/* SPDX-License-Identifier: MIT */
/* known.c - see known.h. */
#include "scan/known.h"

#include <stddef.h>

struct known *known_find(struct state *state, place where)
{
	for (unsigned i = 0; where && i < state->count; i++)
		if (state->known[i].where == where)
			return &state->known[i];
	return NULL;
}

void known_drop(struct state *state, place where)
{
	struct known *known = known_find(state, where);

	if (known)
		*known = state->known[--state->count];
}

void known_set(struct state *state, place where, int64_t value)
{
	struct known *known = known_find(state, where);

	if (!where)
		return;
	if (!known && state->count < MOST_KNOWN) {
		known = &state->known[state->count++];
		known->where = where;
	}
	if (known)
		known->value = value;
}

uint64_t known_hash(const struct state *state)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < state->count; i++)
		sum += (state->known[i].where * 0x9e3779b97f4a7c15 ^
			(uint64_t)state->known[i].value) *
		       0xbf58476d1ce4e5b9;
	return ((state->addr + 1) * 0x94d049bb133111eb ^ sum) | 1;
}

/* The values are pids and flags: 32 bits. */
int known_decide(unsigned condition, int64_t left, int64_t right)
{
	int32_t a = (int32_t)left, b = (int32_t)right;

	switch (condition) {
	case IF_EQ:
		return a == b;
	case IF_NE:
		return a != b;
	case IF_LT:
		return a < b;
	case IF_LE:
		return a <= b;
	case IF_GT:
		return a > b;
	case IF_GE:
		return a >= b;
	case IF_BELOW:
		return (uint32_t)a < (uint32_t)b;
	case IF_BELOW_EQ:
		return (uint32_t)a <= (uint32_t)b;
	case IF_ABOVE:
		return (uint32_t)a > (uint32_t)b;
	case IF_ABOVE_EQ:
		return (uint32_t)a >= (uint32_t)b;
	case IF_NEG:
		return (int64_t)a - b < 0;
	case IF_POS:
		return (int64_t)a - b >= 0;
	default:
		return -1;
	}
}
