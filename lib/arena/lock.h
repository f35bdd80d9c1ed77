/* SPDX-License-Identifier: MIT */
/*
 * lock.h - a futex lock between processes that survives the death of its holder at any instruction.
 *
 * The word holds the holder's thread id, so a vfork child (which has the parent's memory, but an id
 * of its own) is told from its parent; a robust mutex is not good enough for that. Beside the id it
 * holds a time at which the thread was there already, so a stranger who was given the id of a dead
 * holder later is told from it. A waiter that sees no change for a while looks whether the holder
 * still lives; if not it takes the lock over and must repair what the holder left half done.
 */
#ifndef NOMMU_ARENA_LOCK_H
#define NOMMU_ARENA_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#define LOCK_WAITERS 0x80000000ull /* in the word */

struct lock {
	/* 0 free, else the holder, LOCK_WAITERS if somebody sleeps; futex calls see the low half */
	uint64_t word;
	uint32_t taken; /* how often it was taken over from the dead */
	uint32_t pad;
};

enum lock_answer {
	LOCK_TAKEN,	/* ours */
	LOCK_INHERITED, /* ours, its holder died: repair first */
	/* this thread already holds it: a signal handler interrupted an operation */
	LOCK_REENTERED,
};

/* Who holds it: a thread, and the low half of life_clock() when it was seen to exist. */
static inline uint64_t lock_holder(uint32_t tid, uint32_t seen)
{
	return (uint64_t)seen << 32 | tid;
}
static inline uint32_t holder_tid(uint64_t holder)
{
	return (uint32_t)holder;
}
static inline uint32_t holder_seen(uint64_t holder)
{
	return (uint32_t)(holder >> 32);
}

/* Tells whether a holder may still be at work. */
typedef bool (*lock_lives_fn)(uint64_t holder);

/*
 * Waits until the lock is self's, a lock_holder(); others' death is looked for every 20 ms. lives()
 * is called without the lock, and may be slow; unknown must count as alive.
 */
enum lock_answer lock_take(struct lock *lock, uint64_t self, lock_lives_fn lives);
/* By its holder only. */
void lock_drop(struct lock *lock);

#endif
