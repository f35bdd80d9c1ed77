/* SPDX-License-Identifier: MIT */
/*
 * 23_shm_address.c - attach shared memory at an address of one's choice.
 * Run: nommu run build/examples/23_shm_address before|after
 */
#include "example.h"

static int segment(void)
{
	return shmget(IPC_PRIVATE, 65536, 0600);
}

/* before */
static bool before(void)
{
	int id = segment();
	char *data = shmat(id, NULL, 0);
	void *again;

	shmctl(id, IPC_RMID, NULL);
	again = shmat(id, data, SHM_REMAP); /* where pointers in it would be right */
	return data != (void *)-1 && again != (void *)-1;
}
/* end of before */

/* after */
static bool after(void)
{
	int id = segment();
	char *data = shmat(id, NULL, 0);
	size_t first = 128; /* offsets from the start instead of pointers */

	shmctl(id, IPC_RMID, NULL);
	if (data == (void *)-1)
		return false;
	data[first] = 'x';
	return shmdt(data) == 0;
}
/* end of after */
