/* SPDX-License-Identifier: MIT */
/* memory.c - calls whose arguments are read off, a system call of its own, TLS and a large bss. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void _start(void);
static char large[5 << 20];
static __thread int mine;

void _start(void)
{
	char *file = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
	char *code = mmap(0, 8 << 20, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	mprotect(code, 4096, PROT_READ | PROT_EXEC);
	madvise(file, 4096, MADV_DONTNEED);
	large[mine++] = *(char *)malloc(6 << 20);
#ifdef __x86_64__
	__asm__ volatile("syscall" : : "a"(57) : "rcx", "r11", "memory");
#endif
	sbrk(4096);
	_exit(vfork());
}
