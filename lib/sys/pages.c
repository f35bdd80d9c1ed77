/* SPDX-License-Identifier: MIT */
/*
 * pages.c - every way in which pages come to a mapping and go
 * back, with their records. All of it runs inside the ledger.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "arena/life.h"
#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

/* ---- records ---- */

void sys_record_region(uint64_t serial, uint32_t start, uint32_t pages, uint32_t kept,
		       enum nommu_kind kind, uint64_t site, long refused)
{
	struct nommu_record_region *r = trace_claim(sizeof *r, sys.pid);

	if (!r)
		return;
	r->region = serial;
	r->site = site;
	r->start = start;
	r->pages = pages;
	r->kept = kept;
	r->kind = (uint16_t)kind;
	r->refused = (uint16_t)-refused;
	r->tid = ledger_tid();
	trace_done(r, NOMMU_RECORD_REGION);
}

void sys_record_release(uint64_t serial, uint32_t start, uint32_t pages)
{
	struct nommu_record_release *r = trace_claim(sizeof *r, sys.pid);

	if (!r)
		return;
	r->region = serial;
	r->start = start;
	r->pages = pages;
	trace_done(r, NOMMU_RECORD_RELEASE);
}

uint64_t sys_next_serial(void)
{
	set64(mm_journal(&sys.mm), &sys.ledger.h->serial, sys.ledger.h->serial + 1);
	return sys.ledger.h->serial;
}

static void record_free_lists(uint64_t site, uint64_t wanted)
{
	struct nommu_record_free *f = trace_claim(sizeof *f, sys.pid);

	if (!f)
		return;
	f->site = site;
	f->wanted = (uint32_t)wanted;
	f->reserve = sys.ledger.h->buddy.reserve;
	for (unsigned order = 0; order <= sys.ledger.h->buddy.max_order; order++)
		f->blocks[order] = buddy_blocks(&sys.ledger.buddy, order);
	trace_done(f, NOMMU_RECORD_FREE);
}

void sys_refused(const struct place *p, const struct verdict *v)
{
	set32(mm_journal(&sys.mm), &sys.ledger.h->stats.refused, sys.ledger.h->stats.refused + 1);
	if (!v->pages)
		return;
	sys_record_region(0, 0, v->pages, 0, p->kind, p->site, v->result);
	if (!mm_has_mmu(&sys.mm))
		record_free_lists(p->site, v->pages);
}

/* ---- coming ---- */

static uint32_t map_region(const struct place *p, uint32_t region, uint32_t start, uint32_t at,
			   struct verdict *v)
{
	struct mm_vma init = {
		.proc = sys.mm.self,
		.region = region,
		.start = start == NO_PAGE ? NO_PAGE : start + at,
		.pages = v->pages,
		.flags = p->flags | v->mapping,
		.swap = v->swap,
		.view = sys.hosted || start == NO_PAGE ? p->view : page_address(start + at),
		.pgoff = p->pgoff,
		.site = p->site,
	};
	bool replaces = mm_quirk(&sys.mm, QUIRK_ONE_ENTRY);
	uint32_t vma = mm_vma_new(&sys.mm, &init, replaces);

	if (!vma)
		v->result = -ENOMEM;
	return vma;
}

/* One region and its first mapping, over pages that are already taken (or none). */
static uint32_t map_new(const struct place *p, struct mm_region *r, uint32_t at, struct verdict *v)
{
	uint32_t region = mm_region_new(&sys.mm, r);

	if (!region) {
		v->result = -ENOMEM;
		return 0;
	}
	v->region = region;
	return map_region(p, region, r->start, at, v);
}

uint32_t sys_take(const struct place *p, struct verdict *v)
{
	struct mm_region r = {
		.pages = v->pages,
		.flags = v->flags,
		.kind = p->kind,
		.pgoff = p->pgoff,
		.dev = p->dev,
		.ino = p->ino,
		.serial = sys_next_serial(),
	};

	if (mm_has_mmu(&sys.mm))
		return sys_virtual(p, v);
	r.start = mm_take_pages(&sys.mm, v->pages, p->kind, &r.top);
	if (r.start == BUDDY_NONE) {
		v->result = -ENOMEM;
		return 0;
	}
	sys_record_region(r.serial, r.start, v->pages, r.top, p->kind, p->site, 0);
	return map_new(p, &r, 0, v);
}

