/* SPDX-License-Identifier: MIT */
/*
 * Random call sequences through lib/sys, in run and in audit, from fixed seeds: the whole machine
 * is audited every few calls, contents stay what was written, and at the end all of it is given
 * back. And sixteen threads at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000
#define SLOTS 48
#define FILES 3

static const struct course {
	enum conf_mode mode;
	enum conf_profile profile;
	enum conf_uninit uninitialized;
	unsigned trim;
	unsigned seed;
} courses[] = {
	{ MODE_RUN, PROFILE_STRICT, UNINIT_POISON, 1, 1 },
	{ MODE_RUN, PROFILE_STRICT, UNINIT_STALE, 0, 2 },
	{ MODE_RUN, PROFILE_LINUX_6_12, UNINIT_POISON, 1, 3 },
	{ MODE_RUN, PROFILE_LINUX_6_12, UNINIT_ZERO, 5, 4 },
	{ MODE_AUDIT, PROFILE_STRICT, UNINIT_POISON, 1, 5 },
	{ MODE_AUDIT, PROFILE_LINUX_6_12, UNINIT_POISON, 1, 6 },
};

struct slot {
	unsigned char *at;
	size_t pages;
	int file; /* index, -1: anonymous */
};

struct player {
	struct slot slot[SLOTS];
	unsigned seed;
};

static char path[CONF_PATH], error[CONF_ERROR_SIZE];
static int files[FILES]; /* two in memory, one on the disk */

static unsigned number(struct player *p, unsigned below)
{
	return (unsigned)rand_r(&p->seed) % below;
}

/* ---- calls ---- */

static void check_zero(const struct slot *s)
{
	for (size_t i = 0; i < s->pages; i++)
		EXPECT_EQ(s->at[i * PAGE + i % PAGE], 0);
}

/* Each page of an anonymous mapping holds its own address. */
static void sign(const struct slot *s)
{
	for (size_t i = 0; i < s->pages; i++)
		*(unsigned char **)(s->at + i * PAGE) = s->at + i * PAGE;
}

static void check_signed(const struct slot *s)
{
	for (size_t i = 0; i < s->pages && s->file < 0; i++)
		EXPECT(*(unsigned char **)(s->at + i * PAGE) == s->at + i * PAGE);
}

static void play_map(struct player *p, struct slot *s)
{
	bool file = number(p, 4) == 0;
	int index = file ? (int)number(p, FILES) : -1;
	size_t pages = file ? 1 + number(p, 6) : 1 + number(p, 1u << number(p, 7));
	int prot = number(p, 2) ? PROT_READ : PROT_READ | PROT_WRITE;
	int flags = number(p, 2) ? MAP_PRIVATE : MAP_SHARED;
	long got =
		sys_mmap(SITE, 0, pages * PAGE - number(p, 3), file ? prot : PROT_READ | PROT_WRITE,
			 file ? flags : MAP_PRIVATE | MAP_ANONYMOUS, file ? files[index] : -1,
			 file ? (int64_t)(number(p, 4) * PAGE) : 0);

	if (is_err(got))
		return;
	*s = (struct slot){ (unsigned char *)got, pages, index };
	if (!file) {
		check_zero(s);
		sign(s);
	}
}

/*
 * In run the whole of it, an end, the middle, too much,
 * too little; in audit the host does all of these.
 */
static void play_unmap(struct player *p, struct slot *s)
{
	size_t from = number(p, 3) ? 0 : number(p, (unsigned)s->pages);
	size_t pages = number(p, 2) ? s->pages - from : 1 + number(p, (unsigned)(s->pages - from));
	long result;

	check_signed(s);
	result = sys_munmap(SITE, (uint64_t)s->at + from * PAGE, pages * PAGE);
	if (result && (from || pages != s->pages))
		return;
	if (!result && from) { /* the lower part stays */
		s->pages = from;
	} else if (!result && pages < s->pages) {
		s->at += pages * PAGE;
		s->pages -= pages;
	} else {
		s->pages = 0; /* also what linux-6.12 cannot find any more */
	}
}

static void play_remap(struct player *p, struct slot *s)
{
	size_t pages = 1 + number(p, (unsigned)s->pages + 2);
	long got = sys_mremap(SITE, (uint64_t)s->at, s->pages * PAGE, pages * PAGE,
			      number(p, 2) ? MREMAP_MAYMOVE : 0, 0);

	if (is_err(got))
		return;
	s->at = (unsigned char *)got;
	s->pages = pages;
	if (s->file < 0)
		sign(s);
}

