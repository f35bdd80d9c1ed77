/* SPDX-License-Identifier: MIT */
/* What the interpreter (probe.c) and its operations (ops.c) share. */
#ifndef ORACLE_PROBE_H
#define ORACLE_PROBE_H

#include "calls.h"

enum { MAX_WORDS = 16, MAX_LINE = 512 };

struct request {
	const char *words[MAX_WORDS]; /* the operation and its operands; "" beyond the last */
	int count;		      /* how many there are */
};

struct operation {
	const char *name;
	void (*run)(const struct request *request);
};

extern const struct operation operations[]; /* ends with a NULL name */

void show(const char *text);
void say_number(word value);
void say_hex(word value);
void set_variable(const char *name, word value);
word expression(const char *text);
int has_flag(const char *list, const char *flag); /* is FLAG one of the comma-separated LIST? */

#endif
