/* SPDX-License-Identifier: MIT */
/* compiler.h - what we ask of the compiler beyond C11. */
#ifndef NOMMU_BASE_COMPILER_H
#define NOMMU_BASE_COMPILER_H

#define nommu_export __attribute__((visibility("default")))
#define nommu_printf(text, first) __attribute__((__format__(__printf__, text, first)))
#define nommu_noinline __attribute__((noinline))
#define nommu_always_inline inline __attribute__((always_inline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Initial-exec: the storage exists when the thread does, so no access can allocate. */
#define nommu_tls __thread __attribute__((tls_model("initial-exec")))

#endif
