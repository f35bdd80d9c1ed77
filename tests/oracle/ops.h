/* SPDX-License-Identifier: MIT */
/*
 * ops.h - what the operations share: the words of a scenario for flags and errors (ops_words.c),
 * and the operations that are files of their own.
 */
#ifndef ORACLE_OPS_H
#define ORACLE_OPS_H

#include "probe.h"

struct flag {
	const char *name;
	int bits;
};

/* Each ends with a NULL name. */
extern const struct flag map_flags[], remap_flags[], open_flags[], shmget_flags[], shmat_flags[];

/* The bits of a comma-separated list; of the letters r, w, x. */
int flags_of(const struct flag *known, const char *list);
int prot_of(const char *letters);

/* Whether a call's answer is an error; prints "ok", or the error's name. */
int refused(long answer);
void answer(long value);

/* Operand number i of the request. */
word operand(const struct request *request, int i);
int small(const struct request *request, int i);

/* ---- ops_process.c: forks, and probes that run beside this one ---- */

void op_fork(const struct request *r);
void op_vfork(const struct request *r);
void op_vfork_mmap(const struct request *r);
void op_child(const struct request *r);
void op_start(const struct request *r);
void op_resume(const struct request *r);
void op_kill(const struct request *r);
void op_pause(const struct request *r);

/* ---- ops_capacity.c: how much there is ---- */

void op_exhaust(const struct request *r);
void op_swiss(const struct request *r);

#endif
