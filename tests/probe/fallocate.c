/* SPDX-License-Identifier: MIT */
/* fallocate of files in memory and on a disk. */
#include "probe.h"

int main(void)
{
	int memory = memory_file();
	int disk = disk_file(PAGE);

	SHOW(fallocate(memory, 0, 0, PAGE));
	SHOW(fallocate64(memory, 0, 0, PAGE));
	SHOW_ERROR(posix_fallocate(memory, 0, PAGE));
	SHOW_ERROR(posix_fallocate64(memory, 0, PAGE));
	SHOW_ERROR(posix_fallocate(disk, 0, PAGE));
	SHOW_ERROR(posix_fallocate(-1, 0, PAGE));
	return 0;
}
