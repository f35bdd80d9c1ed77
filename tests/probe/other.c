/* SPDX-License-Identifier: MIT */
/* With another preloaded library before or after ours, both see the calls. */
#include "probe.h"

int other_saw(void);
#pragma weak other_saw

int main(void)
{
	char *a = anonymous(PAGE);

	SHOW(a);
	SHOW(anonymous(8 * MIB));
	SHOW(munmap(a, PAGE));
	SHOW(open("/dev/null", O_RDONLY));
	SHOW_NUMBER(system("exit 0"));
	dprintf(1, "the other: %s\n",
		!other_saw    ? "not there"
		: other_saw() ? "saw calls"
			      : "saw nothing");
	return 0;
}