uint32_t sys_virtual(const struct place *p, struct verdict *v)
{
	struct mm_region r = {
		.start = NO_PAGE,
		.pages = v->pages,
		.top = v->pages,
		.flags = v->flags,
		.kind = p->kind,
		.addr = v->addr,
		.pgoff = p->pgoff,
		.dev = p->dev,
		.ino = p->ino,
		.serial = sys_next_serial(),
	};

	if (v->region)
		return sys_share(p, v);
	if (v->swap)
		sys_record_region(r.serial, 0, v->swap, v->swap, p->kind, p->site, 0);
	return map_new(p, &r, 0, v);
}

uint32_t sys_share(const struct place *p, struct verdict *v)
{
	return map_region(p, v->region, mm_region(&sys.mm, v->region)->start, v->at, v);
}

uint32_t sys_direct(const struct place *p, struct verdict *v)
{
	const struct mm_object *o = mm_object(&sys.mm, v->object);
	struct mm_region r = {
		.start = o->start + v->at,
		.pages = v->pages,
		.top = v->pages,
		.flags = v->flags | REGION_DIRECT,
		.kind = p->kind,
		.object = v->object,
		.addr = v->addr,
		.pgoff = p->pgoff,
		.dev = p->dev,
		.ino = p->ino,
		.serial = o->serial,
	};

	return map_new(p, &r, 0, v);
}

uint32_t sys_window(const struct place *p, struct verdict *v)
{
	struct mm_region r = {
		.start = NO_PAGE,
		.pages = v->pages,
		.top = v->pages,
		.flags = REGION_WINDOW | REGION_FILE,
		.kind = p->kind,
		.pgoff = p->pgoff,
		.serial = sys_next_serial(),
	};

	return map_new(p, &r, 0, v);
}

/* ---- going ---- */

void sys_punch_backing(uint32_t start, uint32_t pages)
{
	int fd = ledger_open_backing(&sys.ledger);

	if (fd < 0)
		return;
	(void)raw_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    (int64_t)(ledger_backing_offset(&sys.ledger) +
				      ((uint64_t)start << NOMMU_PAGE_SHIFT)),
			    (int64_t)pages << NOMMU_PAGE_SHIFT);
	raw_close(fd);
}

void sys_erase(uint32_t vma)
{
	const struct mm_vma *v = mm_vma(&sys.mm, vma);
	const struct mm_region *r = mm_region(&sys.mm, v->region);
	uint32_t object = r->object;
	bool clears = mm_quirk(&sys.mm, QUIRK_ONE_ENTRY);

	if (v->flags & VMA_ALIAS) {
		mm_vma_erase(&sys.mm, vma, false);
		return;
	}
	if (v->swap)
		sys_record_release(r->serial, 0, v->swap);
	if (r->users == 1 && !object && r->start != NO_PAGE) {
		sys_record_release(r->serial, r->start, r->top);
		if (r->flags & REGION_BACKED)
			sys_punch_backing(r->start, r->top);
		if (v->proc == sys.mm.self)
			content_released(r->start, r->top);
	}
	mm_vma_erase(&sys.mm, vma, clears && v->proc == sys.mm.self);
	if (object)
		sys_settle_object(object);
}

static void shrink(uint32_t vma, uint32_t from, uint32_t to)
{
	const struct mm_region *r = mm_region(&sys.mm, mm_vma(&sys.mm, vma)->region);
	uint32_t first, pages = mm_vma_spare(&sys.mm, vma, from, to, &first);

	if (pages) {
		sys_record_release(r->serial, first, pages);
		content_released(first, pages);
	}
	mm_vma_shrink(&sys.mm, vma, from, to);
}

void sys_unmap(const struct verdict *v)
{
	switch (v->action) {
	case ACT_ERASE:
		sys_erase(v->vma);
		break;
	case ACT_SHRINK:
		shrink(v->vma, v->at, v->to);
		break;
	case ACT_SPLIT:
		if (mm_vma_split(&sys.mm, v->vma, v->at))
			shrink(v->vma, 0, v->pages);
		break;
	default:
		break;
	}
}

/* ---- running out ---- */

