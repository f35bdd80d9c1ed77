/* SPDX-License-Identifier: MIT */
/*
 * nommu-bench [PART...] - what it all costs, in lines of: what, the figure, what is to be reached,
 * and whether it is. Parts: machine malloc start programs; without one all of them. Everything is
 * measured against the same without nommu, in the same run and in turns where that is possible, so
 * that other load counts little.
 */
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"

static const struct part {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "machine", bench_machine },
	{ "malloc", bench_malloc },
	{ "start", bench_start },
	{ "programs", bench_programs },
};

#define PARTS (sizeof parts / sizeof *parts)

static const struct part *find(const char *name)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	return NULL;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!find(argv[i])) {
			fprintf(stderr,
				"nommu-bench: no part '%s'; there are: machine malloc start "
				"programs\n",
				argv[i]);
			return 1;
		}
	for (unsigned i = 0; argc == 1 && i < PARTS; i++)
		parts[i].run();
	for (int i = 1; i < argc; i++)
		find(argv[i])->run();
	return 0;
}
