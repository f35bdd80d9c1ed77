/* SPDX-License-Identifier: MIT */
/*
 * process.h - this process as one of a machine: for the tests of lib/sys, each in a child of its
 * own (child.h), since a process is in one machine and stays there. What goes wrong ends the child.
 */
#ifndef NOMMU_TESTS_PROCESS_H
#define NOMMU_TESTS_PROCESS_H

#include "support/child.h"
#include "support/machine.h"

/* A machine with no image model and blocks of at most 1 MiB, in which nobody is yet. */
void process_make(enum conf_mode mode, enum conf_profile profile, uint64_t ram);
/* This process joins it. */
void process_join(void);
/* A child of a process of the machine joins as a process of its own right, as after exec. */
void process_join_afresh(void);
/* Everything that must hold of the machine does (machine_audit()). */
void process_look(void);
const struct ledger_stats *process_stats(void);
/* Looks, leaves the machine and removes it. */
void process_leave(void);

/* Private anonymous memory; its address. */
uint64_t process_map(unsigned pages);

#endif
