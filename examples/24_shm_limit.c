/* SPDX-License-Identifier: MIT */
/*
 * 24_shm_limit.c - 8 MiB of shared memory.
 * Run: nommu run build/examples/24_shm_limit before|after
 */
#include "example.h"

static bool has(size_t size)
{
	int id = shmget(IPC_PRIVATE, size, 0600);

	return id >= 0 && shmctl(id, IPC_RMID, NULL) == 0;
}

/* before */
static bool before(void)
{
	return has(8 << 20); /* one block */
}
/* end of before */

/* after */
static bool after(void)
{
	for (int i = 0; i < 8; i++)
		if (!has(1 << 20))
			return false;
	return true;
}
/* end of after */
