/* SPDX-License-Identifier: MIT */
/* POSIX shared memory: sized once, shared, not cut while mapped. */
#include "probe.h"

int main(void)
{
	char name[32];
	int fd;
	char *at;

	snprintf(name, sizeof name, "/nommu-probe-%d", getpid());
	fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	SHOW(fd);
	SHOW(ftruncate(fd, 4 * PAGE));
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(at);
	strcpy(at, "shared");
	SHOW(ftruncate(fd, PAGE));
	SHOW(shm_open(name, O_RDWR | O_TRUNC, 0600));
	SHOW(munmap(at, 4 * PAGE));
	SHOW(shm_unlink(name));
	return 0;
}