static void play_nonsense(struct player *p, struct slot *s)
{
	uint64_t at = (uint64_t)s->at;

	switch (number(p, 6)) {
	case 0:
		EXPECT_EQ(sys_munmap(SITE, at + 1, PAGE), -EINVAL);
		break;
	case 1:
		EXPECT(is_err(sys_mmap(SITE, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
		break;
	case 2:
		EXPECT(is_err(sys_mmap(SITE, 0, PAGE, PROT_READ, MAP_PRIVATE, 9999, 0)));
		break;
	case 3:
		EXPECT(is_err(sys_mremap(SITE, at, 0, PAGE, 0, 0)));
		break;
	case 4:
		if (!sys.audit)
			EXPECT(is_err(sys_mmap(SITE, 0, 5ul << 20, PROT_READ,
					       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
		break;
	default:
		/* no start of a page: another thread may have a segment right behind */
		EXPECT(is_err(sys_shmdt(SITE, at + 1)));
	}
}

static void play_truncate(struct player *p)
{
	if (number(p, 3) == 0)
		EXPECT_EQ(pwrite(files[number(p, 2)], "x", 1, (off_t)(number(p, 12) * PAGE)), 1);
	(void)sys_ftruncate(SITE, files[number(p, 2)],
			    (int64_t)(number(p, 3) ? 8 * PAGE : number(p, 8) * PAGE));
}

static void play_segment(struct player *p)
{
	long id = sys_shmget(SITE, IPC_PRIVATE, (1 + number(p, 9)) * PAGE, IPC_CREAT | 0600);
	long at = id < 0 ? id : sys_shmat(SITE, (int)id, 0, 0);

	if (id < 0)
		return;
	if (!is_err(at))
		memset((void *)at, 1, PAGE);
	if (number(p, 2))
		EXPECT_EQ(sys_shmctl(SITE, (int)id, IPC_RMID, NULL), 0);
	if (!is_err(at))
		EXPECT_EQ(sys_shmdt(SITE, (uint64_t)at), 0);
	(void)sys_shmctl(SITE, (int)id, IPC_RMID, NULL);
}

static void play_pages(struct player *p)
{
	uint64_t len = (1 + number(p, 12)) * PAGE;
	long at = sys_pages_map(SITE, NOMMU_KIND_HEAP, len, number(p, 2));

	if (is_err(at))
		return;
	memset((void *)at, 0x77, len);
	EXPECT_EQ(sys_pages_unmap(SITE, NOMMU_KIND_HEAP, (uint64_t)at, len), 0);
}

static void play(struct player *p)
{
	struct slot *s = &p->slot[number(p, SLOTS)];
	unsigned what = number(p, 100);

	if (what < 75)
		(s->pages ? play_unmap : play_map)(p, s);
	else if (what < 82 && s->pages && s->file < 0)
		play_remap(p, s);
	else if (what < 88 && s->pages)
		play_nonsense(p, s);
	else if (what < 92)
		play_truncate(p);
	else if (what < 96)
		play_segment(p);
	else
		play_pages(p);
}

/* ---- courses ---- */

static void look(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
}

static void start(const struct course *c, uint64_t ram)
{
	struct conf conf = machine_conf(ram, c->profile);
	char name[] = "random-XXXXXX", page[PAGE] = "text";

	conf.mode = (uint8_t)c->mode;
	conf.uninitialized = (uint8_t)c->uninitialized;
	conf.trim = c->trim;
	conf.max_order = 8;
	conf.image = IMAGE_NONE;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
	EXPECT_EQ(sys_start(path, error), 0);
	for (unsigned i = 0; i < 2; i++) {
		files[i] = memfd_create("random", 0);
		EXPECT_EQ(sys_ftruncate(SITE, files[i], 8 * PAGE), 0);
	}
	files[2] = mkstemp(name);
	EXPECT(files[2] >= 0);
	unlink(name);
	for (unsigned i = 0; i < 8; i++)
		EXPECT_EQ(write(files[2], page, sizeof page), sizeof page);
}

/* What is left at the end belongs to the files, or to mappings that Linux 6.12 loses. */
static void finish(const struct course *c)
{
	sys_stop();
	EXPECT(ledger_enter(&sys.ledger, false));
	EXPECT_WELL(machine_audit(&sys.ledger));
	EXPECT_EQ(sys.ledger.h->pool[POOL_VMA].live, 0);
	EXPECT_EQ(sys.ledger.h->stats.live, 0);
	for (unsigned kind = 0; kind < NOMMU_KINDS; kind++)
		if (kind != NOMMU_KIND_SHARED)
			EXPECT_EQ(sys.ledger.h->stats.kind[kind], 0);
	if (c->profile == PROFILE_STRICT)
		EXPECT_EQ(sys.ledger.h->pool[POOL_REGION].live, 0);
	ledger_leave(&sys.ledger);
	sys_destroy();
}

static void play_alone(void *context)
{
	const struct course *c = context;
	static struct player p;
	unsigned calls = under_valgrind() ? 800 : 2500;

	start(c, 8 << 20);
	p.seed = c->seed;
	for (unsigned i = 0; i < calls; i++) {
		play(&p);
		if (i % 16 == 0)
			look();
	}
	finish(c);
}

START_TEST(random_calls_keep_every_invariant)
{
	ck_assert_int_eq(child_status(play_alone, (void *)&courses[_i]), 0);
}
END_TEST

static void *play_in_thread(void *context)
{
	struct player *p = context;

	for (unsigned i = 0; i < (under_valgrind() ? 40u : 200u); i++)
		play(p);
	return NULL;
}

static void play_together(void *context)
{
	const struct course *c = context;
	static struct player p[16];
	pthread_t thread[16];

	start(c, 48 << 20); /* no pressure: on Linux 6.12 that is the end of a process */
	sys_handlers_exist();
	for (unsigned i = 0; i < 16; i++) {
		p[i].seed = c->seed * 100 + i;
		EXPECT_EQ(pthread_create(&thread[i], NULL, play_in_thread, &p[i]), 0);
	}
	for (unsigned i = 0; i < 16; i++)
		pthread_join(thread[i], NULL);
	look();
	finish(c);
}

START_TEST(sixteen_threads_keep_every_invariant)
{
	ck_assert_int_eq(child_status(play_together, (void *)&courses[_i]), 0);
}
END_TEST

SUITE("sys/random", LOOP(random_calls_keep_every_invariant, ARRAY_SIZE(courses)),
      LOOP(sixteen_threads_keep_every_invariant, ARRAY_SIZE(courses)))
