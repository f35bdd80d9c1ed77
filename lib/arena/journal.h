/* SPDX-License-Identifier: MIT */
/*
 * journal.h - undo journal of the ledger. Every store into shared state goes through set32() or
 * set64(), which first write down what was there. An operation that ends well empties the journal;
 * whoever takes the lock after its holder died finds the rest and puts the old values back, newest
 * first. An operation is so done or not done, whatever instruction its process died at.
 *
 * Order is all that counts: the entry, then the count, then the store. Both are release stores, so
 * they become visible in that order on every machine. One lock guards ledger and journal.
 */
#ifndef NOMMU_ARENA_JOURNAL_H
#define NOMMU_ARENA_JOURNAL_H

#include "base/compiler.h"
#include "base/types.h"

#define JOURNAL_ENTRIES 8192

struct journal_entry {
	uint64_t where; /* offset of the word from the ledger's start; bit 63: it has 64 bits */
	uint64_t old;	/* what it held */
};

struct journal_area {
	uint32_t count; /* entries in use; 0: no operation is half done */
	uint32_t pad;
	struct journal_entry entry[JOURNAL_ENTRIES];
};

/* One process's view. area NULL: nothing is shared (unit tests, replay), stores are plain. */
struct journal {
	struct journal_area *area;
	char *base; /* the ledger's first byte in this process */
};

#define JOURNAL_WIDE (1ULL << 63)

static inline void journal_save(const struct journal *j, const void *word, uint64_t wide,
				uint64_t old)
{
	struct journal_area *area = j->area;
	uint32_t n = area->count;

	if (unlikely(n >= JOURNAL_ENTRIES))
		__builtin_trap(); /* callers bound their work, see journal_room() */
	area->entry[n].where = (uint64_t)((const char *)word - j->base) | wide;
	area->entry[n].old = old;
	__atomic_store_n(&area->count, n + 1, __ATOMIC_RELEASE);
}

static inline void set32(const struct journal *j, uint32_t *word, uint32_t value)
{
	if (j->area)
		journal_save(j, word, 0, *word);
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void set64(const struct journal *j, uint64_t *word, uint64_t value)
{
	if (j->area)
		journal_save(j, word, JOURNAL_WIDE, *word);
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Stores that the operation may still make. */
static inline uint32_t journal_room(const struct journal *j)
{
	return j->area ? JOURNAL_ENTRIES - j->area->count : UINT32_MAX;
}

/* The operation is complete. */
static inline void journal_commit(const struct journal *j)
{
	if (j->area)
		__atomic_store_n(&j->area->count, 0, __ATOMIC_RELEASE);
}

/*
 * Undoes what is in the journal; may itself be interrupted
 * by death and repeated. Returns the entries undone.
 */
uint32_t journal_rollback(const struct journal *j);

#endif
