/* SPDX-License-Identifier: MIT */
/*
 * symbol.h - from an address in a file to functions, source files and lines, by elfutils' libdwfl:
 * inlined frames, separate debug files found by build id or .gnu_debuglink, names of C++ and Rust
 * made readable. A file that is not the one that was recorded (by its build id) is not used.
 */
#ifndef NOMMU_SYMBOL_SYMBOL_H
#define NOMMU_SYMBOL_SYMBOL_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/store.h"

struct symbols;

struct symbol {
	const char *function; /* readable, or NULL */
	const char *file; /* as the compiler was given it, made absolute where it is known how; or
			     NULL */
	uint32_t line;	  /* 0: not known */
	uint32_t column;
	/* of the address in the function, where only the symbol table knows it */
	uint64_t offset;
	bool inlined; /* into the next frame */
};

struct symbol_file {
	const char *path;
	uint8_t build_id[32];
	uint32_t build_id_len;
	void *module; /* of libdwfl */
	void *dwfl;
	bool tried;
};

/* debug_path may be NULL; both must outlive the symbols. Returns NULL without memory. */
struct symbols *symbols_open(const char *debug_path, struct pool *pool);
void symbols_close(struct symbols *symbols);

/*
 * Frames of an address (a p_vaddr of the file), innermost first, at most max; at least one is
 * filled in, with no function if nothing is known. Texts live in the pool.
 */
unsigned symbols_find(struct symbols *symbols, struct symbol_file *file, uint64_t address,
		      struct symbol *frames, unsigned max);
void symbols_release(struct symbol_file *file);

/* Readable form of a mangled name in the pool, or name itself. */
const char *symbol_demangle(struct pool *pool, const char *name);

#endif
