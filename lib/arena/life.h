/* SPDX-License-Identifier: MIT */
/*
 * life.h - who lives, as /proc tells it. An id alone does not name anybody: it is given to
 * somebody else once its thread is gone. Together with the time it was seen at it does: whoever
 * was born later is another.
 */
#ifndef NOMMU_ARENA_LIFE_H
#define NOMMU_ARENA_LIFE_H

#include <stdbool.h>
#include <stdint.h>

/* A thread or process, from its /proc/ID/stat. */
struct life {
	char state;
	uint32_t ppid;
	uint32_t threads; /* of its process, itself included */
	uint64_t started; /* clock ticks since the system started */
};

/* 0, -ESRCH if there is nobody of this id, another -errno if nothing can be known. */
int life_read(uint32_t id, struct life *life);

/* Clock ticks since the system started, on the same clock as `started`. */
uint64_t life_clock(void);

/*
 * Whether a thread that existed at `seen` (the low half
 * of life_clock()) does so still. Unknown counts as yes.
 */
bool life_of_thread(uint32_t tid, uint32_t seen);

/*
 * Whether a process does; started 0: whichever has this id.
 * One whose first thread has ended lives on in the others.
 */
bool life_of_process(uint32_t pid, uint64_t started);

#endif
