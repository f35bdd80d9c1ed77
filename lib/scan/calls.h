/* SPDX-License-Identifier: MIT */
/*
 * calls.h - what is known of a call by its name: its rule,
 * what it tells of a child, what a target's libc makes of it.
 */
#ifndef NOMMU_SCAN_CALLS_H
#define NOMMU_SCAN_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "rules/rules.h"

enum call_role {
	ROLE_OTHER,
	ROLE_FORK,
	ROLE_FORKPTY,
	ROLE_DAEMON,
	ROLE_VFORK,
	ROLE_SPAWN,
	ROLE_COMMAND,
	ROLE_CLONE,
	ROLE_EXEC,
	ROLE_EXIT,
	ROLE_JUMP,
	ROLE_STOP,
	ROLE_WAIT,
	ROLE_SETSID,
	ROLE_MMAP,
	ROLE_PROTECT,
	ROLE_ADVICE,
	ROLE_HEAP,
	ROLE_SHM,
	ROLE_ALLOCATE,
	ROLE_ALLOCATE2,
	ROLE_THREAD,
	ROLE_PIPE,
	ROLE_MANAGE,
	ROLE_LISTEN,
	ROLES
};

enum call_effect { EFFECT_WORKS, EFFECT_DIFFERS, EFFECT_IGNORED, EFFECT_FAILS, EFFECT_ABSENT };

struct call {
	const char *name;
	enum rule_id rule;    /* RULE_NONE: nothing to report by itself */
	uint8_t role;	      /* enum call_role */
	uint8_t uclibc, musl; /* enum call_effect */
};

/* What is known of an imported name, spelled in any of glibc's ways; or NULL. */
const struct call *call_find(const char *name);

enum call_effect call_effect(const struct call *call, enum conf_libc libc);

/*
 * True where neither the function nor another spelling
 * of it is in that C library (spec 2, names.def).
 */
bool call_missing(const char *name, enum conf_libc libc);

#endif
