/* SPDX-License-Identifier: MIT */
/* Files in memory take their pages when they are sized; files on a disk do not. */
#include "probe.h"

int main(void)
{
	char path[] = "/dev/shm/nommu-probe-XXXXXX";
	int memory = mkstemp(path);
	int disk = disk_file(PAGE);
	void *shown;

	SHOW(ftruncate(memory, 8 * MIB));
	SHOW(ftruncate64(memory, 4 * PAGE));
	SHOW(truncate(path, 2 * PAGE));
	shown = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, memory, 0);
	SHOW(open(path, O_RDWR | O_CREAT | O_EXCL | O_TRUNC, 0600));
	SHOW(fopen(path, "wx") ? 0 : -1);
	SHOW(munmap(shown, PAGE));
	SHOW(truncate64(path, 0));
	SHOW(truncate("/nowhere/at/all", 0));
	SHOW(truncate("/", 0));
	SHOW(ftruncate(disk, 8 * MIB));
	SHOW(ftruncate(-1, 0));
	unlink(path);
	return 0;
}
