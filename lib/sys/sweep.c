/* SPDX-License-Identifier: MIT */
/*
 * sweep.c - ledgers that nobody will remove any more: their
 * runs ended without anybody of ours being left to do it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "arena/life.h"
#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

/* The next name below /dev/shm that is a ledger of ours; false at the end. */
static bool next_ledger(int dir, char *buf, long size, long *at, long *len, const char **name)
{
	const struct raw_entry *e;
	char mine[32];

	say_format(mine, sizeof mine, "nommu-%d-", (int)raw_call0(SYS_geteuid));
	for (;;) {
		if (*at >= *len) {
			*len = raw_call3(SYS_getdents64, dir, buf, size);
			*at = 0;
			if (*len <= 0)
				return false;
		}
		e = (const struct raw_entry *)(buf + *at);
		*at += e->size;
		*name = e->name;
		if (strncmp(e->name, mine, strlen(mine)) == 0)
			return true;
	}
}

/*
 * Where nobody lives, an operation may be half done: it is undone before anybody looks at a list.
 */
static bool anybody_lives(struct ledger *l)
{
	const struct mm mm = { .l = l };
	const struct pool *pool = &l->h->pool[POOL_PROC];
	uint32_t left = pool->used;
	bool found = false;

	if (ledger_held(l) || !ledger_enter(l, false))
		return true;
	/* A damaged one must not lead us astray or round in a circle. */
	for (uint32_t p = l->h->proc_first; p && p <= pool->used && left-- && !found;
	     p = mm_proc(&mm, p)->next)
		found = life_of_process(mm_proc(&mm, p)->pid, mm_proc(&mm, p)->started);
	ledger_leave(l);
	return found;
}

/* Who made it, as its name says: "nommu-USER-PROCESS-TIME". */
static uint32_t maker_of(const char *name)
{
	uint32_t pid = 0;

	name = strchr(name + sizeof "nommu-" - 1, '-');
	for (name = name ? name + 1 : ""; *name >= '0' && *name <= '9'; name++)
		pid = pid * 10 + (uint32_t)(*name - '0');
	return pid;
}

void sys_sweep_stale(void)
{
	_Alignas(struct raw_entry) char buf[2048];
	char path[CONF_PATH], error[CONF_ERROR_SIZE];
	long dir = raw_openat(AT_FDCWD, "/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long at = 0, len = 0;
	const char *name;
	struct ledger l;

	if (dir < 0)
		return;
	while (next_ledger((int)dir, buf, sizeof buf, &at, &len, &name)) {
		say_format(path, sizeof path, "/dev/shm/%s", name);
		if (ledger_is_abandoned(path, maker_of(name)))
			raw_unlink(path);
		if (!ledger_is_orphan(path) || ledger_attach(&l, path, error))
			continue;
		if (!anybody_lives(&l))
			ledger_unlink(&l);
		ledger_detach(&l);
	}
	raw_close((int)dir);
}