static enum nommu_call call_of(const struct place *p)
{
	if (p->call)
		return p->call;
	switch (p->kind) {
	case NOMMU_KIND_HEAP:
		return NOMMU_CALL_MALLOC;
	case NOMMU_KIND_STACK:
		return p->site ? NOMMU_CALL_PTHREAD_CREATE : NOMMU_CALL_IMAGE;
	case NOMMU_KIND_IMAGE:
		return NOMMU_CALL_IMAGE;
	default:
		return NOMMU_CALL_MMAP;
	}
}

/* The free lists as /proc/buddyinfo shows them. */
static void print_free_lists(char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned order = 0; order <= sys.ledger.h->buddy.max_order && len + 1 < size; order++)
		len += say_format(text + len, size - len, " %u",
				  buddy_blocks(&sys.ledger.buddy, order));
}

/* The line on stderr; and what the finding will say. */
static void say_killed(uint32_t victim, uint64_t pages, char *text, size_t size)
{
	const struct mm_proc *p = mm_proc(&sys.mm, victim);
	char lists[CONF_ORDERS * 8];

	print_free_lists(lists, sizeof lists);
	say("out of memory: killed process %u (%s), %u pages; %lu pages were asked for by process "
	    "%u, %u are free, the largest block has %u, free lists%s",
	    p->pid, p->name, p->pages, (unsigned long)pages, sys.pid,
	    sys.ledger.h->buddy.free_pages, buddy_largest(&sys.ledger.buddy), lists);
	say_format(text, size, "what made the OOM killer end process %u (%s)", p->pid, p->name);
}

/* As the kernel, which kills nobody else as long as one that it killed is on its way out. */
static void wait_for_end(uint32_t pid, uint64_t started)
{
	const struct timespec moment = { 0, 1000000 };
	enum { LONGEST = 10000 };

	for (unsigned i = 0; i < LONGEST && life_of_process(pid, started); i++)
		raw_call2(SYS_nanosleep, &moment, NULL);
}

/* Takes the lock off, so that a killed process can go; false: there is none. */
static bool kill_one(const struct place *p, uint64_t pages, const struct verdict *why)
{
	const struct timespec moment = { 0, 1000000 };
	uint32_t pid, victim = policy_oom_victim(&sys.mm);
	uint64_t started, bytes = pages << NOMMU_PAGE_SHIFT;
	char text[96];
	struct event e = { .call = call_of(p), .site = p->site, .result = -ENOMEM, .text = text };

	if (!victim)
		return false;
	pid = mm_proc(&sys.mm, victim)->pid;
	started = mm_proc(&sys.mm, victim)->started;
	if (e.call == NOMMU_CALL_MMAP)
		memcpy(e.args,
		       (const uint64_t[6]){ 0, bytes, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX },
		       sizeof e.args);
	else
		e.args[0] = bytes;
	say_killed(victim, pages, text, sizeof text);
	if (victim == sys.mm.self)
		sys_refused(p, why);
	else
		record_free_lists(p->site, pages);
	sys_record_exit(pid, mm_proc(&sys.mm, victim), 3, -1);
	set32(mm_journal(&sys.mm), &mm_proc(&sys.mm, victim)->state, PROC_ENDED);
	sys_leave();
	sys_record(&e, why);
	raw_kill((int)pid, SIGKILL);
	wait_for_end(pid, started);
	while (!sys_enter())
		raw_call2(SYS_nanosleep, &moment, NULL);
	return true;
}

void sys_find_room(const struct place *p, uint64_t pages, struct verdict *v)
{
	/* include/linux/mmzone.h: PAGE_ALLOC_COSTLY_ORDER */
	enum { COSTLY_ORDER = 3, MOST_KILLS = 64 };

	policy_take(&sys.mm, pages, v);
	if (!v->result || v->rule[0] == RULE_CONTIGUOUS_LIMIT)
		return;
	for (unsigned kills = 0; kills < MOST_KILLS; kills++) {
		sys_leave();
		sys_reap();
		sys_sweep_files();
		if (!sys_enter())
			return;
		v->rules = 0;
		v->result = 0;
		policy_take(&sys.mm, pages, v);
		if (!v->result || sys.audit || v->order > COSTLY_ORDER ||
		    !mm_quirk(&sys.mm, QUIRK_OOM_KILLER) || !kill_one(p, pages, v))
			return;
	}
}
