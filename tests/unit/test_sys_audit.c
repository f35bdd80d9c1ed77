/* SPDX-License-Identifier: MIT */
/* The account beside the host's calls, where the host did what the model did not see. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/child.h"
#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

static char path[CONF_PATH], error[CONF_ERROR_SIZE];

static void start(void)
{
	struct conf conf = machine_conf(8 << 20, PROFILE_LINUX_6_12);

	conf.mode = MODE_AUDIT;
	conf.max_order = 8;
	conf.image = IMAGE_NONE;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
	EXPECT_EQ(sys_start(path, error), 0);
}

static void finish(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
	sys_stop();
	sys_destroy();
}

static int file_of(uint64_t pages)
{
	char name[] = "audit-XXXXXX";
	int fd = mkstemp(name);

	EXPECT(fd >= 0);
	EXPECT_EQ(unlink(name), 0);
	EXPECT_EQ(ftruncate(fd, (off_t)(pages * PAGE)), 0);
	return fd;
}

static int count(const struct sys_mapping *m, void *context)
{
	struct sys_mapping *last = context;

	*last = *m;
	last->kind = 1;
	return 0;
}

/* What is shared is the region of the very mapping whose place the new one takes. */
static void share_replaces_its_source(void *context)
{
	struct sys_mapping found = { 0 };
	struct sys_figures figures;
	int fd;
	long at;

	(void)context;
	start();
	fd = file_of(3);
	at = sys_mmap(SITE, 0, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	EXPECT(!is_err(at));
	EXPECT_EQ(raw_munmap((uint64_t)at, 3 * PAGE), 0); /* by a system call instruction */
	EXPECT_EQ(sys_mmap(SITE, (uint64_t)at, 3 * PAGE, PROT_READ,
			   MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0),
		  at);
	EXPECT_EQ(sys_each_mapping(0, count, &found), 0);
	EXPECT_EQ(found.start, at);
	EXPECT_EQ(found.users, 1);
	sys_figures(&figures);
	EXPECT_EQ(figures.ram_pages - figures.free_pages, 3);
	EXPECT_EQ(sys_munmap(SITE, (uint64_t)at, 3 * PAGE), 0);
	sys_figures(&figures);
	EXPECT_EQ(figures.ram_pages - figures.free_pages, 0);
	finish();
}

START_TEST(a_region_stays_while_its_only_mapping_is_replaced_by_a_share_of_it)
{
	ck_assert_int_eq(child_status(share_replaces_its_source, NULL), 0);
}
END_TEST

SUITE("sys/audit", ONE(a_region_stays_while_its_only_mapping_is_replaced_by_a_share_of_it))
