/* SPDX-License-Identifier: MIT */
/*
 * nommu/nommu.h: a machine without preloading. Each test is a child: a process is in one machine.
 */
#include <errno.h>
#include <nommu/nommu.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "support/child.h"
#include "support/suite.h"

#define PAGE 4096ul
#define MIB (1ul << 20)

static char path[NOMMU_PATH_SIZE], error[NOMMU_ERROR_SIZE];

static void join(const char *const *options)
{
	EXPECT_EQ(nommu_create(options, path, error), 0);
	EXPECT_EQ(nommu_join(path, error), 0);
	EXPECT(nommu_active());
}

static void leave(void)
{
	nommu_leave();
	EXPECT(!nommu_active());
	nommu_destroy();
	EXPECT_EQ(access(path, F_OK), -1);
}

static long map(uint64_t len)
{
	return nommu_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int count(const struct nommu_mapping *m, void *context)
{
	struct nommu_mapping *sum = context;

	sum->end += m->end - m->start;
	sum->pid++;
	return 0;
}

static void calls_answer_like_the_profile(void *context)
{
	const char *options[] = { "profile=linux-6.12", "ram=8M", NULL };
	long at;

	(void)context;
	join(options);
	at = map(2 * PAGE);
	EXPECT(at > 0);
	memset((void *)at, 1, 2 * PAGE);
	EXPECT_EQ(map(4 * MIB + 1), -ENOMEM);
	EXPECT_EQ(nommu_mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		  -EINVAL);
	EXPECT_EQ(nommu_mremap((uint64_t)at, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE, 0), -ENOMEM);
	EXPECT_EQ(nommu_mremap((uint64_t)at, 2 * PAGE, PAGE, 0, 0), at);
	EXPECT_EQ(nommu_munmap((uint64_t)at + PAGE, PAGE), -EINVAL);
	EXPECT_EQ(nommu_munmap((uint64_t)at, PAGE), 0);
	leave();
}

static void statistics_follow_every_call(void *context)
{
	const char *options[] = { "ram=8M", NULL };
	struct nommu_statistics before, held, after;
	struct nommu_mapping sum = { 0 };
	long at;

	(void)context;
	join(options);
	nommu_statistics(&before);
	EXPECT_EQ(before.ram_bytes, 8 * MIB);
	EXPECT_EQ(before.largest_bytes, 4 * MIB);
	EXPECT_EQ(before.processes, 1);
	at = map(MIB);
	nommu_statistics(&held);
	EXPECT_EQ(before.free_bytes - held.free_bytes, MIB);
	EXPECT_EQ(held.peak_bytes, MIB);
	EXPECT_EQ(nommu_each_mapping(getpid(), count, &sum), 0);
	EXPECT_EQ(sum.pid, 1);
	EXPECT_EQ(sum.end, MIB);
	EXPECT(map(64 * MIB) < 0);
	nommu_munmap((uint64_t)at, MIB);
	nommu_statistics(&after);
	EXPECT_EQ(after.free_bytes, before.free_bytes);
	EXPECT_EQ(after.peak_bytes, MIB);
	EXPECT_EQ(after.refused, 1);
	leave();
}

static void system_v_segments_are_shared_at_one_address(void *context)
{
	long id, first, second;

	(void)context;
	join(NULL);
	id = nommu_shmget(IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600);
	EXPECT(id >= 0);
	first = nommu_shmat((int)id, 0, 0);
	second = nommu_shmat((int)id, 0, 0);
	EXPECT(first > 0);
	EXPECT_EQ(first, second);
	EXPECT_EQ(nommu_shmdt((uint64_t)first + PAGE), -EINVAL);
	EXPECT_EQ(nommu_shmdt((uint64_t)first), 0);
	EXPECT_EQ(nommu_shmdt((uint64_t)first), 0);
	EXPECT_EQ(nommu_shmctl((int)id, IPC_RMID, NULL), 0);
	leave();
}

static void an_empty_file_grows_in_one_piece(void *context)
{
	int fd = memfd_create("grows", 0); /* of the host: on a tmpfs */

	(void)context;
	join(NULL);
	EXPECT_EQ(nommu_ftruncate(fd, (off_t)(4 * MIB) + 1), -EFBIG);
	EXPECT_EQ(nommu_ftruncate(fd, 3 * (off_t)PAGE), 0);
	EXPECT(nommu_mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) > 0);
	EXPECT_EQ(nommu_ftruncate(fd, 0), -ETXTBSY);
	leave();
	close(fd);
}

