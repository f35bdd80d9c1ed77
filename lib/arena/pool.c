/* SPDX-License-Identifier: MIT */
/*
 * pool.c - fixed-size records in the ledger; storage is made as it is needed, and never goes away.
 */
#include "arena/ledger.h"

#include <errno.h>
#include <string.h>

/* Bytes of storage to make at a time: as much as there is, since most machines need little. */
#define GROWTH_LEAST (4u << 10)
#define GROWTH_MOST (256u << 10)

static int grow(struct ledger *l, struct pool *p)
{
	uint64_t has = (uint64_t)p->exists * p->size, from = p->offset + has;
	uint64_t end = p->offset + (uint64_t)p->limit * p->size;
	uint64_t to = min_u64(from + min_u64(max_u64(has, GROWTH_LEAST), GROWTH_MOST), end);
	int result;

	if (p->exists >= p->limit)
		return -ENOMEM;
	result = ledger_exist(l, from, to);
	if (result < 0)
		return result;
	set32(&l->buddy.journal, &p->exists, (uint32_t)((to - p->offset) / p->size));
	return 0;
}

/*
 * A record that nobody uses is filled in plainly, its contents are of no account. But one that
 * was given back by this very operation is somebody's again if the operation is undone: then
 * all of it must come back.
 */
static void save_record(struct ledger *l, const struct pool *p, uint32_t *word)
{
	const struct journal *j = &l->buddy.journal;

	if (!l->gave || !j->area)
		return;
	journal_save(j, word + 1, 0, word[1]);
	for (uint64_t *w = (uint64_t *)word + 1; w < (uint64_t *)word + p->size / sizeof *w; w++)
		journal_save(j, w, JOURNAL_WIDE, *w);
}

uint32_t pool_take(struct ledger *l, enum ledger_pool which)
{
	struct pool *p = &l->h->pool[which];
	const struct journal *j = &l->buddy.journal;
	uint32_t index = p->free;
	uint32_t *word;

	if (index) {
		word = pool_record(l, which, index);
		set32(j, &p->free, *word);
		save_record(l, p, word);
	} else {
		if (p->used + 1 >= p->exists && grow(l, p) < 0)
			return 0;
		index = p->used + 1;
		set32(j, &p->used, index);
		word = pool_record(l, which, index);
	}
	set32(j, word, 0);
	memset(word + 1, 0, p->size - sizeof *word);
	set32(j, &p->live, p->live + 1);
	return index;
}

void pool_give(struct ledger *l, enum ledger_pool which, uint32_t index)
{
	struct pool *p = &l->h->pool[which];

	l->gave = true;
	set32(&l->buddy.journal, (uint32_t *)pool_record(l, which, index), p->free);
	set32(&l->buddy.journal, &p->free, index);
	set32(&l->buddy.journal, &p->live, p->live - 1);
}
