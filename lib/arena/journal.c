/* SPDX-License-Identifier: MIT */
/* journal.c - the way back; what is written on the way there is inline in journal.h. */
#include "arena/journal.h"

uint32_t journal_rollback(const struct journal *j)
{
	uint32_t undone = j->area->count;

	/*
	 * The count goes down only after the word is back: dying in between puts the same old value
	 * back twice, which is harmless.
	 */
	for (uint32_t n = undone; n > 0; n--) {
		const struct journal_entry *e = &j->area->entry[n - 1];
		char *word = j->base + (e->where & ~JOURNAL_WIDE);

		if (e->where & JOURNAL_WIDE)
			__atomic_store_n((uint64_t *)word, e->old, __ATOMIC_RELEASE);
		else
			__atomic_store_n((uint32_t *)word, (uint32_t)e->old, __ATOMIC_RELEASE);
		__atomic_store_n(&j->area->count, n - 1, __ATOMIC_RELEASE);
	}
	return undone;
}
