/* SPDX-License-Identifier: MIT */
/*
 * dlmopen: a library in a namespace of its own brings a libc of its own along, whose calls nobody
 * sees; the heaps and mappings of both live side by side. What malloc_info tells is of the host's.
 */
#include <dlfcn.h>
#include <malloc.h>

#include "probe.h"

int main(void)
{
	void *apart = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
	void *(*their_malloc)(size_t) = (void *(*)(size_t))dlsym(apart, "malloc");
	void (*their_free)(void *) = (void (*)(void *))dlsym(apart, "free");
	char *theirs, *text = NULL;
	size_t size = 0;
	FILE *out;

	dprintf(1, "dlmopen: %s\n", apart ? "ok" : dlerror());
	theirs = their_malloc(100000);
	memset(theirs, 1, 100000);
	SHOW(anonymous(8 * MIB));
	their_free(theirs);
	free(malloc(100000));
	dprintf(1, "dlclose: %d\n", dlclose(apart));
	dprintf(1, "dlmopen into ours: %s\n",
		dlmopen(LM_ID_BASE, "libm.so.6", RTLD_NOW) ? "ok" : dlerror());
	out = open_memstream(&text, &size);
	SHOW(malloc_info(0, out));
	fclose(out);
	dprintf(1, "malloc_info: %.8s\n", text);
	free(text);
	return 0;
}
