/* SPDX-License-Identifier: MIT */
/* hpux_states.c - see hpux.h. */
#include "hpux.h"

static uint32_t map(struct scene *s, uint64_t view, const struct mm_region *r, struct mm_vma v)
{
	machine_enter(&s->m);
	v.region = v.region ? v.region : mm_region_new(&s->m.mm, r);
	v.proc = s->m.mm.self;
	v.start = NO_PAGE;
	v.view = view;
	s->vma = mm_vma_new(&s->m.mm, &v, false);
	ck_well(machine_leave(&s->m));
	return s->vma;
}

static void memory(struct scene *s, uint64_t view, uint32_t pages, uint32_t flags, uint32_t swap)
{
	const struct mm_region r = {
		.start = NO_PAGE, .pages = pages, .top = pages, .flags = REGION_COPY
	};

	map(s, view, &r, (struct mm_vma){ .pages = pages, .flags = flags, .swap = swap });
}

void mapping(struct scene *s)
{
	memory(s, HERE, 8, 0, 8);
}

void two_neighbours(struct scene *s)
{
	mapping(s);
	memory(s, HERE + 8 * P, 8, 0, 8);
}

void two_apart(struct scene *s)
{
	mapping(s);
	memory(s, HERE + 9 * P, 8, 0, 8);
}

void written(struct scene *s)
{
	mapping(s);
	memory(s, HERE + 64 * P, 64, VMA_NORESERVE, 5);
}

void private_file(struct scene *s)
{
	const struct mm_region r = { .start = NO_PAGE,
				     .pages = 8,
				     .top = 8,
				     .flags = REGION_COPY | REGION_FILE,
				     .dev = DEV,
				     .ino = INO };

	map(s, HERE, &r, (struct mm_vma){ .pages = 8, .flags = VMA_FILE, .swap = 8 });
}

void shared_file(struct scene *s)
{
	const struct mm_region r = { .start = NO_PAGE,
				     .pages = 4,
				     .top = 4,
				     .flags = REGION_FILE | REGION_SHARED,
				     .dev = DEV,
				     .ino = INO,
				     .pgoff = 2,
				     .addr = s->m.ledger.h->arena_base };

	map(s, r.addr, &r,
	    (struct mm_vma){ .pages = 4, .flags = VMA_FILE | VMA_SHARED, .pgoff = 2 });
}

void shared_by_another(struct scene *s)
{
	shared_file(s);
	s->m.mm.self = machine_join(&s->m, 2);
	views_clear(s->m.mm.views);
}

void empty(struct scene *s)
{
	memory(s, HERE, (uint32_t)POOL, 0, (uint32_t)POOL);
}

void half_empty(struct scene *s)
{
	memory(s, HERE, (uint32_t)POOL / 2 + 1, 0, (uint32_t)POOL / 2 + 1);
}

void window_full(struct scene *s)
{
	const struct mm_region r = { .start = NO_PAGE,
				     .pages = 1 << 24,
				     .top = 1 << 24,
				     .flags = REGION_FILE | REGION_SHARED,
				     .dev = DEV,
				     .ino = INO + 1,
				     .addr = s->m.ledger.h->arena_base };

	map(s, r.addr, &r, (struct mm_vma){ .pages = 1 << 24, .flags = VMA_FILE | VMA_SHARED });
}

void segment(struct scene *s)
{
	const struct mm_object o = { .kind = OBJECT_SYSV, .start = NO_PAGE, .pages = 4, .id = 5 };

	machine_enter(&s->m);
	ck_assert(mm_swap_take(&s->m.mm, 4, NOMMU_KIND_SHARED));
	s->object = mm_object_new(&s->m.mm, &o);
	ck_well(machine_leave(&s->m));
}

void attached(struct scene *s)
{
	struct mm_region r = { .start = NO_PAGE,
			       .pages = 4,
			       .top = 4,
			       .flags = REGION_SHARED | REGION_DIRECT,
			       .addr = s->m.ledger.h->arena_base };

	segment(s);
	r.object = s->object;
	map(s, r.addr, &r, (struct mm_vma){ .pages = 4, .flags = VMA_FILE | VMA_SHARED });
}

void attached_by_another(struct scene *s)
{
	attached(s);
	s->m.mm.self = machine_join(&s->m, 2);
	views_clear(s->m.mm.views);
}
