/* SPDX-License-Identifier: MIT */
/* The ledger's file: who may attach, what is refused, and what happens where no file can be. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"

static char error[CONF_ERROR_SIZE];

static void create(struct ledger *l)
{
	const struct conf conf = machine_conf(8 << 20, PROFILE_LINUX_6_12);

	error[0] = '\0';
	ck_assert_msg(ledger_create(l, &conf, error) == 0, "%s", error);
}

static void drop(struct ledger *l)
{
	ledger_unlink(l);
	ledger_detach(l);
}

START_TEST(attached_ledger_is_the_created_one)
{
	struct ledger l, other;

	create(&l);
	ck_assert_int_eq(ledger_attach(&other, l.path, error), 0);
	ck_assert_uint_eq(other.h->magic, LEDGER_MAGIC);
	ck_assert_uint_eq(other.h->conf.profile, PROFILE_LINUX_6_12);
	ck_assert_uint_eq(other.h->buddy.free_pages, 2048);
	ck_assert_uint_eq(other.h->buddy.reserve, buddy_reserve(2048));
	ck_assert(ledger_enter(&l, false));
	set32(&l.buddy.journal, &l.h->stats.peak, 5);
	ledger_leave(&l);
	ck_assert_uint_eq(other.h->stats.peak, 5);
	ck_well(buddy_check(&other.buddy));
	ledger_detach(&other);
	drop(&l);
}
END_TEST

START_TEST(file_is_for_its_user_only)
{
	struct ledger l;
	struct stat st;

	create(&l);
	ck_assert_int_eq(stat(l.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	drop(&l);
	ck_assert_int_eq(ledger_attach(&l, "/dev/shm/nommu-no-such-ledger", error), -ENOENT);
	ck_assert(strstr(error, "no-such-ledger"));
}
END_TEST

START_TEST(path_that_is_too_long_is_said_to_be)
{
	char path[CONF_PATH + 1];
	struct ledger l;

	memset(path, '/', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	error[0] = '\0';
	ck_assert_int_eq(ledger_attach(&l, path, error), -ENAMETOOLONG);
	ck_assert(strstr(error, "longer than 511 bytes"));
}
END_TEST

/* What the file's first bytes say is changed, then looked at. */
static int attach_changed(size_t offset, uint32_t value)
{
	struct ledger l, other;
	int result;

	create(&l);
	memcpy(l.base + offset, &value, sizeof value);
	result = ledger_attach(&other, l.path, error);
	if (!result)
		ledger_detach(&other);
	drop(&l);
	return result;
}

START_TEST(other_version_magic_user_or_pid_space_is_refused)
{
	ck_assert_int_eq(attach_changed(offsetof(struct ledger_header, version), 0), -EPROTO);
	ck_assert_int_eq(attach_changed(offsetof(struct ledger_header, version), 99), -EPROTO);
	ck_assert(strstr(error, "not a ledger of this version"));
	ck_assert_int_eq(attach_changed(offsetof(struct ledger_header, magic), 0), -EPROTO);
	ck_assert_int_eq(attach_changed(offsetof(struct ledger_header, uid), 12345), -EACCES);
	ck_assert(strstr(error, "user 12345"));
	ck_assert_int_eq(attach_changed(offsetof(struct ledger_header, spaces), 1), -EXDEV);
	ck_assert(strstr(error, "another pid or time namespace"));
}
END_TEST

START_TEST(file_that_is_no_ledger_is_refused)
{
	char path[] = "/tmp/nommu-test-XXXXXX";
	struct ledger l;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ledger_attach(&l, path, error), -EPROTO);
	ck_assert_int_eq(write(fd, "nmldger", 8), 8);
	ck_assert_int_eq(ledger_attach(&l, path, error), -EPROTO);
	ck_assert_int_eq(ledger_attach(&l, "/", error), -EISDIR);
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(ledger_cut_short_is_refused)
{
	struct ledger l, other;

	create(&l);
	ck_assert_int_eq(truncate(l.path, (off_t)(l.h->meta_bytes / 2)), 0);
	ck_assert_int_eq(ledger_attach(&other, l.path, error), -EPROTO);
	/* nobody is to read pages that the file has no more, as memcheck's search for leaks does */
	drop(&l);
}
END_TEST

static void attach_as_somebody_else(void *context)
{
	const char *path = context;
	struct ledger l;

	if (geteuid() || setuid(65534))
		child_skip("only root can become another user");
	EXPECT_EQ(ledger_attach(&l, path, error), -EACCES);
}

START_TEST(other_user_may_not_attach)
{
	struct ledger l;
	int status;

	create(&l);
	status = child_status(attach_as_somebody_else, l.path);
	ck_assert(status == 0 || WEXITSTATUS(status) == CHILD_SKIPPED);
	/* where the mode lets it, the header does not */
	ck_assert_int_eq(chmod(l.path, 0666), 0);
	status = child_status(attach_as_somebody_else, l.path);
	ck_assert(status == 0 || WEXITSTATUS(status) == CHILD_SKIPPED);
	drop(&l);
}
END_TEST

static void attach_here(void *context)
{
	struct ledger l;

	EXPECT_EQ(ledger_attach(&l, context, error), -EXDEV);
}

static void attach_in_another_pid_space(void *context)
{
	if (unshare(CLONE_NEWPID))
		child_skip("no pid namespace may be made here");
	EXPECT_EQ(child_status(attach_here, context), 0);
}

START_TEST(process_of_another_pid_namespace_may_not_attach)
{
	struct ledger l;
	int status;

	create(&l);
	status = child_status(attach_in_another_pid_space, l.path);
	ck_assert(status == 0 || WEXITSTATUS(status) == CHILD_SKIPPED);
	drop(&l);
}
END_TEST

