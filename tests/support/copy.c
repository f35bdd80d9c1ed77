/* SPDX-License-Identifier: MIT */
#include "support/copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mm/mm.h"

#define PARTS (POOLS + 3)

struct part {
	uint64_t from, bytes;
};

/* What there is of the state; the pools' storage is sparse and mostly never used. */
static void list_parts(const struct ledger *l, struct part part[PARTS])
{
	const struct ledger_header *h = l->h;

	part[0] = (struct part){ 0, sizeof *h };
	part[1] = (struct part){ h->journal, offsetof(struct journal_area, entry) +
						     l->buddy.journal.area->count *
							     sizeof(struct journal_entry) };
	part[2] = (struct part){ h->blocks, h->pool[POOL_PROC].offset - h->blocks };
	for (unsigned i = 0; i < POOLS; i++) {
		const struct pool *p = &h->pool[i];

		part[3 + i] = (struct part){ p->offset, p->used ? (p->used + 1ull) * p->size : 0 };
	}
}

void copy_make(struct copy *c, const struct ledger *of)
{
	struct ledger *l = &c->ledger;
	void *base = mmap(NULL, of->h->meta_bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED) {
		perror("mmap");
		abort();
	}
	*l = *of;
	c->of = of;
	l->base = base;
	l->h = base;
	l->starts = (uint64_t *)(l->base + of->h->starts);
	l->owners = (uint32_t *)(l->base + of->h->owners);
	l->buddy.b = &l->h->buddy;
	l->buddy.page = (struct buddy_page *)(l->base + of->h->pages);
	l->buddy.block = (struct buddy_block *)(l->base + of->h->blocks);
	l->buddy.journal.area = (struct journal_area *)(l->base + of->h->journal);
	l->buddy.journal.base = l->base;
	copy_take(c);
}

void copy_drop(struct copy *c)
{
	munmap(c->ledger.base, c->of->h->meta_bytes);
}

bool copy_differs(const struct copy *c)
{
	struct part part[PARTS];
	bool differs = false;

	list_parts(c->of, part);
	c->ledger.h->lock = c->of->h->lock;
	for (unsigned i = 0; i < PARTS && !differs; i++)
		differs = memcmp(c->ledger.base + part[i].from, c->of->base + part[i].from,
				 part[i].bytes) != 0;
	return differs;
}

void copy_take(struct copy *c)
{
	struct part part[PARTS];

	list_parts(c->of, part);
	for (unsigned i = 0; i < PARTS; i++)
		memcpy(c->ledger.base + part[i].from, c->of->base + part[i].from, part[i].bytes);
}

static void mix(uint64_t *digest, const void *data, size_t bytes)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < bytes; i++)
		*digest = (*digest ^ p[i]) * 0x100000001b3ULL;
}

static void mix_pool(const struct ledger *l, enum ledger_pool which, uint64_t *digest)
{
	const struct pool *p = &l->h->pool[which];
	uint8_t *gone = calloc(p->used + 1u, 1);
	uint32_t listed = 0;

	for (uint32_t i = p->free; i && i <= p->used && listed++ <= p->used;
	     i = *(uint32_t *)pool_record(l, which, i))
		gone[i] = 1;
	for (uint32_t i = 1; i <= p->used; i++)
		if (!gone[i])
			mix(digest, pool_record(l, which, i), p->size);
	mix(digest, &p->live, sizeof p->live);
	free(gone);
}

uint64_t ledger_digest(const struct ledger *l)
{
	const struct ledger_header *h = l->h;
	uint64_t digest = 0xcbf29ce484222325ULL;
	size_t words = (h->buddy.pages + 63) / 64;

	mix(&digest, &h->buddy, sizeof h->buddy);
	mix(&digest, &h->stats, sizeof h->stats);
	mix(&digest, &h->proc_first, 4 * sizeof(uint32_t));
	mix(&digest, &h->serial, sizeof h->serial);
	for (uint32_t page = 0; page < h->buddy.pages; page++)
		mix(&digest, buddy_word(&l->buddy, page), sizeof *l->buddy.page);
	for (uint32_t block = 0; block < h->buddy.pages >> h->buddy.max_order; block++)
		mix(&digest, &l->buddy.block[block].type, sizeof l->buddy.block[block].type);
	mix(&digest, l->starts, words * sizeof(uint64_t));
	for (uint32_t page = 0; page < h->buddy.pages; page++)
		if (l->starts[page / 64] >> (page % 64) & 1)
			mix(&digest, &l->owners[page], sizeof l->owners[page]);
	for (unsigned i = 0; i < POOLS; i++)
		mix_pool(l, (enum ledger_pool)i, &digest);
	return digest;
}
