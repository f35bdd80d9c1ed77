/* SPDX-License-Identifier: MIT */
/* Linked statically: no preloading. */
#include "probe.h"

int main(void)
{
	dprintf(1, "outsider: %s\n",
		anonymous(8 * MIB) == MAP_FAILED ? "refused" : "as on the host");
	return 13;
}
