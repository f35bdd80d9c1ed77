/* SPDX-License-Identifier: MIT */
/* A program that closes every descriptor it does not know, and stderr with them. */
#include "probe.h"

int main(int argc, char **argv)
{
	char *args[] = { argv[0], "child", NULL };

	closefrom(3);
	close(2);
	SHOW(anonymous(PAGE));
	SHOW(anonymous(8 * MIB));
	SHOW(fork() ?: (_exit(0), 0));
	SHOW_NUMBER(open("/dev/null", O_RDONLY));
	if (argc == 1)
		execv(argv[0], args);
	return 0;
}
