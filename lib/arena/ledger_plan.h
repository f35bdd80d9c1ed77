/* SPDX-License-Identifier: MIT */
/* ledger_plan.h - private to lib/arena: the layout of a ledger that is to be made. */
#ifndef NOMMU_ARENA_LEDGER_PLAN_H
#define NOMMU_ARENA_LEDGER_PLAN_H

#include "arena/ledger.h"

/* Fills a header of zeroes: what machine it is, and the parts' offsets. */
void ledger_plan(struct ledger_header *h, const struct conf *conf);
/* Pages of the arena. With an MMU there is none: the smallest allocator stands in its place. */
uint64_t ledger_arena_pages(const struct conf *conf);

#endif
