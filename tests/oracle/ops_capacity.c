/* SPDX-License-Identifier: MIT */
/* ops_capacity.c - how much there is: blocks of a size until none is left, in one or two sizes. */
#include "ops.h"

#include <sys/mman.h>

static long take(word len)
{
	return call_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static word *next_of(word block)
{
	return (word *)block;
}

void op_exhaust(const struct request *r)
{
	word len = operand(r, 1), newest = 0, count = 0;
	long got;

	while (!refused(got = take(len))) {
		*next_of((word)got) = newest;
		newest = (word)got;
		count++;
	}
	answer(got);
	show(" after ");
	say_number(count);
	while (newest != 0) {
		word older = *next_of(newest);

		call_munmap(newest, len);
		newest = older;
	}
}

/* Blocks in the order in which they were got. */
struct chain {
	word first, last, count;
};

static void chain_add(struct chain *chain, word block)
{
	*next_of(block) = 0;
	if (chain->first == 0)
		chain->first = block;
	else
		*next_of(chain->last) = block;
	chain->last = block;
	chain->count++;
}

static void chain_free(struct chain *chain, word len)
{
	while (chain->first != 0) {
		word block = chain->first;

		chain->first = *next_of(block);
		call_munmap(block, len);
	}
}

void op_swiss(const struct request *r)
{
	word len = operand(r, 1), big = operand(r, 2);
	struct chain even = { 0 }, odd = { 0 }, bigs = { 0 };
	long got;

	while (!refused(got = take(len)))
		chain_add(even.count == odd.count ? &even : &odd, (word)got);
	word pieces = even.count + odd.count;
	chain_free(&even, len);
	while (2 * bigs.count < pieces && !refused(got = take(big)))
		chain_add(&bigs, (word)got);
	show("big ");
	say_number(bigs.count);
	show(" of pieces ");
	say_number(pieces);
	chain_free(&bigs, big);
	chain_free(&odd, len);
}
