/* SPDX-License-Identifier: MIT */
/*
 * machine.h - a machine for tests of the floors below lib/sys: a ledger and one process in
 * it, without the memory itself. Every change goes between machine_enter() and
 * machine_leave(), which checks everything.
 */
#ifndef NOMMU_TESTS_MACHINE_H
#define NOMMU_TESTS_MACHINE_H

#include "mm/mm.h"

struct machine {
	struct ledger ledger;
	struct mm mm;
	struct conf conf;
};

/* conf with ram and profile; every other option as it is by default. */
struct conf machine_conf(uint64_t ram, enum conf_profile profile);
/* A machine of this conf, with one process in it; ends the program if it cannot be had. */
void machine_make(struct machine *m, const struct conf *conf);
void machine_drop(struct machine *m);
/* One more process; m->mm.self stays. */
uint32_t machine_join(struct machine *m, uint32_t pid);

void machine_enter(struct machine *m);
/* Ends the operation; what is wrong with the machine after it, or NULL. */
const char *machine_leave(struct machine *m);

uint64_t machine_address(const struct machine *m, uint32_t page);

/*
 * Everything that must hold between operations, far more than mm_check() can look at in Debug: each
 * page has one owner, each record is in one list, regions count their users, the bitmap of starts
 * is exact. Inside the ledger. NULL, or what is wrong.
 */
const char *machine_audit(struct ledger *l);

/* One operation each; the index of the mapping, or 0. */
uint32_t machine_map(struct machine *m, uint32_t pages);
/* A mapping of pages [at, +pages) of an object. */
uint32_t machine_show(struct machine *m, uint32_t object, uint32_t at, uint32_t pages);
/* A memory-backed file of so many pages; its object. */
uint32_t machine_object(struct machine *m, uint64_t ino, uint32_t pages);

#endif