static void create_without_room(void *context)
{
	const struct conf conf = machine_conf(8 << 20, PROFILE_STRICT);
	struct ledger l, other;

	(void)context;
	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=64k"))
		child_skip("no file system may be mounted here");
	EXPECT_EQ(ledger_create(&l, &conf, error), 0);
	EXPECT(strncmp(l.path, "/proc/", 6) == 0);
	EXPECT_EQ(ledger_attach(&other, l.path, error), 0);
	EXPECT_EQ(other.h->buddy.free_pages, 2048);
	EXPECT_WELL(buddy_check(&other.buddy));
}

START_TEST(full_file_system_makes_it_a_memory_file)
{
	int status = child_status(create_without_room, NULL);

	ck_assert(status == 0 || WEXITSTATUS(status) == CHILD_SKIPPED);
}
END_TEST

static void create_without_any_file(void *context)
{
	const struct conf conf = machine_conf(8 << 20, PROFILE_STRICT);
	const struct rlimit none = { 0, 0 };
	struct ledger l;

	(void)context;
	signal(SIGXFSZ, SIG_IGN);
	EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
	EXPECT(ledger_create(&l, &conf, error) < 0);
	EXPECT(strstr(error, "cannot make the ledger"));
}

START_TEST(no_file_at_all_is_one_clear_line)
{
	ck_assert_int_eq(child_status(create_without_any_file, NULL), 0);
}
END_TEST

START_TEST(thread_inside_is_told_so_and_keeps_its_place)
{
	struct ledger l;

	create(&l);
	ck_assert(ledger_enter(&l, true));
	ck_assert(!ledger_enter(&l, true));
	ledger_leave(&l);
	ck_assert(ledger_enter(&l, false));
	ledger_leave(&l);
	drop(&l);
}
END_TEST

START_TEST(signals_are_blocked_inside_and_back_afterwards)
{
	struct ledger l;
	sigset_t set;

	create(&l);
	ck_assert(ledger_enter(&l, true));
	sigprocmask(SIG_SETMASK, NULL, &set);
	ck_assert_int_eq(sigismember(&set, SIGALRM), 1);
	ledger_leave(&l);
	sigprocmask(SIG_SETMASK, NULL, &set);
	ck_assert_int_eq(sigismember(&set, SIGALRM), 0);
	drop(&l);
}
END_TEST

static void die_inside(void *context)
{
	struct ledger *l = context;

	ledger_forget_tid();
	EXPECT(ledger_enter(l, false));
	set32(&l->buddy.journal, &l->h->stats.peak, 99);
	set64(&l->buddy.journal, &l->h->serial, 99);
	raw_kill(raw_getpid(), SIGKILL);
}

START_TEST(what_a_dead_process_left_half_done_is_undone)
{
	struct ledger l;

	create(&l);
	ck_assert_int_eq(WTERMSIG(child_status(die_inside, &l)), SIGKILL);
	ck_assert_uint_eq(l.h->stats.peak, 99);
	ck_assert(ledger_enter(&l, false));
	ck_assert_uint_eq(l.h->stats.peak, 0);
	ck_assert_uint_eq(l.h->serial, 0);
	ledger_leave(&l);
	ck_assert_uint_eq(l.h->lock.word, 0);
	drop(&l);
}
END_TEST

static void create_for_ever(void *context)
{
	struct ledger l;

	(void)context;
	for (;;) {
		create(&l);
		drop(&l);
	}
}

/* Whoever finds a file of this process finds a whole ledger, that can be judged and swept. */
static unsigned look_at_files_of(pid_t pid)
{
	DIR *dir = opendir("/dev/shm");
	char mark[32], path[300];
	struct dirent *entry;
	struct ledger l;
	unsigned found = 0;

	ck_assert_ptr_nonnull(dir);
	snprintf(mark, sizeof mark, "-%d-", (int)pid);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "nommu-", 6) != 0 || !strstr(entry->d_name, mark))
			continue;
		snprintf(path, sizeof path, "/dev/shm/%s", entry->d_name);
		ck_assert_msg(ledger_attach(&l, path, error) == 0, "%s", error);
		ck_assert_uint_eq(l.h->creator_pid, (uint64_t)pid);
		ck_well(buddy_check(&l.buddy));
		drop(&l);
		found++;
	}
	closedir(dir);
	return found;
}

START_TEST(creator_that_is_killed_leaves_a_whole_ledger_or_none)
{
	for (unsigned i = 0; i < 60; i++) {
		pid_t pid = child_start(create_for_ever, NULL);

		usleep(i * 97 % 3000);
		kill(pid, SIGKILL);
		ck_assert_int_eq(WTERMSIG(child_wait(pid)), SIGKILL);
		ck_assert_uint_le(look_at_files_of(pid), 1);
	}
}
END_TEST

SUITE("arena/ledger", ONE(attached_ledger_is_the_created_one), ONE(file_is_for_its_user_only),
      ONE(path_that_is_too_long_is_said_to_be),
      ONE(other_version_magic_user_or_pid_space_is_refused), ONE(file_that_is_no_ledger_is_refused),
      ONE(ledger_cut_short_is_refused), ONE(other_user_may_not_attach),
      ONE(process_of_another_pid_namespace_may_not_attach),
      ONE(full_file_system_makes_it_a_memory_file), ONE(no_file_at_all_is_one_clear_line),
      ONE(thread_inside_is_told_so_and_keeps_its_place),
      ONE(signals_are_blocked_inside_and_back_afterwards),
      ONE(what_a_dead_process_left_half_done_is_undone),
      ONE(creator_that_is_killed_leaves_a_whole_ledger_or_none))
