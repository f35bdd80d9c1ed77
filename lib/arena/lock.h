/* SPDX-License-Identifier: MIT */
/*
 * lock.h - a futex lock between processes that survives the death of its holder at any instruction.
 *
 * The word holds the holder's thread id, so a vfork child (which has the parent's memory, but an id of
 * its own) is told from its parent; a robust mutex is not good enough for that. A waiter that sees no
 * change for a while looks whether the holder still lives and is one of ours; if not it takes the lock over
 * and must repair what the holder left half done.
 */
#ifndef NOMMU_ARENA_LOCK_H
#define NOMMU_ARENA_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct lock {
	uint32_t word;	/* 0 free, else the holder's thread id, LOCK_WAITERS if somebody sleeps */
	uint32_t taken; /* how often it was taken over from the dead */
};

enum lock_answer {
	LOCK_TAKEN,	/* ours */
	LOCK_INHERITED, /* ours, its holder died: repair first */
	LOCK_REENTERED, /* this thread already holds it: a signal handler interrupted an operation */
};

/* Tells whether a thread that is not known to be dead may hold the lock; see lock_holder_lives(). */
typedef bool (*lock_lives_fn)(void *context, uint32_t tid);

enum lock_answer lock_take(struct lock *lock, uint32_t tid, lock_lives_fn lives, void *context);
void lock_drop(struct lock *lock);

/* Reads /proc/TID/status: false if there is no such thread or it is a zombie; else its ids. */
bool lock_thread_status(uint32_t tid, uint32_t *tgid, uint32_t *ppid);

#endif
