/* SPDX-License-Identifier: MIT */
/*
 * Pages of memory-backed files: where they come from,
 * and that they go back when nobody can reach the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/magic.h>

#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000
#define RAM (8ul << 20)

static char path[CONF_PATH], error[CONF_ERROR_SIZE];
static char folder[] = "/dev/shm/object-XXXXXX", file[64], other[64];

static void start(enum conf_profile profile)
{
	struct conf conf = machine_conf(RAM, profile);
	struct statfs fs;

	if (statfs("/dev/shm", &fs) || fs.f_type != TMPFS_MAGIC || !mkdtemp(folder))
		child_skip("/dev/shm is no tmpfs that can be written");
	snprintf(file, sizeof file, "%s/a", folder);
	snprintf(other, sizeof other, "%s/b", folder);
	conf.max_order = 8;
	conf.image = IMAGE_NONE;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
	EXPECT_EQ(sys_start(path, error), 0);
}

static bool went_well(child_body *body)
{
	int status = child_status(body, NULL);

	return status == 0 || WEXITSTATUS(status) == CHILD_SKIPPED;
}

static uint64_t taken(void)
{
	struct sys_figures figures;

	sys_figures(&figures);
	return figures.ram_pages - figures.free_pages;
}

static int make(const char *name, uint64_t pages)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	EXPECT(fd >= 0);
	if (pages)
		EXPECT_EQ(sys_ftruncate(SITE, fd, (int64_t)(pages * PAGE)), 0);
	return fd;
}

static long map(int fd, uint64_t pages, uint64_t from)
{
	return sys_mmap(SITE, 0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			(int64_t)(from * PAGE));
}

static void finish(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
	unlink(file);
	unlink(other);
	rmdir(folder);
	sys_stop();
	sys_destroy();
}

static void play_gone(void *context)
{
	int fd;
	long at;

	(void)context;
	start(PROFILE_STRICT);
	fd = make(file, 16);
	at = map(fd, 16, 0);
	EXPECT(!is_err(at));
	unlink(file);
	sys_sweep_files();
	EXPECT_EQ(taken(), 16); /* mapped */
	EXPECT_EQ(sys_munmap(SITE, (uint64_t)at, 16 * PAGE), 0);
	sys_sweep_files();
	EXPECT_EQ(taken(), 16); /* open */
	close(fd);
	sys_sweep_files();
	EXPECT_EQ(taken(), 0);
	finish();
}

START_TEST(pages_go_back_with_the_last_name_descriptor_and_mapping)
{
	ck_assert(went_well(play_gone));
}
END_TEST

static void play_renamed(void *context)
{
	(void)context;
	start(PROFILE_STRICT);
	close(make(file, 4));
	EXPECT_EQ(rename(file, other), 0);
	close(make(file, 2));
	sys_sweep_files();
	EXPECT_EQ(taken(), 6);
	EXPECT_EQ(unlink(other), 0);
	sys_sweep_files();
	EXPECT_EQ(taken(), 2);
	finish();
}

START_TEST(a_file_with_another_name_is_still_there)
{
	ck_assert(went_well(play_renamed));
}
END_TEST

static void play_full(void *context)
{
	(void)context;
	start(PROFILE_STRICT);
	for (unsigned i = 0; i < 3 * RAM / (256 * PAGE); i++) {
		close(make(file, 256));
		unlink(file);
	}
	finish();
}

START_TEST(files_that_are_gone_never_fill_the_memory)
{
	ck_assert(went_well(play_full));
}
END_TEST

static void play_written(void *context)
{
	int fd;
	long first, alone;

	(void)context;
	start(PROFILE_LINUX_6_12);
	fd = make(file, 3);
	EXPECT_EQ(pwrite(fd, "x", 1, 5 * PAGE), 1);
	EXPECT_EQ(map(fd, 1, 4), -ENODEV); /* a hole */
	EXPECT_EQ(map(fd, 3, 3), -ENODEV); /* with holes */
	first = map(fd, 3, 0);
	alone = map(fd, 1, 5);
	EXPECT(!is_err(first) && !is_err(alone));
	EXPECT_EQ(*(char *)alone, 'x');
	EXPECT_EQ(taken(), 4);
	EXPECT_EQ(sys_ftruncate(SITE, fd, 5 * PAGE), -ETXTBSY);
	EXPECT_EQ(sys_munmap(SITE, (uint64_t)alone, PAGE), 0);
	EXPECT_EQ(sys_ftruncate(SITE, fd, 5 * PAGE), 0);
	EXPECT_EQ(taken(), 3);
	finish();
}

