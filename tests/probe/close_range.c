/* SPDX-License-Identifier: MIT */
/* close_range, by libc and by number, takes nothing from us: calls are judged and recorded on. */
#include <sys/syscall.h>

#include "probe.h"

static void calls(void)
{
	SHOW(anonymous(PAGE));
	SHOW(anonymous(8 * MIB));
	SHOW_NUMBER(open("/dev/null", O_RDONLY));
}

int main(int argc, char **argv)
{
	char *args[] = { argv[0], "child", NULL };

	SHOW(close_range(3, ~0U, 0));
	calls();
	SHOW(syscall(SYS_close_range, 3, ~0U, 0));
	calls();
	if (argc == 1)
		execv(argv[0], args);
	return 0;
}
