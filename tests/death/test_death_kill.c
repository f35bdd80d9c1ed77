/* SPDX-License-Identifier: MIT */
/*
 * SIGKILL at random times: eight processes work in one ledger as fast as they can and are killed
 * one after the other, DEATH_KILLS times per machine; afterwards the machine is empty, consistent
 * and unlocked. The figures say how many of the dead held the lock.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define WORKERS 8
#define SLOTS 24
#define PAGE 4096ul
#define SITE 0x1000

struct machine_row {
	const char *name;
	enum conf_mode mode;
	enum conf_profile profile;
};

static const struct machine_row rows[] = {
	{ "run strict", MODE_RUN, PROFILE_STRICT },
	{ "run linux-6.12", MODE_RUN, PROFILE_LINUX_6_12 },
	{ "audit strict", MODE_AUDIT, PROFILE_STRICT },
	{ "run hpux-11.31", MODE_RUN, PROFILE_HPUX_11_31 },
};

static char path[CONF_PATH], error[CONF_ERROR_SIZE];
static int memory_file[2], disk_file;

/* ---- a worker ---- */

struct slot {
	uint64_t at, pages;
	int file; /* descriptor, -1: anonymous */
};
static struct slot slot[SLOTS];

/*
 * Mapping a file twice in one process leaks on Linux
 * 6.12, as it should: then nothing would end empty.
 */
static bool mapped(int file)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (slot[i].pages && slot[i].file == file)
			return true;
	return false;
}

static void work_map(struct slot *s)
{
	int file = rand() % 3 ? -1 : rand() % 2 ? memory_file[rand() % 2] : disk_file;
	uint64_t pages = file < 0 ? 1 + (uint64_t)(rand() % 20) : 4;
	int flags = file < 0		? MAP_PRIVATE | MAP_ANONYMOUS
		    : file == disk_file ? MAP_PRIVATE
					: MAP_SHARED;
	long got;

	if (file >= 0 && mapped(file))
		return;
	got = sys_mmap(SITE, 0, pages * PAGE, PROT_READ, flags, file, 0);
	if (!is_err(got))
		*s = (struct slot){ (uint64_t)got, pages, file };
}

static void work_unmap(struct slot *s)
{
	bool part = s->file < 0 && rand() % 8 == 0;
	uint64_t from = part ? (uint64_t)rand() % s->pages : 0;
	uint64_t pages = part ? 1 + (uint64_t)rand() % (s->pages - from) : s->pages;

	if (part && rand() % 2)
		sys_mremap(SITE, s->at, s->pages * PAGE, (1 + (uint64_t)rand() % s->pages) * PAGE,
			   0, 0);
	sys_munmap(SITE, s->at + from * PAGE, pages * PAGE);
	/* What is left of it stays behind, for the burial to find. */
	s->pages = 0;
}

static void work_shm(void)
{
	long id, at;

	if (sys.hosted)
		return; /* they would be the host's own, and outlive a killed test */
	id = sys_shmget(SITE, IPC_PRIVATE, (1 + (uint64_t)rand() % 8) * PAGE, IPC_CREAT | 0600);
	at = id < 0 ? id : sys_shmat(SITE, (int)id, 0, 0);
	if (id >= 0 && rand() % 2)
		sys_shmctl(SITE, (int)id, IPC_RMID, NULL);
	if (!is_err(at) && rand() % 2)
		sys_shmdt(SITE, (uint64_t)at);
	if (id >= 0)
		sys_shmctl(SITE, (int)id, IPC_RMID, NULL);
}

static void work_fork(void)
{
	pid_t pid;

	if (!sys.hosted)
		return;
	sys_fork_prepare();
	pid = fork();
	if (pid == 0) {
		sys_fork_child();
		for (unsigned i = 0; i < 5; i++)
			work_map(&slot[(unsigned)rand() % SLOTS]);
		_exit(0);
	}
	sys_fork_parent(pid < 0 ? -errno : pid);
	if (pid > 0 && rand() % 2) {
		waitpid(pid, NULL, 0);
		sys_waited(pid, -1);
	}
}

static void work_once(void)
{
	struct slot *s = &slot[(unsigned)rand() % SLOTS];
	unsigned what = (unsigned)rand() % 100;

	if (what < 88)
		(s->pages ? work_unmap : work_map)(s);
	else if (what < 93)
		work_shm();
	else if (what < 97)
		sys_ftruncate(SITE, memory_file[rand() % 2], rand() % 2 ? 4 * PAGE : 0);
	else if (what < 98)
		sys_reap();
	else
		work_fork();
}

