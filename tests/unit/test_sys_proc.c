/* SPDX-License-Identifier: MIT */
/* Processes that die or exec: what they had goes back, once, and their end is counted. */
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/raw.h"
#include "base/say.h"
#include "support/process.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

CHILD_TEST(memory_of_the_dead_goes_back)
{
	pid_t pid;

	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	pid = fork();
	if (pid == 0) {
		process_join_afresh();
		for (unsigned i = 1; i < 60; i++)
			process_map(i % 7 + 1);
		raw_kill(raw_getpid(), SIGKILL);
	}
	child_wait(pid);
	EXPECT_EQ(process_stats()->live, 1);
	EXPECT(process_stats()->taken > 0);
	EXPECT_EQ(sys_reap(), 1);
	EXPECT_EQ(process_stats()->taken, 0);
	EXPECT_EQ(sys_reap(), 0);
	process_look();
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
CHILD_TEST(many_reap_together)
{
	pid_t dead[24], reaper[4];

	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	for (unsigned round = 0; round < (under_valgrind() ? 1u : 4u); round++) {
		for (unsigned i = 0; i < ARRAY_SIZE(dead); i++) {
			dead[i] = fork();
			if (dead[i] == 0) {
				process_join_afresh();
				for (unsigned k = 0; k < 9; k++)
					process_map(k + 1);
				_exit(0);
			}
			child_wait(dead[i]);
		}
		for (unsigned i = 0; i < ARRAY_SIZE(reaper); i++)
			reaper[i] = child_start(reap, NULL);
		for (unsigned i = 0; i < ARRAY_SIZE(reaper); i++)
			EXPECT_EQ(child_wait(reaper[i]), 0);
		EXPECT_EQ(process_stats()->live, 0);
		EXPECT_EQ(process_stats()->taken, 0);
		process_look();
	}
	sys_destroy();
}

CHILD_TEST(exec_gives_the_old_image_back)
{
	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	process_join();
	process_map(9);
	sys_exec(SITE, NOMMU_CALL_EXEC, "/bin/next", 0, NOMMU_LOST_UNKNOWN);
	process_join_afresh();
	EXPECT_EQ(process_stats()->live, 1);
	EXPECT_EQ(process_stats()->taken, 0);
	EXPECT_EQ(process_stats()->attached, 2);
	process_look();
	sys_destroy();
}

CHILD_TEST(expected_child_that_never_came_is_lost)
{
	pid_t pid;

	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	process_join();
	pid = fork();
	if (pid == 0)
		_exit(0);
	sys_expect_child(pid, "/bin/next", NOMMU_LOST_UNKNOWN);
	child_wait(pid);
	sys_waited(pid, -1);
	EXPECT_EQ(process_stats()->lost, 1);
	EXPECT_EQ(process_stats()->live, 1);
	process_look();
	sys_destroy();
}

/*
 * Whoever starts sweeps, the tests that run beside this one too: what is to be left stays in use
 * until it was seen.
 */
static void wait_to_be_killed(const int ready[2])
{
	EXPECT_EQ(write(ready[1], "", 1), 1);
	for (;;)
		pause();
}

static void stops_half_way(void *ready)
{
	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	process_join();
	EXPECT(ledger_enter(&sys.ledger, false));
	set32(&sys.ledger.buddy.journal, &sys.ledger.h->proc_first, 0x7fffffff);
	wait_to_be_killed(ready);
}

/* The process that makes a ledger and then waits; pattern is to hold 64 bytes. */
static pid_t start_maker(void (*maker)(void *), char *pattern, glob_t *found)
{
	int ready[2];
	pid_t pid;
	char byte;

	EXPECT_EQ(pipe(ready), 0);
	pid = child_start(maker, ready);
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	say_format(pattern, 64, "/dev/shm/nommu-*-%07d-*", (int)pid);
	EXPECT_EQ(glob(pattern, 0, NULL, found), 0);
	EXPECT_EQ(found->gl_pathc, 1);
	return pid;
}

/* Another that sweeps at this moment has it open, so it is in use: asked again for five seconds. */
static bool is_swept(const char *pattern)
{
	glob_t found;

	for (unsigned i = 0; i < 1000; i++) {
		sys_sweep_stale();
		if (glob(pattern, 0, NULL, &found) == GLOB_NOMATCH)
			return true;
		globfree(&found);
		usleep(5000);
	}
	return false;
}

CHILD_TEST(ledger_that_the_dead_left_half_done_is_swept)
{
	char pattern[64];
	glob_t found;
	pid_t pid = start_maker(stops_half_way, pattern, &found);

	globfree(&found);
	kill(pid, SIGKILL);
	EXPECT_EQ(WTERMSIG(child_wait(pid)), SIGKILL);
	EXPECT(is_swept(pattern));
}

static void makes_another_builds(void *ready)
{
	process_make(MODE_RUN, PROFILE_STRICT, 8 << 20);
	sys.ledger.h->version++;
	wait_to_be_killed(ready);
}

/* What this build cannot read goes too, but not while somebody uses it. */
CHILD_TEST(ledger_of_another_build_is_swept)
{
	char pattern[64];
	glob_t found;
	pid_t pid = start_maker(makes_another_builds, pattern, &found);
	void *used;
	int fd;

	fd = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
	used = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(fd >= 0 && used != MAP_FAILED);
	globfree(&found);
	close(fd);
	kill(pid, SIGKILL);
	EXPECT_EQ(WTERMSIG(child_wait(pid)), SIGKILL);
	sys_sweep_stale();
	EXPECT_EQ(glob(pattern, 0, NULL, &found), 0);
	globfree(&found);
	munmap(used, 4096);
	EXPECT(is_swept(pattern));
}

SUITE("sys/proc", ONE(memory_of_the_dead_goes_back), ONE(many_reap_together),
      ONE(exec_gives_the_old_image_back), ONE(expected_child_that_never_came_is_lost),
      ONE(ledger_that_the_dead_left_half_done_is_swept), ONE(ledger_of_another_build_is_swept))
