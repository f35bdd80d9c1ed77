/* SPDX-License-Identifier: MIT */
/*
 * checker.h - tells memcheck what the arena's memory is, so that `valgrind ./app` with the
 * library in front finds uses of memory that MAP_UNINITIALIZED did not clear and of pages
 * that were given back. The requests are a few instructions that do nothing outside Valgrind;
 * the header comes with it.
 */
#ifndef NOMMU_BASE_CHECKER_H
#define NOMMU_BASE_CHECKER_H

#if defined(__has_include) && __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define checker_forbid(addr, len) VALGRIND_MAKE_MEM_NOACCESS((addr), (len))
#define checker_undefine(addr, len) VALGRIND_MAKE_MEM_UNDEFINED((addr), (len))
#define checker_define(addr, len) VALGRIND_MAKE_MEM_DEFINED((addr), (len))
/* For a look at what no longer belongs to anybody. */
#define checker_look_away() VALGRIND_DISABLE_ERROR_REPORTING
#define checker_look_again() VALGRIND_ENABLE_ERROR_REPORTING
#else
#define checker_forbid(addr, len) ((void)(addr), (void)(len))
#define checker_undefine(addr, len) ((void)(addr), (void)(len))
#define checker_define(addr, len) ((void)(addr), (void)(len))
#define checker_look_away() ((void)0)
#define checker_look_again() ((void)0)
#endif

#endif
