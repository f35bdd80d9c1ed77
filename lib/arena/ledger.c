/* SPDX-License-Identifier: MIT */
/* ledger.c - entering and leaving the ledger, and repairing it after a death. */
#include "arena/ledger.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "arena/life.h"
#include "base/raw.h"
#include "base/say.h"

const char *(*ledger_invariants)(struct ledger *l);

static nommu_tls uint64_t self; /* how the lock knows this thread; 0: not known yet */

uint32_t ledger_tid(void)
{
	if (unlikely(!self))
		self = lock_holder((uint32_t)raw_gettid(), (uint32_t)life_clock());
	return holder_tid(self);
}

void ledger_forget_tid(void)
{
	self = 0;
}

static bool holder_lives(uint64_t holder)
{
	return life_of_thread(holder_tid(holder), holder_seen(holder));
}

bool ledger_held(const struct ledger *l)
{
	uint64_t holder = __atomic_load_n(&l->h->lock.word, __ATOMIC_RELAXED) & ~LOCK_WAITERS;

	return holder && holder_lives(holder);
}

bool ledger_enter(struct ledger *l, bool block_signals)
{
	const uint64_t all = ~0ULL;
	uint64_t old = 0;
	enum lock_answer answer;

	if (block_signals)
		(void)raw_sigmask(SIG_SETMASK, &all, &old);
	ledger_tid();
	answer = lock_take(&l->h->lock, self, holder_lives);
	if (answer == LOCK_REENTERED) {
		if (block_signals)
			(void)raw_sigmask(SIG_SETMASK, &old, NULL);
		return false;
	}
	/*
	 * Also when it was not inherited: a thread that
	 * siglongjmp'ed out of an operation left one behind.
	 */
	if (unlikely(l->buddy.journal.area->count))
		journal_rollback(&l->buddy.journal);
	l->old_mask = old;
	l->masked = block_signals;
	l->gave = false;
	return true;
}

#ifdef NOMMU_CHECK
static void check_invariants(struct ledger *l)
{
	const char *wrong = buddy_check(&l->buddy);

	if (!wrong && ledger_invariants)
		wrong = ledger_invariants(l);
	if (wrong) {
		say("invariant broken: %s", wrong);
		abort();
	}
}
#else
static inline void check_invariants(struct ledger *l)
{
	(void)l;
}
#endif

void ledger_leave(struct ledger *l)
{
	uint64_t old = l->old_mask;
	bool masked = l->masked;

	check_invariants(l);
	journal_commit(&l->buddy.journal);
	lock_drop(&l->h->lock);
	if (masked)
		(void)raw_sigmask(SIG_SETMASK, &old, NULL);
}
