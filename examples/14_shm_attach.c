/* SPDX-License-Identifier: MIT */
/*
 * 14_shm_attach.c - memory that processes share.
 * Run: nommu run --profile linux-6.12 build/examples/14_shm_attach before|after
 */
#include "example.h"

/* before */
static bool before(void)
{
	int id = shmget(IPC_PRIVATE, 65536, IPC_CREAT | 0600);
	void *data = id >= 0 ? shmat(id, NULL, 0) : (void *)-1; /* ENODEV on Linux 6.12 */
	int error = errno;

	shmctl(id, IPC_RMID, NULL);
	errno = error;
	return data != (void *)-1;
}
/* end of before */

/* after */
static bool after(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof name, "/nommu-example-%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	shm_unlink(name);
	return fd >= 0 && ftruncate(fd, 65536) == 0 &&
	       mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}
/* end of after */
