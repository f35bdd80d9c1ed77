/* SPDX-License-Identifier: MIT */
/* guest.h - system calls of the guest (riscv64), which has no C library. */
#ifndef ORACLE_GUEST_H
#define ORACLE_GUEST_H

#include <asm/unistd.h>

static inline __attribute__((always_inline)) long trap(long number, long a, long b, long c, long d,
						       long e, long f)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;
	register long a7 __asm__("a7") = number;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
			 : "memory");
	return a0;
}

#define TRAP6(n, a, b, c, d, e, f)                                                                 \
	trap(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define TRAP5(n, a, b, c, d, e) TRAP6(n, a, b, c, d, e, 0)
#define TRAP4(n, a, b, c, d) TRAP6(n, a, b, c, d, 0, 0)
#define TRAP3(n, a, b, c) TRAP6(n, a, b, c, 0, 0, 0)
#define TRAP2(n, a, b) TRAP6(n, a, b, 0, 0, 0, 0)
#define TRAP1(n, a) TRAP6(n, a, 0, 0, 0, 0, 0)

#endif
