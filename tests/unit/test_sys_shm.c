/* SPDX-License-Identifier: MIT */
/* System V segments where the host is short of something, or the program passes nonsense. */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/process.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

static void start(void)
{
	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	process_join();
}

static void limit_descriptors(rlim_t most)
{
	struct rlimit limit = { most, 0 };
	struct rlimit now;

	EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &now), 0);
	limit.rlim_max = now.rlim_max;
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static uint64_t free_pages(void)
{
	struct sys_figures figures;

	sys_figures(&figures);
	return figures.free_pages;
}

CHILD_TEST(without_descriptors_nothing_is_shared_and_that_is_said)
{
	struct shmid_ds status;
	uint64_t before;
	long at;
	int id;

	start();
	before = free_pages();
	limit_descriptors(0);
	EXPECT_EQ(sys_shmget(SITE, IPC_PRIVATE, 3 * PAGE, 0600), -ENOMEM);
	EXPECT_EQ(free_pages(), before);
	limit_descriptors(64);
	id = (int)sys_shmget(SITE, IPC_PRIVATE, 3 * PAGE, 0600);
	EXPECT(id >= 0);
	limit_descriptors(0);
	EXPECT_EQ(sys_shmat(SITE, id, 0, 0), -ENOMEM);
	limit_descriptors(64);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_STAT, &status), 0);
	EXPECT_EQ(status.shm_nattch, 0);
	at = sys_shmat(SITE, id, 0, 0);
	EXPECT(!is_err(at));
	EXPECT_EQ(sys_shmdt(SITE, (uint64_t)at), 0);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_RMID, NULL), 0);
	EXPECT_EQ(free_pages(), before);
	process_leave();
}

CHILD_TEST(a_null_status_is_efault)
{
	int id;

	start();
	id = (int)sys_shmget(SITE, IPC_PRIVATE, PAGE, 0600);
	EXPECT(id >= 0);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_STAT, NULL), -EFAULT);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_SET, NULL), -EFAULT);
	EXPECT_EQ(sys_shmctl(SITE, id + 1, IPC_STAT, NULL), -EINVAL);
	process_leave();
}

CHILD_TEST(status_is_what_was_asked_for)
{
	struct shmid_ds status;
	int id;

	start();
	id = (int)sys_shmget(SITE, 0x6e6d, 2 * PAGE + 1, IPC_CREAT | 0640);
	EXPECT(id >= 0);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_STAT, &status), 0);
	EXPECT_EQ(status.shm_segsz, 2 * PAGE + 1);
	EXPECT_EQ(status.shm_perm.mode, 0640);
	EXPECT_EQ(status.shm_perm.__key, 0x6e6d);
	EXPECT_EQ(status.shm_cpid, getpid());
	status.shm_perm.mode = 01600;
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_SET, &status), 0);
	EXPECT_EQ(sys_shmctl(SITE, id, IPC_STAT, &status), 0);
	EXPECT_EQ(status.shm_perm.mode, 0600);
	EXPECT_EQ(sys_shmctl(SITE, id, SHM_LOCK, NULL), 0);
	EXPECT_EQ(sys_shmctl(SITE, id, 12345, NULL), -EINVAL);
	process_leave();
}

/* A child that forked past us is none of the machine's: its segments are the host's. */
CHILD_TEST(a_child_outside_has_the_hosts_segments)
{
	pid_t pid;
	int id;

	start();
	pid = fork();
	if (pid == 0) {
		id = (int)sys_shmget(SITE, IPC_PRIVATE, PAGE, 0600);
		EXPECT_EQ(raw_call3(SYS_shmctl, id, IPC_RMID, 0), 0);
		EXPECT_EQ(sys_shmctl(SITE, id, IPC_RMID, NULL), -EINVAL);
		_exit(0);
	}
	EXPECT_EQ(child_wait(pid), 0);
	process_leave();
}

SUITE("sys/shm", ONE(without_descriptors_nothing_is_shared_and_that_is_said),
      ONE(a_null_status_is_efault), ONE(status_is_what_was_asked_for),
      ONE(a_child_outside_has_the_hosts_segments))
