/* SPDX-License-Identifier: MIT */
/*
 * say.h - text without allocation, locks or stdio: a formatter into a caller's buffer and
 * one write to stderr. Everything that the in-process half prints goes through here;
 * nothing ever goes to stdout.
 */
#ifndef NOMMU_BASE_SAY_H
#define NOMMU_BASE_SAY_H

#include <stdarg.h>
#include <stddef.h>

#include "base/compiler.h"

/*
 * Understands %s %c %d %u %x, the last three with l, ll or z before them, %p and %%, each with a
 * width and 0 or - before that; no precision, so no %.*s. Cuts what does not fit into size > 0
 * bytes and always ends it with a 0. Returns the length that was written, without the 0.
 */
size_t say_format(char *buf, size_t size, const char *format, ...) nommu_printf(3, 4);
size_t say_vformat(char *buf, size_t size, const char *format, va_list args);

/* One line "nommu: ...\n" to stderr in a single write; a closed stderr is no error. */
void say(const char *format, ...) nommu_printf(1, 2);

#endif
