/* SPDX-License-Identifier: MIT */
/*
 * A library that is bound deeply allocates and maps
 * as the rest of the program. Argument: the library.
 */
#include <dlfcn.h>

#include "probe.h"

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND) : NULL;
	void (*deep_free)(void *) = (void (*)(void *))dlsym(library, "deep_free");
	void *(*deep_malloc)(size_t) = (void *(*)(size_t))dlsym(library, "deep_malloc");
	long (*deep_map)(size_t) = (long (*)(size_t))dlsym(library, "deep_map");
	char *block;

	deep_free(malloc(100));
	block = deep_malloc(100);
	memset(block, 1, 100);
	block = realloc(block, 100000);
	SHOW_NUMBER(block && block[99]);
	free(block);
	SHOW(deep_map(8 * MIB));
	return 0;
}
