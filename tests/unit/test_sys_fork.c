/* SPDX-License-Identifier: MIT */
/* Forked children: one more user of each region in audit, the heir or a stranger in run. */
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/process.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

CHILD_TEST(forked_child_stays_outside)
{
	uint64_t at;
	pid_t pid;

	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	process_join();
	at = process_map(5);
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
	EXPECT_EQ(process_stats()->live, 1);
	EXPECT_EQ(process_stats()->lost, 1);
	process_look();
	EXPECT_EQ(sys_munmap(SITE, at, 5 * PAGE), 0);
	sys_destroy();
}

/* daemon() of a libc for no-MMU: the child goes on with what its parent had. */
CHILD_TEST(daemon_takes_its_parents_place)
{
	uint64_t at;
	pid_t pid;
	int end[2];
	char done = 0;

	EXPECT_EQ(pipe(end), 0);
	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	pid = fork();
	if (pid == 0) {
		process_join_afresh();
		at = process_map(5);
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
		process_look();
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

CHILD_TEST(forked_child_shares_regions)
{
	uint64_t at;
	pid_t pid;

	process_make(MODE_AUDIT, PROFILE_STRICT, 8 << 20);
	process_join();
	at = process_map(6);
	EXPECT_EQ(process_stats()->taken, 6);
	sys_fork_prepare();
	pid = fork();
	if (pid == 0) {
		sys_fork_child();
		EXPECT_EQ(process_stats()->taken, 6);
		EXPECT_EQ(process_stats()->live, 2);
		EXPECT_EQ(sys_munmap(SITE, at, 2 * PAGE), 0);
		process_look();
		_exit(0);
	}
	sys_fork_parent(pid);
	EXPECT_EQ(child_wait(pid), 0);
	EXPECT_EQ(sys_munmap(SITE, at + 4 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(process_stats()->taken, 6); /* the child, which had them too, is not reaped yet */
	sys_waited(pid, -1);
	process_look();
	EXPECT_EQ(sys_munmap(SITE, at, 4 * PAGE), 0);
	EXPECT_EQ(process_stats()->taken, 0);
	process_look();
	sys_destroy();
}

CHILD_TEST(forked_child_counts_as_attached)
{
	struct shmid_ds ds;
	uint64_t at;
	pid_t pid;
	int id;

	process_make(MODE_AUDIT, PROFILE_STRICT, 8 << 20);
	process_join();
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
	sys_waited(pid, -1);
	EXPECT_EQ(process_stats()->kind[NOMMU_KIND_SHARED], 3);
	process_look();
	EXPECT_EQ(sys_shmdt(SITE, at), 0);
	EXPECT_EQ(process_stats()->kind[NOMMU_KIND_SHARED], 0);
	process_look();
	sys_destroy();
}

/*
 * While a forked child shares a region its parent cuts a hole, maps into it, and cuts on: each call
 * finds the mapping that is there, and every page goes back.
 */
CHILD_TEST(parts_of_what_a_child_shares_are_told_apart)
{
	uint64_t at;
	pid_t pid;

	process_make(MODE_AUDIT, PROFILE_LINUX_6_12, 8 << 20);
	process_join();
	at = process_map(20);
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
	process_look();
	EXPECT_EQ(sys_munmap(SITE, at + 10 * PAGE, 10 * PAGE), 0);
	EXPECT_EQ(sys_munmap(SITE, at, 2 * PAGE), 0);
	EXPECT_EQ(process_stats()->taken, 22); /* the child still has all of the twenty */
	process_look();
	kill(pid, SIGKILL);
	child_wait(pid);
	sys_waited(pid, -1);
	process_look();
	/* Grown by the host into what the account gave up, then cut again. */
	EXPECT_EQ(sys_mremap(SITE, at + 2 * PAGE, 3 * PAGE, 2 * PAGE, 0, 0), at + 2 * PAGE);
	EXPECT_EQ(sys_munmap(SITE, at + 3 * PAGE, PAGE), 0);
	process_look();
	EXPECT_EQ(sys_munmap(SITE, at, 20 * PAGE), 0);
	process_look();
	EXPECT_EQ(process_stats()->taken, 0);
	EXPECT_EQ(sys.ledger.h->pool[POOL_VMA].live, 0);
	EXPECT_EQ(sys.ledger.h->pool[POOL_REGION].live, 0);
	sys_destroy();
}

SUITE("sys/fork", ONE(forked_child_stays_outside), ONE(daemon_takes_its_parents_place),
      ONE(forked_child_shares_regions), ONE(forked_child_counts_as_attached),
      ONE(parts_of_what_a_child_shares_are_told_apart))
