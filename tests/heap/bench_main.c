/* SPDX-License-Identifier: MIT */
/* bench_main.c - the heap's part of the benchmark alone. */
#include "heap/bench_heap.h"

int main(void)
{
	bench_heap_print();
	return 0;
}
