/* SPDX-License-Identifier: MIT */
/*
 * audit.c - the slow and complete check of a machine. It builds its own picture from the records
 * alone and compares it with every count, link and bitmap that the library keeps. May use
 * malloc: it is no part of it.
 */
#include <stdlib.h>
#include <string.h>

#include "support/machine.h"

struct picture {
	struct mm mm;
	uint8_t *owned;	      /* per page: somebody has it */
	uint8_t *gone[POOLS]; /* per record: in the free list */
	uint32_t *users;      /* per region: mappings found */
	uint32_t *shown;      /* per object: regions found */
	uint32_t *procs;      /* per process: mappings found */
	uint64_t *pages;      /* per process: pages that they count for */
	uint64_t *starts;     /* bitmap as it should be */
	uint64_t kinds[LEDGER_KINDS];
	const char *wrong;
};

static uint32_t used(const struct picture *p, enum ledger_pool which)
{
	return p->mm.l->h->pool[which].used;
}

static bool in_use(const struct picture *p, enum ledger_pool which, uint32_t index)
{
	return index && index <= used(p, which) && !p->gone[which][index];
}

static const char *check_pool(struct picture *p, enum ledger_pool which)
{
	const struct pool *pool = &p->mm.l->h->pool[which];
	uint32_t listed = 0;

	p->gone[which] = calloc(pool->used + 1, 1);
	for (uint32_t i = pool->free; i; i = *(uint32_t *)pool_record(p->mm.l, which, i)) {
		if (i > pool->used)
			return "a free record was never used";
		if (p->gone[which][i]++)
			return "a list of free records runs in a circle";
		listed++;
	}
	if (pool->live != pool->used - listed)
		return "a pool's live records are not those that are not free";
	return pool->used && pool->used >= pool->exists ? "a record in use does not exist" : NULL;
}

static const char *own(struct picture *p, uint32_t start, uint32_t pages, uint32_t kind)
{
	const struct buddy *b = &p->mm.l->h->buddy;

	if (start > b->pages || pages > b->pages - start)
		return "an owner's pages are outside of the arena";
	for (uint32_t i = start; i < start + pages; i++)
		if (p->owned[i]++)
			return "a page has two owners, or is owned and free";
	if (kind >= LEDGER_KINDS)
		return "a region is of no kind";
	p->kinds[kind] += pages;
	return NULL;
}

/* Swap, where there is an MMU. */
static const char *reserved(struct picture *p, uint32_t pages, uint32_t kind)
{
	if (kind >= LEDGER_KINDS)
		return "a region is of no kind";
	p->kinds[kind] += pages;
	return p->mm.l->h->has_mmu || !pages ? NULL : "swap is reserved where there is none";
}

static const char *free_pages(struct picture *p)
{
	const struct buddy_view *v = &p->mm.l->buddy;

	for (uint32_t page = 0; page < v->b->pages;) {
		uint32_t state = buddy_state(buddy_word(v, page));
		uint32_t pages = state ? 1u << (state - 1) : 1;

		if (state)
			memset(p->owned + page, 1, pages);
		page += pages;
	}
	return buddy_check(v);
}

static const char *check_objects(struct picture *p)
{
	uint32_t found = 0, prev = 0;

	for (uint32_t i = p->mm.l->h->object_first; i; i = mm_object(&p->mm, i)->next) {
		const struct mm_object *o = mm_object(&p->mm, i);
		const char *wrong;

		if (!in_use(p, POOL_OBJECT, i) || o->prev != prev || ++found > used(p, POOL_OBJECT))
			return "the list of objects is torn";
		wrong = o->start == NO_PAGE ? reserved(p, o->taken, NOMMU_KIND_SHARED)
					    : own(p, o->start, o->taken, NOMMU_KIND_SHARED);
		if (wrong)
			return wrong;
		prev = i;
	}
	return found == p->mm.l->h->pool[POOL_OBJECT].live ? NULL : "an object is in no list";
}

static const char *check_entry(struct picture *p, uint32_t i, uint32_t proc, bool listed)
{
	const struct mm_vma *v = mm_vma(&p->mm, i);

	if (!in_use(p, POOL_VMA, i) || v->proc != proc)
		return "a list of mappings holds what is none";
	if (!(v->flags & VMA_LISTED) == listed)
		return "a mapping is in the wrong list of its process";
	if (!in_use(p, POOL_REGION, v->region))
		return "a mapping's region is gone";
	if (v->flags & VMA_ALIAS)
		return in_use(p, POOL_VMA, v->of) ? NULL : "an alias's mapping is gone";
	p->users[v->region]++;
	p->procs[proc]++;
	if (mm_has_mmu(&p->mm))
		p->pages[proc] += v->swap;
	else if (!(mm_region(&p->mm, v->region)->flags & REGION_WINDOW))
		p->pages[proc] += region_shareable(mm_region(&p->mm, v->region))
					  ? v->pages
					  : mm_region(&p->mm, v->region)->top;
	if (v->flags & VMA_START)
		p->starts[v->start / 64] |= 1ULL << (v->start % 64);
	return reserved(p, v->swap, mm_region(&p->mm, v->region)->kind);
}

static const char *check_list(struct picture *p, uint32_t first, uint32_t proc, bool listed,
			      uint32_t *found)
{
	uint32_t prev = 0;

	for (uint32_t i = first; i; i = mm_vma(&p->mm, i)->next) {
		const char *wrong = check_entry(p, i, proc, listed);

		if (wrong)
			return wrong;
		if (mm_vma(&p->mm, i)->prev != prev || ++*found > used(p, POOL_VMA))
			return "a list of mappings is torn";
		prev = i;
	}
	return NULL;
}

