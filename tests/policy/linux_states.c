/* SPDX-License-Identifier: MIT */
/* linux_states.c - see linux.h. */
#include "linux.h"

uint64_t address(const struct scene *s, uint32_t vma)
{
	return mm_vma(&s->m.mm, vma)->view;
}

void mapping(struct scene *s)
{
	s->vma = machine_map(&s->m, 8);
}

void two_neighbours(struct scene *s)
{
	uint32_t second;

	s->vma = machine_map(&s->m, 8);
	second = machine_map(&s->m, 8);
	if (address(s, second) < address(s, s->vma))
		s->vma = second;
}

void shrunk(struct scene *s)
{
	mapping(s);
	machine_enter(&s->m);
	mm_vma_resize(&s->m.mm, s->vma, 5);
	ledger_leave(&s->m.ledger);
}

void sized_file(struct scene *s)
{
	s->object = machine_object(&s->m, INO, FILE_PAGES);
}

void mapped_file(struct scene *s)
{
	sized_file(s);
	s->vma = machine_show(&s->m, s->object, 0, FILE_PAGES);
}

void mapped_part(struct scene *s)
{
	sized_file(s);
	s->vma = machine_show(&s->m, s->object, 2, 4);
}

void shared_copy(struct scene *s)
{
	struct mm_region r = { .pages = 4,
			       .flags = REGION_COPY | REGION_OVERLAY | REGION_FILE,
			       .kind = NOMMU_KIND_SHARED,
			       .pgoff = 2,
			       .dev = DEV,
			       .ino = INO };
	struct mm_vma v = { .proc = s->m.mm.self, .pages = 4, .flags = VMA_FILE, .pgoff = 2 };

	machine_enter(&s->m);
	r.start = mm_take_pages(&s->m.mm, 4, NOMMU_KIND_SHARED, &r.top);
	v.region = mm_region_new(&s->m.mm, &r);
	v.start = r.start;
	v.view = machine_address(&s->m, r.start);
	s->vma = mm_vma_new(&s->m.mm, &v, false);
	ledger_leave(&s->m.ledger);
}

void shared_copy_of_another(struct scene *s)
{
	shared_copy(s);
	machine_enter(&s->m);
	mm_vma_erase(&s->m.mm, s->vma, false);
	s->m.mm.self = 0;
	ledger_leave(&s->m.ledger);
	s->m.mm.self = machine_join(&s->m, 2);
	shared_copy(s);
	s->m.mm.self = machine_join(&s->m, 3);
}

void private_file(struct scene *s)
{
	struct mm_region r = { .pages = 4,
			       .flags = REGION_COPY | REGION_FILE,
			       .kind = NOMMU_KIND_FILE,
			       .dev = DEV,
			       .ino = INO };
	struct mm_vma v = { .proc = s->m.mm.self, .pages = 4, .flags = VMA_FILE };

	machine_enter(&s->m);
	r.start = mm_take_pages(&s->m.mm, 4, NOMMU_KIND_FILE, &r.top);
	v.region = mm_region_new(&s->m.mm, &r);
	v.start = r.start;
	v.view = machine_address(&s->m, r.start);
	s->vma = mm_vma_new(&s->m.mm, &v, false);
	ledger_leave(&s->m.ledger);
}

void segment(struct scene *s)
{
	sized_file(s);
	machine_enter(&s->m);
	mm_object(&s->m.mm, s->object)->kind = OBJECT_SYSV;
	ledger_leave(&s->m.ledger);
}

void attached(struct scene *s)
{
	segment(s);
	s->vma = machine_show(&s->m, s->object, 0, FILE_PAGES);
}

static void drain(struct scene *s, bool every_second)
{
	static uint32_t page[4096];
	uint32_t kept, n = 0;

	machine_enter(&s->m);
	while (n < 4096 &&
	       (page[n] = mm_take_pages(&s->m.mm, 1, NOMMU_KIND_HEAP, &kept)) != BUDDY_NONE) {
		journal_commit(mm_journal(&s->m.mm));
		n++;
	}
	for (uint32_t i = 0; i < n && every_second; i += 2) {
		mm_give_pages(&s->m.mm, page[i], 1, NOMMU_KIND_HEAP);
		journal_commit(mm_journal(&s->m.mm));
	}
	ledger_leave(&s->m.ledger);
}

void empty(struct scene *s)
{
	drain(s, false);
}

void fragmented(struct scene *s)
{
	s->m.ledger.h->buddy.reserve = 0; /* it would be one block */
	drain(s, true);
}
