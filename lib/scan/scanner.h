/* SPDX-License-Identifier: MIT */
/*
 * scanner.h - one scan of many paths: the queue between
 * the thread that walks folders and those that read files.
 */
#ifndef NOMMU_SCAN_SCANNER_H
#define NOMMU_SCAN_SCANNER_H

#include <pthread.h>
#include <time.h>

#include "scan/resolve.h"

#define QUEUE 256
#define MOST_ROOTS 32

struct job {
	char *path;
	struct resolver *resolver;
	bool named;   /* given by the user: told even if it is no program */
	bool special; /* a device, pipe or socket, which is never opened */
	int error;    /* the walk could not read it */
};

struct scanner {
	struct scan_result *result;
	const struct scan_options *options;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct job queue[QUEUE];
	size_t head, count;
	bool closed;
	size_t done;
	struct timespec shown;
	struct resolver *resolvers[MOST_ROOTS];
	char *roots[MOST_ROOTS];
	size_t root_count;
};

/* walk.c: takes a file's result over; it stays in the result, or is only counted. */
void scanner_keep(struct scanner *scanner, struct scan_file *file, bool named);

/* read.c: reads what is at the job's path and keeps the results, one or, of a package, many. */
void read_job(struct scanner *scanner, const struct job *job);
/* The handler of SIGBUS: ends the reading of the file that has shrunk in this thread. */
void read_bus_error(int signal);

#endif
