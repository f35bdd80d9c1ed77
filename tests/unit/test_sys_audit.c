/* SPDX-License-Identifier: MIT */
/*
 * The account beside the host's calls, where one ends
 * many mappings, or did what the model did not see.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/process.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

/* One host call may end any number of the model's mappings. */
CHILD_TEST(range_over_many_mappings_is_one_call)
{
	const unsigned pages = 1200;
	uint64_t at;

	process_make(MODE_AUDIT, PROFILE_LINUX_6_12, 16 << 20);
	process_join();
	at = (uint64_t)raw_mmap(0, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	raw_munmap(at, pages * PAGE);
	for (unsigned i = 0; i < pages; i++)
		EXPECT_EQ(sys_mmap(SITE, at + i * PAGE, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			  at + i * PAGE);
	EXPECT_EQ(process_stats()->taken, pages);
	process_look();
	EXPECT_EQ(sys_munmap(SITE, at, pages * PAGE), 0);
	process_look();
	EXPECT_EQ(process_stats()->taken, 0);
	EXPECT_EQ(sys.ledger.h->pool[POOL_VMA].live, 0);
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
CHILD_TEST(a_region_stays_while_its_only_mapping_is_replaced_by_a_share_of_it)
{
	struct sys_mapping found = { 0 };
	struct sys_figures figures;
	int fd;
	long at;

	process_make(MODE_AUDIT, PROFILE_LINUX_6_12, 8 << 20);
	process_join();
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
	process_leave();
}

SUITE("sys/audit", ONE(range_over_many_mappings_is_one_call),
      ONE(a_region_stays_while_its_only_mapping_is_replaced_by_a_share_of_it))
