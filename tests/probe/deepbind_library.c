/* SPDX-License-Identifier: MIT */
/* Opened with RTLD_DEEPBIND: what it allocates others free, and the other way round. */
#include "probe.h"

void deep_free(void *block);
void *deep_malloc(size_t size);
long deep_map(size_t len);

void deep_free(void *block)
{
	free(block);
}

void *deep_malloc(size_t size)
{
	return malloc(size);
}

long deep_map(size_t len)
{
	return anonymous(len) == MAP_FAILED ? -1 : 0;
}