START_TEST(a_written_page_can_be_mapped_alone)
{
	ck_assert(went_well(play_written));
}
END_TEST

static void play_cut(void *context)
{
	int fd;
	long whole, head;

	(void)context;
	start(PROFILE_LINUX_6_12);
	fd = make(file, 8);
	whole = map(fd, 8, 0);
	EXPECT(!is_err(whole));
	EXPECT_EQ(sys_munmap(SITE, (uint64_t)whole, 8 * PAGE), 0);
	head = map(fd, 2, 0);
	EXPECT_EQ(head, whole);
	EXPECT_EQ(sys_ftruncate(SITE, fd, 4 * PAGE), 0);
	EXPECT_EQ(sys_ftruncate(SITE, fd, 8 * PAGE), 0);
	EXPECT_EQ(map(fd, 8, 0), -ENODEV);
	EXPECT_EQ(taken(), 8); /* somebody still looks at the object */
	EXPECT_EQ(sys_munmap(SITE, (uint64_t)head, 2 * PAGE), 0);
	EXPECT_EQ(taken(), 4);
	finish();
}

START_TEST(what_was_cut_off_goes_with_the_last_view)
{
	ck_assert(went_well(play_cut));
}
END_TEST

/*
 * As many objects as a file may have, each a page among holes, all cut by one call. How
 * many stores that takes depends on what lies beside the pages; so little room is left
 * here that it is too many.
 */
static void play_scattered(void *context)
{
	enum { CHUNK = 128, CHUNKS = 5, ROOM = 1000 };
	struct file_facts facts;
	int fd;

	(void)context;
	start(PROFILE_LINUX_6_12);
	fd = make(file, 0);
	for (unsigned i = 0; i < CHUNKS * CHUNK; i += 2)
		EXPECT_EQ(pwrite(fd, "x", 1, (off_t)(i * PAGE)), 1);
	for (unsigned i = 0; i < CHUNKS; i++)
		EXPECT_EQ(map(fd, CHUNK, i * CHUNK), -ENODEV);
	EXPECT_EQ(taken(), 256);
	facts_of(fd, &facts);
	EXPECT(sys_enter());
	while (journal_room(mm_journal(&sys.mm)) > ROOM)
		set32(mm_journal(&sys.mm), &sys.ledger.h->shm_serial, 0);
	sys_cut_file(&facts, 0);
	sys_leave();
	EXPECT_EQ(taken(), 0);
	finish();
}

START_TEST(a_file_of_many_pieces_is_cut_at_once)
{
	ck_assert(went_well(play_scattered));
}
END_TEST

/* Each mapping of the page hides the one before it, and the last hides them all. */
static void play_hidden(void *context)
{
	const unsigned mappings = under_valgrind() ? 10 : 9000;
	int fd;

	(void)context;
	start(PROFILE_LINUX_6_12);
	fd = make(file, 2);
	for (unsigned i = 0; i < mappings; i++)
		EXPECT(!is_err(map(fd, 1, 1)));
	EXPECT(!is_err(map(fd, 2, 0)));
	finish();
}

START_TEST(any_number_of_hidden_mappings_is_hidden_by_one_call)
{
	ck_assert(went_well(play_hidden));
}
END_TEST

SUITE("sys/object", ONE(pages_go_back_with_the_last_name_descriptor_and_mapping),
      ONE(a_file_with_another_name_is_still_there), ONE(files_that_are_gone_never_fill_the_memory),
      ONE(a_written_page_can_be_mapped_alone), ONE(what_was_cut_off_goes_with_the_last_view),
      ONE(a_file_of_many_pieces_is_cut_at_once),
      ONE(any_number_of_hidden_mappings_is_hidden_by_one_call))
