/* SPDX-License-Identifier: MIT */
/*
 * lock.c - see lock.h. A word that is not free is taken over only after its holder was looked for.
 */
#include "arena/lock.h"

#include <errno.h>
#include <linux/futex.h>

#include "base/raw.h"

#ifndef SPINS
#define SPINS 100 /* about the time of one ledger operation; the tests explore with fewer */
#endif
#define PATIENCE_NS 20000000 /* between two looks whether the holder lives */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the half that futex calls see comes first");

static uint32_t *futex_word(struct lock *lock)
{
	return (uint32_t *)&lock->word;
}

static bool try_take(struct lock *lock, uint64_t self)
{
	uint64_t expected = 0;

	return __atomic_compare_exchange_n(&lock->word, &expected, self, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static bool take_over(struct lock *lock, uint64_t seen, uint64_t self)
{
	/* Others may sleep: keep their mark. */
	if (!__atomic_compare_exchange_n(&lock->word, &seen, self | LOCK_WAITERS, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	lock->taken++;
	return true;
}

enum lock_answer lock_take(struct lock *lock, uint64_t self, lock_lives_fn lives)
{
	const struct timespec patience = { 0, PATIENCE_NS };
	bool slept = false;

	for (unsigned i = 0; i < SPINS; i++) {
		if (try_take(lock, self))
			return LOCK_TAKEN;
		if ((__atomic_load_n(&lock->word, __ATOMIC_RELAXED) & ~LOCK_WAITERS) == self)
			return LOCK_REENTERED;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	for (;;) {
		uint64_t seen = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
		long result;

		if (!seen) {
			if (try_take(lock, slept ? self | LOCK_WAITERS : self))
				return LOCK_TAKEN;
			continue;
		}
		if (!(seen & LOCK_WAITERS) &&
		    !__atomic_compare_exchange_n(&lock->word, &seen, seen | LOCK_WAITERS, false,
						 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		seen |= LOCK_WAITERS;
		result = raw_futex(futex_word(lock), FUTEX_WAIT, (uint32_t)seen, &patience);
		slept = true;
		if (result != -ETIMEDOUT)
			continue;
		if (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) == seen &&
		    !lives(seen & ~LOCK_WAITERS) && take_over(lock, seen, self))
			return LOCK_INHERITED;
	}
}

void lock_drop(struct lock *lock)
{
	uint64_t word = __atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE);

	if (word & LOCK_WAITERS)
		(void)raw_futex(futex_word(lock), FUTEX_WAKE, 1, NULL);
}
