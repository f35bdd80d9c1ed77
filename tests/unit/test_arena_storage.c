/* SPDX-License-Identifier: MIT */
/* What of the ledger's file exists, and what happens when no more can. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"

static char error[CONF_ERROR_SIZE];

static void create(struct ledger *l, uint64_t ram)
{
	const struct conf conf = machine_conf(ram, PROFILE_LINUX_6_12);

	error[0] = '\0';
	ck_assert_msg(ledger_create(l, &conf, error) == 0, "%s", error);
}

static void drop(struct ledger *l)
{
	ledger_unlink(l);
	ledger_detach(l);
}

START_TEST(backing_is_made_to_exist_where_asked)
{
	struct ledger l;
	struct stat before, after;

	create(&l, 8 << 20);
	ck_assert_int_eq(stat(l.path, &before), 0);
	ck_assert_int_eq(ledger_back(&l, 1 << 20, 2 << 20), 0);
	ck_assert_int_eq(stat(l.path, &after), 0);
	ck_assert_int_eq((after.st_blocks - before.st_blocks) * 512, 1 << 20);
	ck_assert_int_eq(after.st_size, before.st_size);
	drop(&l);
}
END_TEST

static long blocks_of(const struct ledger *l)
{
	struct stat st;

	return stat(l->path, &st) ? -1 : st.st_blocks;
}

/* A clean run of 1 GiB needs hardly more at the start than one of 8 MiB; half a pageblock does. */
START_TEST(what_no_page_uses_does_not_exist_yet)
{
	struct ledger l, other;
	long small, start;
	uint32_t kept;

	create(&l, 8 << 20);
	small = blocks_of(&l);
	drop(&l);
	create(&l, (1 << 30) + (2 << 20));
	ck_assert_int_le(blocks_of(&l), small + 32 * 8);
	ck_well(buddy_check(&l.buddy));
	ck_assert_uint_eq(buddy_largest(&l.buddy), 1024);
	drop(&l);
	create(&l, 1 << 30);
	start = blocks_of(&l);
	ck_assert_int_le(start, small + 16 * 8);
	ck_assert_int_eq(ledger_attach(&other, l.path, error), 0);
	ck_assert(ledger_enter(&other, false));
	ck_assert_uint_ne(buddy_alloc(&other.buddy, 3, &kept), BUDDY_NONE);
	ledger_leave(&other);
	ck_assert_int_eq(blocks_of(&l), start + 3 * 8);
	ck_well(buddy_check(&l.buddy));
	ledger_detach(&other);
	drop(&l);
}
END_TEST

static void use_a_full_file_system(void *context)
{
	struct ledger l;
	uint32_t kept;
	int fd;

	(void)context;
	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=1m"))
		child_skip("no file system may be mounted here");
	create(&l, 8 << 20);
	fd = open("/dev/shm/filler", O_RDWR | O_CREAT, 0600);
	for (int i = 0; fallocate(fd, 0, i * 4096, 4096) == 0; i++)
		;
	EXPECT(ledger_enter(&l, false));
	EXPECT_EQ(buddy_alloc(&l.buddy, 1, &kept), BUDDY_NONE);
	EXPECT_EQ(pool_take(&l, POOL_REGION), 0);
	ledger_leave(&l);
	EXPECT_EQ(l.h->buddy.free_pages, 2048);
	EXPECT_WELL(buddy_check(&l.buddy));
	EXPECT_EQ(ftruncate(fd, 0), 0);
	EXPECT(ledger_enter(&l, false));
	EXPECT(buddy_alloc(&l.buddy, 1, &kept) != BUDDY_NONE);
	EXPECT(pool_take(&l, POOL_REGION) != 0);
	ledger_leave(&l);
	EXPECT_WELL(buddy_check(&l.buddy));
}

START_TEST(full_file_system_is_a_refusal_and_no_signal)
{
	int status = child_status(use_a_full_file_system, NULL);

	ck_assert(status == 0 || WEXITSTATUS(status) == CHILD_SKIPPED);
}
END_TEST

SUITE("arena/storage", ONE(backing_is_made_to_exist_where_asked),
      ONE(what_no_page_uses_does_not_exist_yet), ONE(full_file_system_is_a_refusal_and_no_signal))