START_TEST(what_a_process_does)
{
	static child_body *const bodies[] = { calls_answer_like_the_profile,
					      statistics_follow_every_call,
					      system_v_segments_are_shared_at_one_address,
					      an_empty_file_grows_in_one_piece };

	ck_assert_int_eq(child_status(bodies[_i], NULL), 0);
}
END_TEST

/* The first holds its memory until the second was there. */
static int ready[2], done[2];

static void holds_four_mebibytes(void *name)
{
	char byte;

	EXPECT_EQ(nommu_join(name, error), 0);
	EXPECT(map(4 * MIB) > 0);
	EXPECT_EQ(write(ready[1], "", 1), 1);
	EXPECT_EQ(read(done[0], &byte, 1), 1);
}

static void has_what_is_left(void *name)
{
	struct nommu_statistics s;

	EXPECT_EQ(nommu_join(name, error), 0);
	nommu_statistics(&s);
	EXPECT_EQ(s.processes, 2);
	EXPECT_EQ(map(4 * MIB), -ENOMEM);
	EXPECT(map(MIB) > 0);
}

static void two_processes(void *context)
{
	const char *options[] = { "ram=6M", NULL };
	struct nommu_statistics s;
	pid_t holder;
	char byte;

	(void)context;
	EXPECT_EQ(pipe(ready) + pipe(done), 0);
	EXPECT_EQ(nommu_create(options, path, error), 0);
	holder = child_start(holds_four_mebibytes, path);
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	EXPECT_EQ(child_status(has_what_is_left, path), 0);
	EXPECT_EQ(write(done[1], "", 1), 1);
	EXPECT_EQ(child_wait(holder), 0);
	EXPECT_EQ(nommu_join(path, error), 0);
	EXPECT_EQ(nommu_join(path, error), -EALREADY);
	nommu_statistics(&s);
	EXPECT_EQ(s.processes, 1);
	EXPECT_EQ(s.free_bytes, s.ram_bytes);
	leave();
}

START_TEST(processes_share_one_ram_and_give_it_back)
{
	ck_assert_int_eq(child_status(two_processes, NULL), 0);
}
END_TEST

static const struct {
	const char *option;
	const char *says;
} bad[] = {
	{ "ram=0", "ram" },
	{ "ram", "needs a value" },
	{ "record-heap=1", "takes no value" },
	{ "mode=walk", "unknown mode 'walk'" },
	{ "colour=red", "unknown option 'colour=red'" },
	{ "profile=linux-9", "linux-9" },
};

START_TEST(a_bad_option_is_einval_with_one_line)
{
	const char *options[] = { bad[_i].option, NULL };

	ck_assert_int_eq(nommu_create(options, path, error), -EINVAL);
	ck_assert_msg(strstr(error, bad[_i].says), "%s", error);
	ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

START_TEST(outside_of_a_machine_there_is_nothing)
{
	struct nommu_statistics s;

	memset(&s, 1, sizeof s);
	nommu_statistics(&s);
	ck_assert(!nommu_active());
	ck_assert_uint_eq(s.ram_bytes + s.free_bytes + s.processes, 0);
	ck_assert_int_eq(nommu_each_mapping(0, count, NULL), 0);
	ck_assert_int_lt(nommu_join("/dev/shm/nommu-no-such-machine", error), 0);
}
END_TEST

SUITE("api/api", LOOP(what_a_process_does, 4), ONE(processes_share_one_ram_and_give_it_back),
      LOOP(a_bad_option_is_einval_with_one_line, ARRAY_SIZE(bad)),
      ONE(outside_of_a_machine_there_is_nothing))
