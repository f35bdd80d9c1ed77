/* SPDX-License-Identifier: MIT */
/* operations.h - the operations that a process may die in: one of each kind, through lib/sys. */
#ifndef NOMMU_TESTS_OPERATIONS_H
#define NOMMU_TESTS_OPERATIONS_H

#include "base/conf.h"

struct operation {
	const char *name;
	enum conf_mode mode;
	enum conf_profile profile;
	void (*prepare)(void); /* in a process of the machine; may be NULL */
	void (*act)(void);     /* the operation; NULL: joining the machine */
	bool in_steps;	       /* several operations of the ledger, one after the other */
};

extern const struct operation operations[];
extern const unsigned operation_count;

/* The machine they run in: small, so that lists are short and blocks of all orders are in use. */
struct conf operation_conf(const struct operation *o);

#endif
