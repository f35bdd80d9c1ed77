/* SPDX-License-Identifier: MIT */
/* Addresses of this program itself: names, lines, inlined frames, and readable names of C++ and
 * Rust. */
#include "symbol/symbol.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/suite.h"

static uint64_t bias;
static char self[4096];

static int find_bias(struct dl_phdr_info *info, size_t size, void *cookie)
{
	(void)size;
	(void)cookie;
	bias = info->dlpi_addr;
	return 1; /* the program comes first */
}

static void locate_self(void)
{
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	ck_assert_int_gt(len, 0);
	self[len] = 0;
	dl_iterate_phdr(find_bias, NULL);
}

static nommu_noinline uint64_t capture(void)
{
	return (uint64_t)__builtin_extract_return_addr(__builtin_return_address(0));
}

enum { LINE_OF_CALL = __LINE__ + 4 };
static inline __attribute__((always_inline)) uint64_t inlined_caller(void)
{
	volatile uint64_t address;
	address = capture();
	return address;
}

static nommu_noinline uint64_t outer_function(void)
{
	volatile uint64_t address = inlined_caller();

	return address + 0;
}

START_TEST(inlined_frames_have_names_and_lines)
{
	struct pool pool = { 0 };
	struct symbols *symbols = symbols_open(NULL, &pool);
	struct symbol_file file = { .path = self };
	struct symbol frames[8];
	uint64_t address = outer_function();

	locate_self();
	ck_assert_uint_ge(symbols_find(symbols, &file, address - bias - 1, frames, 8), 2);
	ck_assert_str_eq(frames[0].function, "inlined_caller");
	ck_assert(frames[0].inlined);
	ck_assert_ptr_nonnull(strstr(frames[0].file, "test_symbol.c"));
	ck_assert_uint_eq(frames[0].line, LINE_OF_CALL);
	ck_assert_str_eq(frames[1].function, "outer_function");
	ck_assert(!frames[1].inlined);
	symbols_release(&file);
	symbols_close(symbols);
	pool_free(&pool);
}
END_TEST

START_TEST(separate_debug_files_are_found)
{
	struct pool pool = { 0 };
	struct symbols *symbols = symbols_open(NULL, &pool);
	char command[3 * sizeof(self)], path[] = "/tmp/nommu-symbol-XXXXXX";
	struct symbol_file file = { .path = NULL };
	struct symbol frames[8];

	locate_self();
	ck_assert_ptr_nonnull(mkdtemp(path));
	snprintf(command, sizeof(command),
		 "cd %s && objcopy --only-keep-debug %s p.debug && "
		 "objcopy --strip-all --add-gnu-debuglink=p.debug %s p",
		 path, self, self);
	if (system(command) == 0) { /* objcopy may be missing */
		file.path = pool_format(&pool, "%s/p", path);
		ck_assert_uint_ge(
			symbols_find(symbols, &file, outer_function() - bias - 1, frames, 8), 2);
		ck_assert_str_eq(frames[1].function, "outer_function");
		ck_assert_uint_eq(frames[0].line, LINE_OF_CALL);
	}
	snprintf(command, sizeof(command), "rm -r %s", path);
	ck_assert_int_eq(system(command), 0);
	symbols_release(&file);
	symbols_close(symbols);
	pool_free(&pool);
}
END_TEST

START_TEST(a_file_with_another_build_id_is_not_believed)
{
	struct pool pool = { 0 };
	struct symbols *symbols = symbols_open(NULL, &pool);
	struct symbol_file file = { .path = self, .build_id = { 1, 2, 3 }, .build_id_len = 20 };
	struct symbol frames[8];

	locate_self();
	ck_assert_uint_eq(symbols_find(symbols, &file, outer_function() - bias - 1, frames, 8), 1);
	ck_assert_ptr_null(frames[0].function);
	symbols_release(&file);
	symbols_close(symbols);
	pool_free(&pool);
}
END_TEST

