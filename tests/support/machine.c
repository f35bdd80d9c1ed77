/* SPDX-License-Identifier: MIT */
#include "support/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct conf machine_conf(uint64_t ram, enum conf_profile profile)
{
	struct conf conf;

	conf_defaults(&conf);
	conf.ram = ram;
	conf.profile = (uint8_t)profile;
	return conf;
}

void machine_make(struct machine *m, const struct conf *conf)
{
	char error[CONF_ERROR_SIZE] = "";

	m->conf = *conf;
	if (ledger_create(&m->ledger, conf, error)) {
		fprintf(stderr, "no ledger: %s\n", error);
		abort();
	}
	ledger_invariants = mm_check;
	m->mm = (struct mm){ .l = &m->ledger };
	m->mm.views = views_new();
	m->mm.self = machine_join(m, (uint32_t)getpid());
}

void machine_drop(struct machine *m)
{
	ledger_unlink(&m->ledger);
	ledger_detach(&m->ledger);
}

uint32_t machine_join(struct machine *m, uint32_t pid)
{
	struct mm_proc init = { .pid = pid, .started = 1, .state = PROC_LIVE, .adj = 1000 };
	uint32_t proc;

	machine_enter(m);
	proc = mm_proc_new(&m->mm, &init);
	machine_leave(m);
	return proc;
}

void machine_enter(struct machine *m)
{
	if (!ledger_enter(&m->ledger, false)) {
		fprintf(stderr, "the ledger is held by this very thread\n");
		abort();
	}
}

const char *machine_leave(struct machine *m)
{
	const char *wrong = machine_audit(&m->ledger);

	ledger_leave(&m->ledger);
	return wrong;
}

uint64_t machine_address(const struct machine *m, uint32_t page)
{
	return m->ledger.h->arena_base + ((uint64_t)page << NOMMU_PAGE_SHIFT);
}

static uint32_t map_region(struct machine *m, uint32_t region, uint32_t start, uint32_t pages,
			   uint32_t flags)
{
	const struct mm_region *r = mm_region(&m->mm, region);
	struct mm_vma vma = {
		.proc = m->mm.self,
		.region = region,
		.start = start,
		.pages = pages,
		.flags = flags,
		.view = machine_address(m, start),
		.pgoff = r->pgoff + (start - r->start),
	};

	return mm_vma_new(&m->mm, &vma, mm_quirk(&m->mm, QUIRK_ONE_ENTRY));
}

uint32_t machine_map(struct machine *m, uint32_t pages)
{
	struct mm_region r = { .pages = pages, .flags = REGION_COPY, .kind = NOMMU_KIND_MAPPING };
	uint32_t vma = 0;

	machine_enter(m);
	r.start = mm_take_pages(&m->mm, pages, NOMMU_KIND_MAPPING, &r.top);
	if (r.start != BUDDY_NONE)
		vma = map_region(m, mm_region_new(&m->mm, &r), r.start, pages, 0);
	if (machine_leave(m))
		abort();
	return vma;
}

uint32_t machine_object(struct machine *m, uint64_t ino, uint32_t pages)
{
	struct mm_object o = { .kind = OBJECT_FILE,
			       .dev = 1,
			       .ino = ino,
			       .pages = pages,
			       .size = (uint64_t)pages << NOMMU_PAGE_SHIFT };
	uint32_t kept, object;

	machine_enter(m);
	o.start = mm_take_pages(&m->mm, pages, NOMMU_KIND_SHARED, &kept);
	if (kept > pages)
		mm_give_pages(&m->mm, o.start + pages, kept - pages, NOMMU_KIND_SHARED);
	object = mm_object_new(&m->mm, &o);
	if (machine_leave(m))
		abort();
	return object;
}

uint32_t machine_show(struct machine *m, uint32_t object, uint32_t at, uint32_t pages)
{
	struct mm_region r = { .pages = pages,
			       .top = pages,
			       .kind = NOMMU_KIND_SHARED,
			       .flags = REGION_DIRECT | REGION_SHARED | REGION_FILE,
			       .object = object,
			       .pgoff = at,
			       .dev = 1 };
	uint32_t vma;

	machine_enter(m);
	r.start = mm_object(&m->mm, object)->start + at;
	r.ino = mm_object(&m->mm, object)->ino;
	vma = map_region(m, mm_region_new(&m->mm, &r), r.start, pages, VMA_FILE | VMA_SHARED);
	if (machine_leave(m))
		abort();
	return vma;
}
