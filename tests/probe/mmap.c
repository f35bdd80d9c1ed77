/* SPDX-License-Identifier: MIT */
/* mmap in its kinds, and its other spelling. */
#include "probe.h"

int main(void)
{
	int disk = disk_file(PAGE);
	char *copy;

	SHOW(anonymous(PAGE));
	SHOW(mmap64(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(mmap((void *)PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(mmap((void *)(64 * PAGE), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		  0));
	SHOW(anonymous(0));
	SHOW(anonymous(4 * MIB));
	SHOW(anonymous(4 * MIB + PAGE));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, disk, 0));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, disk, 1));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 1000, 0));
	copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, disk, 0);
	SHOW_NUMBER(copy[17]);
	return 0;
}
