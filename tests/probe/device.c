/* SPDX-License-Identifier: MIT */
/*
 * Device windows: /dev/mem shows each at its address, through one descriptor; a device's own file
 * shows its own. Arguments: the files.
 */
#include "probe.h"

#define WINDOW 0x41000000L
#define OTHER 0x42000000L

int main(int argc, char **argv)
{
	int mem, own, other;
	char *a, *b, *c;

	if (argc < 3)
		return 1;
	own = open(argv[1], O_RDWR);
	other = open(argv[2], O_RDWR);
	SHOW(mem = open("/dev/mem", O_RDWR | O_SYNC));
	SHOW(a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, WINDOW + PAGE));
	SHOW_NUMBER(a == (char *)WINDOW + PAGE);
	SHOW_NUMBER(*a);
	SHOW(mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, mem, WINDOW));
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, mem, WINDOW - PAGE));
	SHOW(munmap(a, PAGE));
	SHOW(b = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0));
	SHOW_NUMBER(b[PAGE]);
	SHOW(c = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, OTHER));
	SHOW_NUMBER(c == (char *)OTHER && *c == 'o');
	SHOW(munmap(c, PAGE));
	SHOW(c = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0));
	SHOW_NUMBER(*c == 'o');
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, other, WINDOW));
	return 0;
}
