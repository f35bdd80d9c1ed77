/* SPDX-License-Identifier: MIT */
/* munmap of a whole mapping, of its parts, of a file's part, of nothing. */
#include "probe.h"

int main(void)
{
	char *a = anonymous(8 * PAGE);
	char *b = anonymous(4 * PAGE);
	char *file =
		mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, disk_file(4 * PAGE), 0);

	SHOW(munmap(a + 3 * PAGE, PAGE));
	SHOW(munmap(b + 3 * PAGE, PAGE));
	SHOW(munmap(file, PAGE));
	SHOW(munmap(file, 4 * PAGE));
	SHOW(munmap(file, 4 * PAGE));
	SHOW(munmap(b, 3 * PAGE));
	SHOW(munmap(b, 0));
	return 0;
}
