/* SPDX-License-Identifier: MIT */
/* The lock between processes: exclusion, re-entry, and what becomes of it when its holder dies. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/life.h"
#include "arena/lock.h"
#include "base/compiler.h"
#include "base/raw.h"
#include "support/child.h"
#include "support/suite.h"

struct shared {
	struct lock lock;
	volatile uint32_t ready;
	volatile uint32_t counter;
	volatile uint32_t inside;
};

static struct shared *make(void)
{
	struct shared *s =
		mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(s, MAP_FAILED);
	return s;
}

static bool lives(uint64_t holder)
{
	return life_of_thread(holder_tid(holder), holder_seen(holder));
}

static enum lock_answer take(struct shared *s)
{
	static nommu_tls uint64_t self;

	if (holder_tid(self) != (uint32_t)raw_gettid())
		self = lock_holder((uint32_t)raw_gettid(), (uint32_t)life_clock());
	return lock_take(&s->lock, self, lives);
}

START_TEST(free_lock_is_taken_and_given_back)
{
	struct shared *s = make();

	ck_assert_int_eq(take(s), LOCK_TAKEN);
	ck_assert_uint_eq(holder_tid(s->lock.word), (uint32_t)raw_gettid());
	lock_drop(&s->lock);
	ck_assert_uint_eq(s->lock.word, 0);
	ck_assert_uint_eq(s->lock.taken, 0);
}
END_TEST

START_TEST(holder_that_comes_again_is_told)
{
	struct shared *s = make();

	ck_assert_int_eq(take(s), LOCK_TAKEN);
	ck_assert_int_eq(take(s), LOCK_REENTERED);
	s->lock.word |= 0x80000000u; /* somebody sleeps */
	ck_assert_int_eq(take(s), LOCK_REENTERED);
	lock_drop(&s->lock);
	ck_assert_int_eq(take(s), LOCK_TAKEN);
}
END_TEST

static void take_and_die(void *context)
{
	struct shared *s = context;

	take(s);
	s->ready = 1;
	raw_kill(raw_getpid(), SIGKILL);
}

START_TEST(lock_of_a_dead_process_is_inherited)
{
	struct shared *s = make();

	ck_assert_int_eq(WTERMSIG(child_status(take_and_die, s)), SIGKILL);
	ck_assert_uint_ne(s->lock.word, 0);
	ck_assert_int_eq(take(s), LOCK_INHERITED);
	ck_assert_uint_eq(s->lock.taken, 1);
	lock_drop(&s->lock);
	ck_assert_uint_eq(s->lock.word, 0);
}
END_TEST

START_TEST(lock_of_a_zombie_is_inherited)
{
	struct shared *s = make();
	pid_t pid = child_start(take_and_die, s);
	siginfo_t info;

	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(take(s), LOCK_INHERITED);
	lock_drop(&s->lock);
	child_wait(pid);
}
END_TEST

static void take_and_wait(void *context)
{
	struct shared *s = context;

	EXPECT_EQ(take(s), LOCK_TAKEN);
	s->ready = 1;
	usleep(150000); /* several looks of the waiter's */
	s->counter = 7;
	lock_drop(&s->lock);
	pause();
}

START_TEST(lock_of_the_living_is_waited_for)
{
	struct shared *s = make();
	pid_t pid = child_start(take_and_wait, s);

	while (!s->ready)
		sched_yield();
	ck_assert_int_eq(take(s), LOCK_TAKEN);
	ck_assert_uint_eq(s->counter, 7);
	lock_drop(&s->lock);
	kill(pid, SIGKILL);
	child_wait(pid);
}
END_TEST

static void *take_in_thread(void *context)
{
	take(context);
	return NULL;
}

START_TEST(lock_of_a_thread_that_ended_is_inherited)
{
	struct shared *s = make();
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, take_in_thread, s), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(take(s), LOCK_INHERITED);
}
END_TEST

static int vfork_child(void *context)
{
	/* The parent's memory, an id of its own. */
	take(context);
	raw_kill(raw_getpid(), SIGKILL);
	return 0;
}

START_TEST(lock_of_a_vfork_child_is_not_its_parents)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct shared *s = make();
	int pid = clone(vfork_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, s);

	ck_assert_int_gt(pid, 0);
	ck_assert_uint_eq(holder_tid(s->lock.word), (uint32_t)pid);
	ck_assert_int_eq(take(s), LOCK_INHERITED);
	child_wait(pid);
}
END_TEST

static void *count(void *context)
{
	struct shared *s = context;

	for (unsigned i = 0; i < 3000; i++) {
		if (take(s) == LOCK_REENTERED)
			return s;
		if (s->inside++)
			return s;
		s->counter++;
		s->inside--;
		lock_drop(&s->lock);
	}
	return NULL;
}

START_TEST(sixteen_threads_are_never_inside_together)
{
	struct shared *s = make();
	pthread_t thread[16];

	for (unsigned i = 0; i < ARRAY_SIZE(thread); i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, count, s), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(thread); i++) {
		void *wrong;

		pthread_join(thread[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
	ck_assert_uint_eq(s->counter, 16 * 3000);
	ck_assert_uint_eq(s->lock.word, 0);
	ck_assert_uint_eq(s->lock.taken, 0);
}
END_TEST

static void count_in_process(void *context)
{
	EXPECT(!count(context));
}

START_TEST(four_processes_are_never_inside_together)
{
	struct shared *s = make();
	pid_t pid[4];

	for (unsigned i = 0; i < ARRAY_SIZE(pid); i++)
		pid[i] = child_start(count_in_process, s);
	for (unsigned i = 0; i < ARRAY_SIZE(pid); i++)
		ck_assert_int_eq(child_wait(pid[i]), 0);
	ck_assert_uint_eq(s->counter, 4 * 3000);
	ck_assert_uint_eq(s->lock.word, 0);
}
END_TEST

/* What a process that died long ago left: its id is ours by now, or that of somebody who lives. */
START_TEST(lock_of_a_dead_thread_whose_id_is_anothers_is_inherited)
{
	struct shared *s = make();
	uint32_t before = (uint32_t)life_clock() - 1000000;

	s->lock.word = lock_holder((uint32_t)getppid(), before);
	ck_assert_int_eq(take(s), LOCK_INHERITED);
	lock_drop(&s->lock);
	s->lock.word = lock_holder((uint32_t)raw_gettid(), before);
	ck_assert_int_eq(take(s), LOCK_INHERITED);
	lock_drop(&s->lock);
	ck_assert_uint_eq(s->lock.taken, 2);
}
END_TEST

SUITE("arena/lock", ONE(free_lock_is_taken_and_given_back), ONE(holder_that_comes_again_is_told),
      ONE(lock_of_a_dead_process_is_inherited), ONE(lock_of_a_zombie_is_inherited),
      ONE(lock_of_the_living_is_waited_for), ONE(lock_of_a_thread_that_ended_is_inherited),
      ONE(lock_of_a_vfork_child_is_not_its_parents), ONE(sixteen_threads_are_never_inside_together),
      ONE(four_processes_are_never_inside_together),
      ONE(lock_of_a_dead_thread_whose_id_is_anothers_is_inherited))
