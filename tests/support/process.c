/* SPDX-License-Identifier: MIT */
/* process.c - see process.h. */
#include "support/process.h"

#include <string.h>
#include <sys/mman.h>

#include "base/raw.h"
#include "sys/internal.h"

#define SITE 0x1000

static char path[CONF_PATH], error[CONF_ERROR_SIZE];

void process_make(enum conf_mode mode, enum conf_profile profile, uint64_t ram)
{
	struct conf conf = machine_conf(ram, profile);

	conf.mode = (uint8_t)mode;
	conf.max_order = 8;
	conf.image = IMAGE_NONE;
	EXPECT_EQ(sys_create(&conf, path, error), 0);
}

void process_join(void)
{
	EXPECT_EQ(sys_start(path, error), 0);
}

void process_join_afresh(void)
{
	memset(&sys, 0, sizeof sys);
	ledger_forget_tid();
	raw_munmap(0x200000000000, 64 << 20);
	raw_munmap(0x2000000000, 64 << 20);
	process_join();
}

void process_look(void)
{
	EXPECT(sys_enter());
	EXPECT_WELL(machine_audit(&sys.ledger));
	sys_leave();
}

const struct ledger_stats *process_stats(void)
{
	return &sys.ledger.h->stats;
}

void process_leave(void)
{
	process_look();
	sys_stop();
	sys_destroy();
}

uint64_t process_map(unsigned pages)
{
	long got = sys_mmap(SITE, 0, (uint64_t)pages << NOMMU_PAGE_SHIFT, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(!is_err(got));
	return (uint64_t)got;
}
