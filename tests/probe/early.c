/* SPDX-License-Identifier: MIT */
/*
 * Linked with a library whose constructor runs before the preloaded library's and made calls there.
 */
#include "probe.h"

extern const char *early_calls;
extern char *early_map;

int main(void)
{
	dprintf(1, "%s", early_calls);
	strcpy(early_map, "still there");
	dprintf(1, "%s\n", early_map);
	SHOW(munmap(early_map, PAGE));
	return 0;
}
