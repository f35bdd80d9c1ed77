/* SPDX-License-Identifier: MIT */
/*
 * The life of processes: joining, forking, dying, being
 * reaped; in audit also what becomes of shared regions.
 */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/raw.h"
#include "base/say.h"
#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

static char path[CONF_PATH], error[CONF_ERROR_SIZE];

static void make(enum conf_mode mode, enum conf_profile profile, uint64_t ram)
{
	struct conf conf = machine_conf(ram, profile);

	conf.mode = (uint8_t)mode;
	conf.max_order = 8;
	conf.image = IMAGE_NONE;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
}

static void join(void)
{
	EXPECT_EQ(sys_start(path, error), 0);
}

/* A child of a process of the machine that is a process of its own right, as after exec. */
static void join_afresh(void)
{
	memset(&sys, 0, sizeof sys);
	ledger_forget_tid();
	raw_munmap(0x200000000000, 64 << 20);
	raw_munmap(0x2000000000, 64 << 20);
	join();
}

static uint64_t map(unsigned pages)
{
	long got = sys_mmap(SITE, 0, pages * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(!is_err(got));
	return (uint64_t)got;
}

static void look(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
}

static const struct ledger_stats *stats(void)
{
	return &sys.ledger.h->stats;
}

/* ---- run ---- */

static void forked_child_stays_outside(void *context)
{
	uint64_t at;
	pid_t pid;

	(void)context;
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	join();
	at = map(5);
	pid = fork();
	if (pid == 0) {
		/* The host answers it from here on. */
		EXPECT(!is_err(
			sys_mmap(SITE, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
		EXPECT(!sys_active());
		EXPECT(!sys_enter());
		_exit(0);
	}
	EXPECT_EQ(child_wait(pid), 0);
	EXPECT_EQ(stats()->live, 1);
	EXPECT_EQ(stats()->lost, 1);
	look();
	EXPECT_EQ(sys_munmap(SITE, at, 5 * PAGE), 0);
	sys_destroy();
}

/* daemon() of a libc for no-MMU: the child goes on with what its parent had. */
static void daemon_takes_its_parents_place(void *context)
{
	uint64_t at;
	pid_t pid;
	int end[2];
	char done = 0;

	(void)context;
	EXPECT_EQ(pipe(end), 0);
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	pid = fork();
	if (pid == 0) {
		join_afresh();
		at = map(5);
		*(volatile int *)at = 42;
		sys_fork_prepare();
		pid = fork();
		if (pid) {
			sys_fork_parent(pid);
			sys_exit(0);
			_exit(0);
		}
		sys_fork_child();
		while (getppid() == (int)sys.ledger.h->creator_pid)
			;
		/* the parent is gone, and somebody may have looked for the dead */
		usleep(20000);
		sys_reap();
		EXPECT_EQ(*(volatile int *)at, 42);
		EXPECT_EQ(sys_munmap(SITE, at, 5 * PAGE), 0);
		look();
		EXPECT_EQ(write(end[1], "y", 1), 1);
		_exit(0);
	}
	EXPECT_EQ(child_wait(pid), 0);
	close(end[1]);
	sys_reap();
	EXPECT_EQ(read(end[0], &done, 1), 1);
	EXPECT_EQ(done, 'y');
	sys_destroy();
}

static void memory_of_the_dead_goes_back(void *context)
{
	pid_t pid;

	(void)context;
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	pid = fork();
	if (pid == 0) {
		join_afresh();
		for (unsigned i = 1; i < 60; i++)
			map(i % 7 + 1);
		raw_kill(raw_getpid(), SIGKILL);
	}
	child_wait(pid);
	EXPECT_EQ(stats()->live, 1);
	EXPECT(stats()->taken > 0);
	EXPECT_EQ(sys_reap(), 1);
	EXPECT_EQ(stats()->taken, 0);
	EXPECT_EQ(sys_reap(), 0);
	look();
	sys_destroy();
}

static void reap(void *context)
{
	(void)context;
	ledger_forget_tid();
	for (unsigned i = 0; i < 50; i++)
		sys_reap();
}

/* Many find the same dead; each is buried once, and nobody else with them. */
static void many_reap_together(void *context)
{
	pid_t dead[24], reaper[4];

	(void)context;
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	for (unsigned round = 0; round < (under_valgrind() ? 1u : 4u); round++) {
		for (unsigned i = 0; i < ARRAY_SIZE(dead); i++) {
			dead[i] = fork();
			if (dead[i] == 0) {
				join_afresh();
				for (unsigned k = 0; k < 9; k++)
					map(k + 1);
				_exit(0);
			}
			child_wait(dead[i]);
		}
		for (unsigned i = 0; i < ARRAY_SIZE(reaper); i++)
			reaper[i] = child_start(reap, NULL);
		for (unsigned i = 0; i < ARRAY_SIZE(reaper); i++)
			EXPECT_EQ(child_wait(reaper[i]), 0);
		EXPECT_EQ(stats()->live, 0);
		EXPECT_EQ(stats()->taken, 0);
		look();
	}
	sys_destroy();
}

static void exec_gives_the_old_image_back(void *context)
{
	(void)context;
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	join();
	map(9);
	sys_exec(SITE, NOMMU_CALL_EXEC, "/bin/next", 0, NOMMU_LOST_UNKNOWN);
	join_afresh();
	EXPECT_EQ(stats()->live, 1);
	EXPECT_EQ(stats()->taken, 0);
	EXPECT_EQ(stats()->attached, 2);
	look();
	sys_destroy();
}

static void expected_child_that_never_came_is_lost(void *context)
{
	pid_t pid;

	(void)context;
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	join();
	pid = fork();
	if (pid == 0)
		_exit(0);
	sys_expect_child(pid, "/bin/next", NOMMU_LOST_UNKNOWN);
	child_wait(pid);
	sys_waited(pid);
	EXPECT_EQ(stats()->lost, 1);
	EXPECT_EQ(stats()->live, 1);
	look();
	sys_destroy();
}

/* ---- audit ---- */

static void forked_child_shares_regions(void *context)
{
	uint64_t at;
	pid_t pid;

	(void)context;
	make(MODE_AUDIT, PROFILE_STRICT, 8 << 20);
	join();
	at = map(6);
	EXPECT_EQ(stats()->taken, 6);
	sys_fork_prepare();
	pid = fork();
	if (pid == 0) {
		sys_fork_child();
		EXPECT_EQ(stats()->taken, 6);
		EXPECT_EQ(stats()->live, 2);
		EXPECT_EQ(sys_munmap(SITE, at, 2 * PAGE), 0);
		look();
		_exit(0);
	}
	sys_fork_parent(pid);
	EXPECT_EQ(child_wait(pid), 0);
	EXPECT_EQ(sys_munmap(SITE, at + 4 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(stats()->taken, 6); /* the child, which had them too, is not reaped yet */
	sys_waited(pid);
	look();
	EXPECT_EQ(sys_munmap(SITE, at, 4 * PAGE), 0);
	EXPECT_EQ(stats()->taken, 0);
	look();
	sys_destroy();
}

static void forked_child_counts_as_attached(void *context)
{
	struct shmid_ds ds;
	uint64_t at;
	pid_t pid;
	int id;

	(void)context;
	make(MODE_AUDIT, PROFILE_STRICT, 8 << 20);
	join();
	id = (int)sys_shmget(SITE, IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600);
	EXPECT(id >= 0);
	at = (uint64_t)sys_shmat(SITE, id, 0, 0);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_RMID, NULL), 0);
	EXPECT(!is_err((long)at));
	sys_fork_prepare();
	pid = fork();
	if (pid == 0) {
		sys_fork_child();
		EXPECT_EQ(sys_shmctl(SITE, id, IPC_STAT, &ds), 0);
		EXPECT_EQ(ds.shm_nattch, 2);
		_exit(0);
	}
	sys_fork_parent(pid);
	EXPECT_EQ(child_wait(pid), 0);
	sys_waited(pid);
	EXPECT_EQ(stats()->kind[NOMMU_KIND_SHARED], 3);
	look();
	EXPECT_EQ(sys_shmdt(SITE, at), 0);
	EXPECT_EQ(stats()->kind[NOMMU_KIND_SHARED], 0);
	look();
	sys_destroy();
}

/* One host call may end any number of the model's mappings. */
static void range_over_many_mappings_is_one_call(void *context)
{
	const unsigned pages = 1200;
	uint64_t at;

	(void)context;
	make(MODE_AUDIT, PROFILE_LINUX_6_12, 16 << 20);
	join();
	at = (uint64_t)raw_mmap(0, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	raw_munmap(at, pages * PAGE);
	for (unsigned i = 0; i < pages; i++)
		EXPECT_EQ(sys_mmap(SITE, at + i * PAGE, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			  at + i * PAGE);
	EXPECT_EQ(stats()->taken, pages);
	look();
	EXPECT_EQ(sys_munmap(SITE, at, pages * PAGE), 0);
	look();
	EXPECT_EQ(stats()->taken, 0);
	EXPECT_EQ(sys.ledger.h->pool[POOL_VMA].live, 0);
	sys_destroy();
}

/*
 * While a forked child shares a region its parent cuts a hole, maps into it, and cuts on: each call
 * finds the mapping that is there, and every page goes back.
 */
static void parts_of_what_a_child_shares_are_told_apart(void *context)
{
	uint64_t at;
	pid_t pid;

	(void)context;
	make(MODE_AUDIT, PROFILE_LINUX_6_12, 8 << 20);
	join();
	at = map(20);
	sys_fork_prepare();
	pid = fork();
	if (pid == 0) {
		sys_fork_child();
		pause();
	}
	sys_fork_parent(pid);
	EXPECT_EQ(sys_munmap(SITE, at + 5 * PAGE, 3 * PAGE), 0);
	EXPECT_EQ(sys_mmap(SITE, at + 5 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0),
		  at + 5 * PAGE);
	look();
	EXPECT_EQ(sys_munmap(SITE, at + 10 * PAGE, 10 * PAGE), 0);
	EXPECT_EQ(sys_munmap(SITE, at, 2 * PAGE), 0);
	EXPECT_EQ(stats()->taken, 22); /* the child still has all of the twenty */
	look();
	kill(pid, SIGKILL);
	child_wait(pid);
	sys_waited(pid);
	look();
	/* Grown by the host into what the account gave up, then cut again. */
	EXPECT_EQ(sys_mremap(SITE, at + 2 * PAGE, 3 * PAGE, 2 * PAGE, 0, 0), at + 2 * PAGE);
	EXPECT_EQ(sys_munmap(SITE, at + 3 * PAGE, PAGE), 0);
	look();
	EXPECT_EQ(sys_munmap(SITE, at, 20 * PAGE), 0);
	look();
	EXPECT_EQ(stats()->taken, 0);
	EXPECT_EQ(sys.ledger.h->pool[POOL_VMA].live, 0);
	EXPECT_EQ(sys.ledger.h->pool[POOL_REGION].live, 0);
	sys_destroy();
}

static void dies_half_way(void *context)
{
	(void)context;
	make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	join();
	EXPECT(ledger_enter(&sys.ledger, false));
	set32(&sys.ledger.buddy.journal, &sys.ledger.h->proc_first, 0x7fffffff);
	raw_kill(raw_getpid(), SIGKILL);
}

static void ledger_that_the_dead_left_half_done_is_swept(void *context)
{
	pid_t pid = child_start(dies_half_way, NULL);
	char pattern[64];
	glob_t found;

	(void)context;
	EXPECT_EQ(WTERMSIG(child_wait(pid)), SIGKILL);
	say_format(pattern, sizeof pattern, "/dev/shm/nommu-*-%07d-*", (int)pid);
	EXPECT_EQ(glob(pattern, 0, NULL, &found), 0);
	EXPECT_EQ(found.gl_pathc, 1);
	globfree(&found);
	sys_sweep_stale();
	EXPECT_EQ(glob(pattern, 0, NULL, &found), GLOB_NOMATCH);
}

static void (*const bodies[])(void *) = {
	forked_child_stays_outside,
	daemon_takes_its_parents_place,
	memory_of_the_dead_goes_back,
	many_reap_together,
	exec_gives_the_old_image_back,
	expected_child_that_never_came_is_lost,
	forked_child_shares_regions,
	forked_child_counts_as_attached,
	range_over_many_mappings_is_one_call,
	parts_of_what_a_child_shares_are_told_apart,
	ledger_that_the_dead_left_half_done_is_swept,
};
static const char *const names[] = {
	"forked_child_stays_outside",
	"daemon_takes_its_parents_place",
	"memory_of_the_dead_goes_back",
	"many_reap_together",
	"exec_gives_the_old_image_back",
	"expected_child_that_never_came_is_lost",
	"forked_child_shares_regions",
	"forked_child_counts_as_attached",
	"range_over_many_mappings_is_one_call",
	"parts_of_what_a_child_shares_are_told_apart",
	"ledger_that_the_dead_left_half_done_is_swept",
};

START_TEST(process_lives_and_dies_as_its_name_says)
{
	int status = child_status(bodies[_i], NULL);

	ck_assert_msg(status == 0, "%s: status %#x", names[_i], (unsigned)status);
}
END_TEST

SUITE("sys/proc", LOOP(process_lives_and_dies_as_its_name_says, ARRAY_SIZE(bodies)))
