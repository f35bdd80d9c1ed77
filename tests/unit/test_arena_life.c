/* SPDX-License-Identifier: MIT */
/*
 * Who lives: threads and processes that end, wait to be fetched, or had their ids given to others.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/life.h"
#include "base/raw.h"
#include "support/child.h"
#include "support/suite.h"

#define NOBODY 0x7ffffffeu

/* A sanitizer's runtime may have a thread of its own. */
static uint32_t own_threads(void)
{
	struct stat task;

	ck_assert_int_eq(stat("/proc/self/task", &task), 0);
	return (uint32_t)task.st_nlink - 2;
}

START_TEST(a_process_is_read_whatever_its_name)
{
	struct life life;
	uint64_t now = life_clock();

	ck_assert_int_eq(prctl(PR_SET_NAME, "a) Z 1 2 (b"), 0);
	ck_assert_int_eq(life_read((uint32_t)getpid(), &life), 0);
	ck_assert_int_eq(life.state, 'R');
	ck_assert_uint_eq(life.ppid, (uint32_t)getppid());
	ck_assert_uint_eq(life.threads, own_threads());
	ck_assert_uint_le(life.started, now);
	/* the test did not begin an hour ago */
	ck_assert_uint_gt(life.started + 100 * 3600, now);
	ck_assert_int_eq(life_read(NOBODY, &life), -ESRCH);
}
END_TEST

START_TEST(who_was_born_later_is_another)
{
	uint32_t tid = (uint32_t)raw_gettid();
	struct life life;

	ck_assert_int_eq(life_read(tid, &life), 0);
	ck_assert(life_of_thread(tid, (uint32_t)life_clock()));
	ck_assert(life_of_thread(tid, (uint32_t)life.started));
	ck_assert(!life_of_thread(tid, (uint32_t)life.started - 1));
	ck_assert(!life_of_thread(NOBODY, (uint32_t)life_clock()));
	ck_assert(life_of_process(tid, 0));
	ck_assert(life_of_process(tid, life.started));
	ck_assert(!life_of_process(tid, life.started - 1));
	ck_assert(!life_of_process(NOBODY, 0));
}
END_TEST

static void end_at_once(void *context)
{
	(void)context;
}

START_TEST(a_zombie_is_dead)
{
	pid_t pid = child_start(end_at_once, NULL);
	siginfo_t info;

	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(!life_of_process((uint32_t)pid, 0));
	ck_assert(!life_of_thread((uint32_t)pid, (uint32_t)life_clock()));
	child_wait(pid);
	ck_assert(!life_of_process((uint32_t)pid, 0));
}
END_TEST

static void *stay(void *context)
{
	return pause() ? context : NULL;
}

static void end_first_thread(void *context)
{
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, stay, context), 0);
	pthread_exit(NULL);
}

START_TEST(a_process_lives_on_in_its_other_threads)
{
	pid_t pid = child_start(end_first_thread, NULL);
	struct life life;

	do {
		usleep(1000);
		ck_assert_int_eq(life_read((uint32_t)pid, &life), 0);
		/* whose first thread waits for the others */
	} while (life.state != 'Z' && !under_valgrind());
	ck_assert(life_of_process((uint32_t)pid, life.started));
	ck_assert(under_valgrind() || !life_of_thread((uint32_t)pid, (uint32_t)life_clock()));
	kill(pid, SIGKILL);
	child_wait(pid);
	ck_assert(!life_of_process((uint32_t)pid, life.started));
}
END_TEST

SUITE("arena/life", ONE(a_process_is_read_whatever_its_name), ONE(who_was_born_later_is_another),
      ONE(a_zombie_is_dead), ONE(a_process_lives_on_in_its_other_threads))