static const char *check_procs(struct picture *p)
{
	uint32_t found = 0, live = 0, prev = 0;

	for (uint32_t i = p->mm.l->h->proc_first; i; i = mm_proc(&p->mm, i)->next) {
		const struct mm_proc *proc = mm_proc(&p->mm, i);
		const char *wrong;

		if (!in_use(p, POOL_PROC, i) || proc->prev != prev || ++live > used(p, POOL_PROC))
			return "the list of processes is torn";
		wrong = check_list(p, proc->private, i, false, &found);
		if (!wrong)
			wrong = check_list(p, proc->shared, i, true, &found);
		if (wrong)
			return wrong;
		if (proc->count != p->procs[i])
			return "a process miscounts its mappings";
		if (proc->pages != p->pages[i])
			return "a process miscounts its pages";
		if (proc->peak < proc->pages)
			return "a process's peak is below what it has";
		prev = i;
	}
	if (live != p->mm.l->h->pool[POOL_PROC].live || live != p->mm.l->h->stats.live)
		return "a process is in no list";
	return found == p->mm.l->h->pool[POOL_VMA].live ? NULL : "a mapping is in no list";
}

static const char *check_region(struct picture *p, uint32_t i)
{
	const struct mm_region *r = mm_region(&p->mm, i);

	if (r->users < p->users[i] || (r->users > p->users[i] && !(r->flags & REGION_LEAKED)))
		return "a region miscounts its users";
	if (!r->users)
		return "a region has no users";
	if (r->pages > r->top)
		return "a region is larger than what it was given";
	if (r->object) {
		if (!in_use(p, POOL_OBJECT, r->object))
			return "a region's object is gone";
		p->shown[r->object]++;
		return NULL;
	}
	return r->start == NO_PAGE ? NULL : own(p, r->start, r->top, r->kind);
}

static const char *check_regions(struct picture *p)
{
	uint32_t shareable = 0, prev = 0;

	for (uint32_t i = 1; i <= used(p, POOL_REGION); i++) {
		const char *wrong = p->gone[POOL_REGION][i] ? NULL : check_region(p, i);

		if (wrong)
			return wrong;
		shareable += !p->gone[POOL_REGION][i] && region_shareable(mm_region(&p->mm, i));
	}
	for (uint32_t i = p->mm.l->h->region_first; i; i = mm_region(&p->mm, i)->next) {
		const struct mm_region *r = mm_region(&p->mm, i);

		if (!in_use(p, POOL_REGION, i) || r->prev != prev || !region_shareable(r) ||
		    !shareable--)
			return "the list of regions that may be shared is torn";
		if (prev && (mm_region(&p->mm, prev)->start > r->start ||
			     (mm_region(&p->mm, prev)->start == r->start &&
			      mm_region(&p->mm, prev)->addr > r->addr)))
			return "the list of regions that may be shared is not by address";
		prev = i;
	}
	return shareable ? "a region that may be shared is in no list" : NULL;
}

static const char *check_sums(struct picture *p)
{
	const struct ledger_header *h = p->mm.l->h;
	uint64_t taken = 0;

	for (unsigned kind = 0; kind < LEDGER_KINDS; kind++) {
		if (p->kinds[kind] != h->stats.kind[kind])
			return "the pages of a kind are miscounted";
		if (h->stats.kind_peak[kind] < h->stats.kind[kind])
			return "a kind's peak is below what it has";
		taken += p->kinds[kind];
	}
	if (taken != h->stats.taken || h->stats.peak < h->stats.taken)
		return "the pages in use are miscounted";
	if (h->has_mmu ? taken + h->swap_free != h->swap_pages
		       : taken + h->buddy.free_pages != h->conf.ram >> NOMMU_PAGE_SHIFT)
		return "pages in use and free pages are not the RAM";
	for (uint32_t i = 1; i <= used(p, POOL_OBJECT); i++)
		if (!p->gone[POOL_OBJECT][i] && mm_object(&p->mm, i)->users != p->shown[i])
			return "an object miscounts its regions";
	if (memcmp(p->starts, p->mm.l->starts, (h->buddy.pages + 63) / 64 * sizeof(uint64_t)) != 0)
		return "the bitmap of starts is not that of the mappings";
	return NULL;
}

const char *machine_audit(struct ledger *l)
{
	struct picture p = { .mm = { .l = l } };
	const struct ledger_header *h = l->h;
	const char *wrong = NULL;

	p.owned = calloc(h->buddy.pages, 1);
	p.users = calloc(h->pool[POOL_REGION].used + 1, sizeof *p.users);
	p.shown = calloc(h->pool[POOL_OBJECT].used + 1, sizeof *p.shown);
	p.procs = calloc(h->pool[POOL_PROC].used + 1, sizeof *p.procs);
	p.pages = calloc(h->pool[POOL_PROC].used + 1, sizeof *p.pages);
	p.starts = calloc((h->buddy.pages + 63) / 64, sizeof *p.starts);
	for (unsigned i = 0; i < POOLS && !wrong; i++)
		wrong = check_pool(&p, (enum ledger_pool)i);
	wrong = wrong ? wrong : free_pages(&p);
	wrong = wrong ? wrong : check_objects(&p);
	wrong = wrong ? wrong : check_procs(&p);
	wrong = wrong ? wrong : check_regions(&p);
	wrong = wrong ? wrong : check_sums(&p);
	wrong = wrong ? wrong : mm_check(l);
	for (unsigned i = 0; i < POOLS; i++)
		free(p.gone[i]);
	free(p.owned);
	free(p.users);
	free(p.shown);
	free(p.procs);
	free(p.pages);
	free(p.starts);
	return wrong;
}
