/* SPDX-License-Identifier: MIT */
/*
 * example.h - what the examples share: `NN_rule before` does it as programs for machines with an
 * MMU do, `NN_rule after` does it portably. Exit status 0: it worked. Try both plainly and under
 * nommu run.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static bool before(void);
static bool after(void);

/* A new file of the folder, already without a name; -1 if there is none to be had. */
static inline int example_file(const char *folder, size_t size)
{
	static const char zeroes[4096];
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/nommu-example-XXXXXX", folder);
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	for (size_t written = 0; written < size; written += sizeof zeroes)
		if (write(fd, zeroes, sizeof zeroes) != (ssize_t)sizeof zeroes)
			return -1;
	return fd;
}

int main(int argc, char **argv)
{
	bool worked;

	if (argc != 2 || (strcmp(argv[1], "before") != 0 && strcmp(argv[1], "after") != 0)) {
		fprintf(stderr, "usage: %s before|after\n", argv[0]);
		return 2;
	}
	worked = strcmp(argv[1], "before") == 0 ? before() : after();
	printf("%s: %s\n", argv[1], worked ? "works" : strerror(errno));
	return worked ? 0 : 1;
}

#endif
