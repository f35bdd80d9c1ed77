/* SPDX-License-Identifier: MIT */
/*
 * copy.h - what a death leaves behind: a private copy of the ledger's shared state as it is this
 * very moment, on which a survivor's repair can be tried while the original goes on. A process
 * that dies leaves just that.
 */
#ifndef NOMMU_TESTS_COPY_H
#define NOMMU_TESTS_COPY_H

#include "arena/ledger.h"

struct copy {
	struct ledger ledger; /* over the copy; its lock means nothing */
	const struct ledger *of;
};

void copy_make(struct copy *c, const struct ledger *of);
void copy_drop(struct copy *c);
/* Whether the original has changed since copy_take(), the lock's word aside. */
bool copy_differs(const struct copy *c);
void copy_take(struct copy *c);

/*
 * One number for all that the state says: counts, lists, pages, and the contents of every record in
 * use. Leaves out what is of no account: records that are not in use, the journal, the lock.
 */
uint64_t ledger_digest(const struct ledger *l);

#endif
