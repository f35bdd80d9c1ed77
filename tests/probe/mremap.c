/* SPDX-License-Identifier: MIT */
/* mremap only moves the end of a mapping, within its block. */
#include "probe.h"

int main(void)
{
	char *a = anonymous(8 * PAGE);

	SHOW(mremap(a, 4 * PAGE, 2 * PAGE, 0));
	SHOW(mremap(a, 8 * PAGE, 4 * PAGE, 0));
	SHOW(mremap(a, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
	SHOW(mremap(a, 8 * PAGE, 64 * PAGE, MREMAP_MAYMOVE));
	return 0;
}
