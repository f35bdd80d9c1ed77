/* SPDX-License-Identifier: MIT */
/*
 * reach.h - who calls a function: how far it is from main, and which exported functions lead to it.
 */
#ifndef NOMMU_SCAN_REACH_H
#define NOMMU_SCAN_REACH_H

#include "scan/code.h"

#define REACH_NEVER 1000 /* deeper than is followed, or through pointers only */

/*
 * The number of direct calls from main to the function that addr is in: 0 for main itself,
 * REACH_NEVER where only a table of functions leads there.
 */
unsigned reach_main(struct code *code, uint64_t addr);

/*
 * Calls visit for each exported function from which calls,
 * or functions handed on, lead to one of the places.
 */
void reach_exports(struct code *code, const uint64_t *addrs, size_t count,
		   void (*visit)(void *data, const char *name), void *data);

#endif
