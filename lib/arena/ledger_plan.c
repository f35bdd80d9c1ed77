/* SPDX-License-Identifier: MIT */
/* ledger_plan.c - where in the ledger's file each part is, by the options of the run. */
#include "arena/ledger_plan.h"

#define RECORD_BYTES 96 /* of a region or mapping; lib/mm asserts that its structs fit */
#define OBJECT_BYTES 256
#define PROC_BYTES 192
#define MOST_PROCS 65536
#define SHARED_SPACE (1ULL << 36) /* addresses of shared objects where there is an MMU */
#define FEW_RECORDS (1u << 18)	  /* mappings are not bounded by pages there */

uint64_t ledger_arena_pages(const struct conf *conf)
{
	if (conf_profile_system(conf->profile) != SYSTEM_NOMMU)
		return 1ULL << conf->max_order;
	return conf->ram >> NOMMU_PAGE_SHIFT;
}

static uint64_t take_space(uint64_t *at, uint64_t bytes)
{
	uint64_t offset = *at;

	*at += page_align(bytes);
	return offset;
}

static void plan_pool(struct pool *p, uint64_t *at, uint64_t size, uint64_t limit)
{
	p->size = (uint32_t)size;
	p->limit = (uint32_t)min_u64(limit, UINT32_MAX / 2);
	p->offset = take_space(at, (uint64_t)p->limit * size);
	p->exists = 0;
}

static uint64_t bitmap(uint64_t bits)
{
	return (bits + 63) / 64 * sizeof(uint64_t);
}

/*
 * The arrays of pages. A word or owner is touched only where something in its pageblock is, or
 * was, in use or free in pieces: at the start the end at most, or where free lists are given all.
 */
static void plan_pages(struct ledger_header *h, uint64_t *at, uint64_t pages, uint64_t whole)
{
	uint32_t group;

	h->buddy.pages = (uint32_t)pages;
	group = ledger_group(h);
	h->blocks = take_space(at, (pages >> h->buddy.max_order) * sizeof(struct buddy_block));
	h->opened = take_space(at, bitmap((pages + group - 1) / group));
	h->starts = take_space(at, bitmap(pages));
	h->pages = take_space(at, pages * sizeof(struct buddy_page));
	h->owners = take_space(at, pages * sizeof(uint32_t));
	h->closed = whole == pages ? (uint32_t)pages : (uint32_t)(whole / group * group);
}

/* Fills in the header's offsets. */
static void plan(struct ledger_header *h, const struct conf *conf)
{
	const uint32_t *free = conf->has_buddyinfo && !h->has_mmu ? conf->free : NULL;
	uint64_t ram = ledger_arena_pages(conf);
	uint64_t pages = buddy_span(ram, free, conf->max_order);
	uint64_t most = h->has_mmu ? FEW_RECORDS : pages + MOST_PROCS;
	uint64_t at = 0;

	h->buddy.max_order = conf->max_order;
	h->buddy.trim = conf->trim;
	h->buddy.reserve = buddy_reserve(ram);
	take_space(&at, sizeof *h);
	h->journal = take_space(&at, sizeof(struct journal_area));
	plan_pages(h, &at, pages, free ? 0 : ram >> conf->max_order << conf->max_order);
	/* A page has one private mapping at most; shared ones and windows come on top. */
	plan_pool(&h->pool[POOL_PROC], &at, PROC_BYTES, MOST_PROCS);
	plan_pool(&h->pool[POOL_REGION], &at, RECORD_BYTES, most);
	plan_pool(&h->pool[POOL_VMA], &at, RECORD_BYTES, 4 * pages + (1u << 20));
	plan_pool(&h->pool[POOL_OBJECT], &at, OBJECT_BYTES, most);
	h->meta_bytes = at;
	h->file_bytes = h->has_mmu ? at : at + (pages << NOMMU_PAGE_SHIFT);
	h->arena_bytes = h->has_mmu ? SHARED_SPACE : pages << NOMMU_PAGE_SHIFT;
}

/* What kind of machine it is, its quirks, and its swap. */
static void describe(struct ledger_header *h, const struct conf *conf)
{
	h->has_mmu = conf_profile_system(conf->profile) != SYSTEM_NOMMU;
	h->hosted = h->has_mmu || conf->mode == MODE_AUDIT;
	h->swap_pages = conf_swap_pages(conf);
	h->swap_free = h->swap_pages;
	h->quirks = conf_profile_quirks((enum conf_profile)conf->profile);
}

void ledger_plan(struct ledger_header *h, const struct conf *conf)
{
	describe(h, conf);
	plan(h, conf);
}
