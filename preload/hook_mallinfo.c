/* SPDX-License-Identifier: MIT */
/* hook_mallinfo.c - what is asked of the heap beside blocks: figures and settings. */
#include "heap_hooks.h"

#include <limits.h>
#include <malloc.h>

#include "guard.h"
#include "real.h"

#include "base/types.h"
#include "heap/heap.h"

nommu_export int malloc_trim(size_t pad)
{
	struct heap *heap = heap_hooks_model();

	return heap_hooks_are_libcs() ? real.malloc_trim(pad) : heap && heap_trim(heap);
}

/* The models have nothing to set; 1 is success. */
nommu_export int mallopt(int name, int value)
{
	return heap_hooks_are_libcs() ? real.mallopt(name, value) : 1;
}
HOOK_ALIAS(mallopt, __libc_mallopt);

nommu_export struct mallinfo2 mallinfo2(void)
{
	struct mallinfo2 info = { 0 };
	struct heap *heap = heap_hooks_model();
	struct heap_stats stats;

	if (heap_hooks_are_libcs())
		return real.mallinfo2();
	if (!heap)
		return info;
	heap_stats(heap, &stats);
	info.arena = stats.pages << NOMMU_PAGE_SHIFT;
	info.uordblks = stats.used - stats.cached;
	info.fordblks = info.arena - info.uordblks;
	return info;
}

static int narrow(size_t value)
{
	return value > INT_MAX ? INT_MAX : (int)value;
}

/* Of the days of small heaps; glibc marks it so. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
nommu_export struct mallinfo mallinfo(void)
{
	struct mallinfo2 info = mallinfo2();

	return (struct mallinfo){
		narrow(info.arena),    narrow(info.ordblks),  narrow(info.smblks),
		narrow(info.hblks),    narrow(info.hblkhd),   narrow(info.usmblks),
		narrow(info.fsmblks),  narrow(info.uordblks), narrow(info.fordblks),
		narrow(info.keepcost),
	};
}
HOOK_ALIAS(mallinfo, __libc_mallinfo);