static void work(void *context)
{
	srand(*(unsigned *)context);
	nice(5);	     /* the runner is to find them at work, not to wait for its turn */
	ledger_forget_tid(); /* the runner's */
	EXPECT_EQ(sys_start(path, error), 0);
	for (;;)
		work_once();
}

/* ---- the runner ---- */

static void make_machine(const struct machine_row *row)
{
	struct conf conf = machine_conf(16 << 20, row->profile);
	char name[] = "death-XXXXXX";
	char page[PAGE] = "text";

	conf.mode = (uint8_t)row->mode;
	conf.max_order = 6;
	conf.image = IMAGE_NONE;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
	for (unsigned i = 0; i < 2; i++)
		memory_file[i] = memfd_create("death", 0);
	disk_file = mkstemp(name);
	EXPECT(disk_file >= 0);
	unlink(name);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(write(disk_file, page, sizeof page), sizeof page);
}

static void look(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
}

/* The last process: what belongs to nobody's address space goes. */
static void remove_objects(void *context)
{
	int id;

	(void)context;
	ledger_forget_tid();
	EXPECT_EQ(sys_start(path, error), 0);
	for (unsigned i = 0; i < 2; i++)
		EXPECT_EQ(sys_ftruncate(SITE, memory_file[i], 0), 0);
	do {
		id = -1;
		EXPECT(sys_enter());
		for (uint32_t o = sys.ledger.h->object_first; o; o = mm_object(&sys.mm, o)->next)
			if (mm_object(&sys.mm, o)->kind == OBJECT_SYSV)
				id = mm_object(&sys.mm, o)->id;
		sys_leave();
		if (id >= 0 && sys_shmctl(SITE, id, IPC_RMID, NULL))
			break;
	} while (id >= 0);
	/*
	 * Sizes that were lost between model and host: the
	 * file is empty, its object is not known so yet.
	 */
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_EQ(sys_ftruncate(SITE, memory_file[i], 1), 0);
		EXPECT_EQ(sys_ftruncate(SITE, memory_file[i], 0), 0);
	}
}

static void expect_empty(void)
{
	const struct ledger_header *h = sys.ledger.h;

	/* Forked children of the killed end by themselves. */
	for (unsigned i = 0; i < 1000 && h->stats.live; i++) {
		sys_reap();
		usleep(10000);
	}
	look();
	EXPECT_EQ(child_status(remove_objects, NULL), 0);
	sys_reap();
	look();
	EXPECT_EQ(h->stats.live, 0);
	EXPECT_EQ(h->stats.taken, 0);
	for (unsigned i = 0; i < POOLS; i++)
		EXPECT_EQ(h->pool[i].live, 0);
	EXPECT_EQ(buddy_blocks(&sys.ledger.buddy, 6), h->buddy.pages >> 6);
	EXPECT_EQ(h->swap_free, h->swap_pages);
	EXPECT_EQ(h->lock.word, 0);
}

static unsigned number(const char *name, unsigned fallback)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

static void kill_many(void *context)
{
	const struct machine_row *row = context;
	unsigned kills = number("DEATH_KILLS", 100), killed = 0, seed = 1;
	struct timespec from, to;
	pid_t pid[WORKERS] = { 0 };

	make_machine(row);
	clock_gettime(CLOCK_MONOTONIC, &from);
	srand(number("DEATH_SEED", 12345));
	while (killed < kills) {
		pid_t *victim = &pid[rand() % WORKERS];
		int status;

		for (unsigned i = 0; i < WORKERS; i++, seed++)
			if (!pid[i])
				pid[i] = child_start(work, &seed);
		usleep((useconds_t)(rand() % 1500));
		kill(*victim, SIGKILL);
		status = child_wait(*victim);
		EXPECT_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status), SIGKILL);
		*victim = 0;
		if (++killed % 100 == 0)
			look();
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		if (!pid[i])
			continue;
		kill(pid[i], SIGKILL);
		child_wait(pid[i]);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	expect_empty();
	fprintf(stderr,
		"%-15s %6u kills in %.1f s, %u of them inside the ledger, %u images joined\n",
		row->name, killed + WORKERS - 1,
		(double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
		sys.ledger.h->lock.taken, sys.ledger.h->stats.attached);
	sys_destroy();
}

START_TEST(machine_is_empty_consistent_and_unlocked_after_many_kills)
{
	ck_assert_int_eq(child_status(kill_many, (void *)&rows[_i]), 0);
}
END_TEST

int main(void)
{
	const struct suite_entry entry[] = {
		LOOP(machine_is_empty_consistent_and_unlocked_after_many_kills, ARRAY_SIZE(rows)),
	};

	return suite_run("death/kill", entry, ARRAY_SIZE(entry));
}
