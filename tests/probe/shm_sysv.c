/* SPDX-License-Identifier: MIT */
/* System V shared memory. */
#include <sys/shm.h>

#include "probe.h"

int main(void)
{
	int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
	struct shmid_ds status;
	char *at;

	SHOW(id);
	SHOW(shmget(IPC_PRIVATE, 8 * MIB, IPC_CREAT | 0600));
	SHOW(shmctl(id, IPC_STAT, &status));
	SHOW_NUMBER(status.shm_segsz);
	SHOW(shmat(id, (void *)(1 << 20), 0));
	SHOW(at = shmat(id, NULL, 0));
	if (at != (void *)-1) {
		*at = 'x';
		SHOW(shmdt(at + 1));
		SHOW(shmdt(at));
	}
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmat(id, NULL, 0));
	return 0;
}
