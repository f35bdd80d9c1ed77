/* SPDX-License-Identifier: MIT */
/*
 * shape.c - a program of a given shape for the guest (riscv64, no C library): TEXT, DATA and
 * BSS bytes that nobody uses. It prints the mappings that it finds itself in, and ends.
 *
 * Nothing here lies in data or bss, and text is reached relative to itself, so the kernel may
 * put the parts wherever its format allows.
 */
#include <asm/unistd.h>

#define STRING(x) #x
#define SPACE(section, size)                                                                       \
	__asm__(section "\n\t.if " STRING(size) "\n\t.space " STRING(size) "\n\t.endif\n\t."       \
									   "text\n")

SPACE(".data", DATA);
SPACE(".bss", BSS);
SPACE(".text", TEXT);

static long trap(long number, long a, long b, long c, long d)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a7 __asm__("a7") = number;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
	return a0;
}

void _start(void)
{
	char text[512]; /* small: the stack may be two pages */
	long fd = trap(__NR_openat, -100, (long)"/proc/self/maps", 0, 0), got;

	while (fd >= 0 && (got = trap(__NR_read, fd, (long)text, sizeof text, 0)) > 0)
		trap(__NR_write, 1, (long)text, got, 0);
	trap(__NR_exit_group, fd < 0, 0, 0, 0);
}
