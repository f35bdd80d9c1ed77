/* SPDX-License-Identifier: MIT */
/* start.c - making a machine, joining it as a process, looking at it from outside. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "arena/life.h"
#include "base/checker.h"
#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* ---- facts of a process ---- */

/* Reads a small file of /proc; returns its length, 0 if it cannot be read. Always ended by 0. */
static size_t read_proc(uint32_t pid, const char *name, char *buf, size_t size)
{
	char path[48];
	long fd, n;

	say_format(path, sizeof path, "/proc/%u/%s", pid, name);
	fd = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	n = fd < 0 ? fd : raw_read((int)fd, buf, size - 1);
	if (fd >= 0)
		raw_close((int)fd);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static uint64_t parse_decimal(const char *p)
{
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	return value;
}

uint64_t sys_process_start(uint32_t pid, uint32_t *ppid)
{
	struct life life;

	if (life_read(pid, &life))
		return 0;
	if (ppid)
		*ppid = life.ppid;
	return life.started;
}

static uint32_t adjustment(uint32_t pid)
{
	char text[32];
	int64_t value;

	if (!read_proc(pid, "oom_score_adj", text, sizeof text))
		return 1000;
	value = text[0] == '-' ? -(int64_t)parse_decimal(text + 1) : (int64_t)parse_decimal(text);
	return (uint32_t)(value + 1000);
}

/* ---- this process's memory for it ---- */

static int reserve_arena(char *error)
{
	size_t bytes = sys.end - sys.base;
	long got =
		raw_mmap(sys.base, bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (is_err(got) || (uint64_t)got != sys.base) {
		if (!is_err(got))
			raw_munmap((uint64_t)got, bytes);
		say_format(error, CONF_ERROR_SIZE,
			   "the arena's address %lx is taken in this process",
			   (unsigned long)sys.base);
		return is_err(got) ? (int)got : -EEXIST;
	}
	got = raw_mmap(0, bytes >> NOMMU_PAGE_SHIFT, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (is_err(got)) {
		raw_munmap(sys.base, bytes);
		return (int)got;
	}
	sys.page = (uint8_t *)got;
	checker_forbid((void *)sys.base, bytes);
	return 0;
}

/* A page that the host clears in forked children: it tells a child that nobody told us about. */
static void watch_for_forks(void)
{
	long got = raw_mmap(0, NOMMU_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (is_err(got))
		return;
	if (raw_madvise((uint64_t)got, NOMMU_PAGE_SIZE, MADV_WIPEONFORK) < 0) {
		raw_munmap((uint64_t)got, NOMMU_PAGE_SIZE);
		return;
	}
	sys.alive = (uint32_t *)got;
	*sys.alive = 1;
}

static void point_at_arena(void)
{
	const struct ledger_header *h = sys.ledger.h;

	sys.base = h->arena_base;
	sys.end = h->arena_base + h->arena_bytes;
	sys.audit = h->conf.mode == MODE_AUDIT;
	sys.hosted = h->hosted;
	sys.mm.l = &sys.ledger;
	sys.pid = (uint32_t)raw_getpid();
#ifdef NOMMU_CHECK
	ledger_invariants = mm_check;
#endif
}

/* ---- joining ---- */

static void program_name(char name[NAME_SIZE])
{
	char text[64], *end;

	if (!read_proc(sys.pid, "comm", text, sizeof text))
		return;
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	say_format(name, NAME_SIZE, "%s", text);
}

/* Start time and parent of this process. Who made the machine has looked it up for that already. */
static uint64_t own_start(uint32_t *ppid)
{
	const struct ledger_header *h = sys.ledger.h;

	if (!sys.watching || h->creator_pid != sys.pid || !h->creator_started)
		return sys_process_start(sys.pid, ppid);
	*ppid = (uint32_t)raw_call0(SYS_getppid);
	return h->creator_started;
}

/* The record of this image: the one that expects it, or that an exec left, or a new one. */
static uint32_t join(uint32_t *origin)
{
	struct mm_proc init = { .pid = sys.pid, .state = PROC_LIVE };
	struct ledger_header *h = sys.ledger.h;
	const struct journal *j = mm_journal(&sys.mm);
	uint32_t proc = mm_proc_find(&sys.mm, sys.pid, 0);

	init.started = own_start(&init.ppid);
	init.adj = adjustment(sys.pid);
	program_name(init.name);
	set32(j, &h->stats.attached, h->stats.attached + 1);
	set32(j, &h->image_serial, h->image_serial + 1);
	init.image = h->image_serial;
	*origin = proc ? (mm_proc(&sys.mm, proc)->state == PROC_EXPECTED ? 3 : 1)
		       : (init.image > 1 ? 3 : 0);
	if (proc) { /* empty by now: sys_start() released what it had */
		struct mm_proc *p = mm_proc(&sys.mm, proc);

		set32(j, &p->image, init.image);
		set32(j, &p->state, PROC_LIVE);
		set32(j, &p->peak, 0);
		set32(j, &p->adj, init.adj);
		set32(j, &p->ppid, init.ppid);
		set64(j, &p->started, init.started);
		sys_set_name(p->name, init.name);
		return proc;
	}
	return mm_proc_new(&sys.mm, &init);
}

void sys_record_image(uint32_t origin)
{
	const struct mm_proc *p = mm_proc(&sys.mm, sys.mm.self);
	struct nommu_record_process *r;
	char command[2048];
	size_t len;

	if (!trace_active())
		return;
	len = read_proc(sys.pid, "cmdline", command, sizeof command);
	r = trace_claim(sizeof *r + len + 1, sys.pid);
	if (!r)
		return;
	r->ppid = p->ppid;
	r->image = p->image;
	r->start = p->started;
	r->stack_bytes = sys_stack_bytes();
	r->origin = origin;
	memcpy(r->command, command, len);
	trace_done(r, NOMMU_RECORD_PROCESS);
	sys_record_modules();
}

/*
 * An exec put this image in another's place, or one with
 * our pid died and nobody noticed: its memory goes.
 */
static void release_previous(void)
{
	struct identity who = { 0 };

	if (sys_enter()) {
		who.proc = mm_proc_find(&sys.mm, sys.pid, 0);
		if (who.proc)
			who = sys_identity(who.proc);
		sys_leave();
	}
	if (who.proc)
		sys_release_all(&who);
}

/* The one who made the machine joins it too, and has its ledger before it already. */
static int attach(const char *path, char *error)
{
	if (sys.ledger.h && strcmp(sys.ledger.path, path) == 0)
		return 0;
	ledger_detach(&sys.ledger);
	return ledger_attach(&sys.ledger, path, error);
}

int sys_start(const char *path, char *error)
{
	uint32_t origin = 0;
	bool recording;
	int result;

	if (sys.active)
		return 0;
	result = attach(path, error);
	if (result)
		return result;
	say_format(error, CONF_ERROR_SIZE, "no memory for the bookkeeping of a process");
	point_at_arena();
	if (!sys.hosted)
		result = reserve_arena(error);
	else if (!sys.audit)
		result = (int)hosted_keep_space(sys.base, sys.end);
	sys.mm.views = result ? NULL : views_new();
	if (result || !sys.mm.views)
		goto failed;
	watch_for_forks();
	/* Before anything goes back: it belongs into the recording. */
	recording = sys.ledger.h->conf.record[0] && trace_attach(sys.ledger.h->conf.record) == 0;
	release_previous();
	if (!sys_enter())
		goto failed;
	sys.mm.self = join(&origin);
	if (sys.watching && sys.ledger.h->creator_pid == sys.pid)
		set32(mm_journal(&sys.mm), &sys.ledger.h->self_made, 1);
	sys_leave();
	if (!sys.mm.self)
		goto failed;
	sys.active = true;
	if (recording)
		sys_record_image(origin);
	return 0;
failed:
	if (result)
		lost_mark(NOMMU_LOST_BASE);
	else
		result = -ENOMEM;
	ledger_detach(&sys.ledger);
	return result;
}

void sys_stop(void)
{
	size_t bytes = sys.end - sys.base;
	struct identity self;

	if (!sys.active)
		return;
	self = sys_identity(sys.mm.self);
	sys_release_all(&self);
	if (sys_enter()) {
		mm_proc_drop(&sys.mm, sys.mm.self);
		sys_leave();
	}
	sys.active = false;
	if (sys.page) {
		raw_munmap(sys.base, bytes);
		raw_munmap((uint64_t)sys.page, bytes >> NOMMU_PAGE_SHIFT);
	}
	sys.page = NULL;
	if (sys.alive)
		raw_munmap((uint64_t)sys.alive, NOMMU_PAGE_SIZE);
	sys.alive = NULL;
	views_free(sys.mm.views);
	sys.mm.views = NULL;
	sys.mm.self = 0;
}

/* ---- from outside ---- */

int sys_create(const struct conf *conf, char *path, char *error)
{
	int result;

	sys_sweep_stale();
	result = ledger_create(&sys.ledger, conf, error);
	if (result)
		return result;
	memcpy(path, sys.ledger.path, sizeof sys.ledger.path);
	point_at_arena();
	sys.watching = true;
	if (!conf->record[0])
		return 0;
	result = trace_create(conf->record, conf, conf->ram >> NOMMU_PAGE_SHIFT,
			      sys.ledger.h->buddy.reserve);
	if (result == 0)
		result = trace_attach(conf->record);
	if (result) {
		say_format(error, CONF_ERROR_SIZE, "cannot write the recording %s: %s",
			   conf->record, strerrordesc_np(-result));
		sys_destroy();
	}
	return result;
}

int sys_watch(const char *path, char *error)
{
	int result = ledger_attach(&sys.ledger, path, error);

	if (result)
		return result;
	point_at_arena();
	sys.watching = true;
	return 0;
}

void sys_destroy(void)
{
	ledger_unlink(&sys.ledger);
}
