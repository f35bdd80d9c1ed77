/* SPDX-License-Identifier: MIT */
/*
 * dlopen by name, by path, of nothing, of the program; and memory from the new library's functions.
 */
#include <dlfcn.h>

#include "probe.h"

int main(void)
{
	void *m = dlopen("libm.so.6", RTLD_NOW);
	double (*cosine)(double) = (double (*)(double))dlsym(m, "cos");

	dprintf(1, "by name: %s\n", m ? "ok" : dlerror());
	dprintf(1, "cos(0): %g\n", cosine(0));
	dprintf(1, "itself: %s\n", dlopen(NULL, RTLD_NOW) ? "ok" : "failed");
	dprintf(1, "nothing: %s\n", dlopen("/nowhere.so", RTLD_NOW) ? "ok" : "failed");
	dprintf(1, "close: %d\n", dlclose(m));
	return 0;
}