START_TEST(a_missing_file_has_no_names)
{
	struct pool pool = { 0 };
	struct symbols *symbols = symbols_open(NULL, &pool);
	struct symbol_file file = { .path = "/nonexistent/program" };
	struct symbol frames[2];

	ck_assert_uint_eq(symbols_find(symbols, &file, 4096, frames, 2), 1);
	ck_assert_ptr_null(frames[0].function);
	ck_assert_ptr_null(frames[0].file);
	symbols_release(&file);
	symbols_close(symbols);
	pool_free(&pool);
}
END_TEST

static const struct {
	const char *mangled, *readable;
} names[] = {
	{ "main", "main" },
	{ "_start", "_start" },
	{ "_Znonsense", "_Znonsense" },
	{ "_ZN5board4initEi", "board::init(int)" },
	{ "_ZNSt6vectorIiSaIiEE9push_backERKi",
	  "std::vector<int, std::allocator<int> >::push_back(int const&)" },
	{ "_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write" },
	{ "_ZN49_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$Drop$GT$4drop17h0123456789abcdefE",
	  "<alloc::vec::Vec<T> as Drop>::drop" },
	{ "_RNvC7mycrate3foo", "mycrate::foo" },
	{ "_RNvNtCs1234_7mycrate3bar3foo.llvm.123", "mycrate::bar::foo" },
	{ "_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>" },
	{ "_RNvMNtC4core5sliceSh4copy", "<[u8]>::copy" },
	{ "_RNvXs_C1aNtB4_3FooNtB4_3Bar3baz", "<a::Foo as a::Bar>::baz" },
	{ "_RNCNvC1a4mains_0", "a::main::{closure#1}" },
	{ "_RINvC1a1fNtB2_1SRmQAtj4_E", "a::f::<a::S, &u32, &mut [u16; 4]>" },
	{ "_RINvC1a1fTlbEFUKChEuPeOcE",
	  "a::f::<(i32, bool), unsafe extern \"C\" fn(u8), *const str, *mut char>" },
	{ "_RINvC1a1fDINtB2_2FnTEEp6OutputlNtB2_4SendEL_E",
	  "a::f::<dyn a::Fn<(), Output = i32> + a::Send>" },
	{ "_RINvC1a1fKb1_Knlna_E", "_RINvC1a1fKb1_Knlna_E" },
	{ "_RINvC1a1fKb1_Kina_E", "a::f::<true, -10>" },
	{ "_RNvB99_3foo", "_RNvB99_3foo" },
	{ "_RNvC1a", "_RNvC1a" },
	{ "_RNvC9a3foo", "_RNvC9a3foo" },
	{ "_RINvC1a1fBg_E", "_RINvC1a1fBg_E" },
	{ "_R", "_R" },
};

/* A name cut or changed anywhere is read without harm, and one that is nested without end, too. */
START_TEST(damaged_names_do_no_harm)
{
	char deep[4096], name[256];
	struct pool pool = { 0 };

	memset(deep, 'S', sizeof(deep));
	memcpy(deep, "_RINvC1a1f", 10);
	deep[sizeof(deep) - 1] = '\0';
	ck_assert_str_eq(symbol_demangle(&pool, deep), deep);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i].mangled);

		for (size_t at = 2; at < len; at++) {
			for (unsigned c = 1; c < 256; c += 7) {
				memcpy(name, names[i].mangled, len + 1);
				name[at] = (char)c;
				ck_assert_ptr_nonnull(symbol_demangle(&pool, name));
			}
			name[at] = '\0';
			ck_assert_ptr_nonnull(symbol_demangle(&pool, name));
		}
	}
	pool_free(&pool);
}
END_TEST

START_TEST(names_become_readable)
{
	struct pool pool = { 0 };

	if (!dlopen("libstdc++.so.6", RTLD_LAZY))
		return; /* names stay mangled without it, as documented */
	ck_assert_str_eq(symbol_demangle(&pool, names[_i].mangled), names[_i].readable);
	pool_free(&pool);
}
END_TEST

SUITE("symbol", ONE(inlined_frames_have_names_and_lines), ONE(separate_debug_files_are_found),
      ONE(a_file_with_another_build_id_is_not_believed), ONE(a_missing_file_has_no_names),
      LOOP(names_become_readable, ARRAY_SIZE(names)), ONE(damaged_names_do_no_harm))
