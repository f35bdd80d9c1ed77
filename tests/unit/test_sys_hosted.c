/* SPDX-License-Identifier: MIT */
/* A machine with an MMU: what was written without a reserve is looked up, however much that is. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/raw.h"
#include "support/process.h"
#include "support/suite.h"
#include "sys/internal.h"

#define PAGE 4096ul
#define SITE 0x1000

CHILD_TEST(any_number_of_written_mappings_is_reserved_by_one_call)
{
	const unsigned mappings = 3000;
	const uint64_t none[6] = { 0 };
	uint32_t before;

	process_make(MODE_RUN, PROFILE_HPUX_11_31, 64 << 20);
	process_join();
	before = process_stats()->taken;
	for (unsigned i = 0; i < mappings; i++) {
		long at = sys_mmap(SITE, 0, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		EXPECT(!is_err(at));
		*(volatile char *)at = 1;
	}
	EXPECT_EQ(process_stats()->taken, before);
	EXPECT_EQ(sys_fork(SITE, NOMMU_CALL_FORK, none), 0);
	EXPECT_EQ(process_stats()->taken, before + mappings);
	process_leave();
}

SUITE("sys/hosted", ONE(any_number_of_written_mappings_is_reserved_by_one_call))
