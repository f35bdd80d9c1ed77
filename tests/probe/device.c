/* SPDX-License-Identifier: MIT */
/* A device window, by /dev/mem at its address and by the device's own file. Argument: that file. */
#include "probe.h"

#define WINDOW 0x41000000L

int main(int argc, char **argv)
{
	int mem, own = argc > 1 ? open(argv[1], O_RDWR) : -1;
	char *a, *b;

	SHOW(mem = open("/dev/mem", O_RDWR | O_SYNC));
	SHOW(a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, WINDOW + PAGE));
	SHOW_NUMBER(a == (char *)WINDOW + PAGE);
	SHOW_NUMBER(*a);
	SHOW(mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, mem, WINDOW));
	SHOW(munmap(a, PAGE));
	SHOW(b = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0));
	SHOW_NUMBER(b[PAGE]);
	return 0;
}
