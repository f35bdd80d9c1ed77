/* SPDX-License-Identifier: MIT */
#include "symbol/symbol.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"

struct symbols {
	struct pool *pool;
	char *debug_path; /* as dwfl_standard_find_debuginfo wants it */
	Dwfl_Callbacks callbacks;
};

struct symbols *symbols_open(const char *debug_path, struct pool *pool)
{
	struct symbols *symbols = pool_alloc(pool, sizeof(*symbols));

	symbols->pool = pool;
	/*
	 * "+": check the CRC of files found by .gnu_debuglink.
	 * Behind it: beside the file, .debug/, the rest.
	 */
	symbols->debug_path = pool_format(pool, "+:.debug:%s%s/usr/lib/debug",
					  debug_path ? debug_path : "", debug_path ? ":" : "");
	symbols->callbacks.find_elf = dwfl_build_id_find_elf;
	symbols->callbacks.find_debuginfo = dwfl_standard_find_debuginfo;
	symbols->callbacks.section_address = dwfl_offline_section_address;
	symbols->callbacks.debuginfo_path = &symbols->debug_path;
	return symbols;
}

void symbols_close(struct symbols *symbols)
{
	(void)symbols; /* all of it is in the pool */
}

void symbols_release(struct symbol_file *file)
{
	if (file->dwfl)
		dwfl_end(file->dwfl);
	file->dwfl = file->module = NULL;
}

static bool is_recorded_file(Dwfl_Module *module, const struct symbol_file *file)
{
	const unsigned char *id;
	GElf_Addr vaddr;
	int len;

	if (!file->build_id_len)
		return true;
	len = dwfl_module_build_id(module, &id, &vaddr);
	return len > 0 && (uint32_t)len == file->build_id_len &&
	       memcmp(id, file->build_id, file->build_id_len) == 0;
}

/* The debug file alone will do where the program itself is gone or was replaced. */
static char *debug_file_of(struct symbols *symbols, const struct symbol_file *file)
{
	char hex[2 * sizeof(file->build_id) + 1] = "";
	static const char digits[] = "0123456789abcdef";

	if (file->build_id_len < 2 || file->build_id_len > sizeof(file->build_id))
		return NULL;
	for (uint32_t i = 0; i < file->build_id_len; i++) {
		hex[2 * i] = digits[file->build_id[i] >> 4];
		hex[2 * i + 1] = digits[file->build_id[i] & 15];
	}
	for (const char *dir = symbols->debug_path; *dir; dir += *dir == ':') {
		size_t len = strcspn(dir, ":");
		char *path = pool_format(symbols->pool, "%.*s/.build-id/%.2s/%s.debug", (int)len,
					 dir, hex, hex + 2);

		dir += len;
		if (path[0] == '/' && access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

static void *report_file(struct symbol_file *file, const char *path)
{
	Dwfl_Module *module = dwfl_report_offline(file->dwfl, path, path, -1);

	dwfl_report_end(file->dwfl, NULL, NULL);
	if (module && is_recorded_file(module, file))
		return module;
	return NULL;
}

static void open_file(struct symbols *symbols, struct symbol_file *file)
{
	const char *debug;

	file->tried = true;
	file->dwfl = dwfl_begin(&symbols->callbacks);
	if (!file->dwfl)
		return;
	dwfl_report_begin(file->dwfl);
	/*
	 * dlopen("./plug-in.so") leaves a relative path:
	 * where that leads to, only a build id can tell.
	 */
	if (file->path[0] == '/' || (file->build_id_len && strchr(file->path, '/')))
		file->module = report_file(file, file->path);
	if (file->module)
		return;
	debug = debug_file_of(symbols, file);
	if (!debug)
		return;
	dwfl_report_begin(file->dwfl);
	file->module = report_file(file, debug);
}

/* The name that tells most: the linkage name has the namespaces and the parameters. */
static const char *die_function(struct symbols *symbols, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	const char *name;

	name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	if (!name)
		name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr));
	return name ? symbol_demangle(symbols->pool, name)
		    : pool_string(symbols->pool, dwarf_diename(die));
}

/* Source paths are relative to the directory of compilation. */
static const char *absolute(struct symbols *symbols, Dwarf_Die *unit, const char *file)
{
	Dwarf_Attribute attr;
	const char *dir;

	if (!file || file[0] == '/')
		return pool_string(symbols->pool, file);
	dir = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attr));
	if (!dir)
		return pool_string(symbols->pool, file);
	return pool_format(symbols->pool, "%s/%s", dir, file);
}

/* Where an inlined call stands in its caller. */
static void call_position(struct symbols *symbols, Dwarf_Die *unit, Dwarf_Die *inlined,
			  struct symbol *caller)
{
	Dwarf_Attribute attr;
	Dwarf_Files *files;
	Dwarf_Word number, line = 0, column = 0;
	size_t count;

	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attr), &number) ||
	    dwarf_getsrcfiles(unit, &files, &count) || number >= count)
		return;
	caller->file = absolute(symbols, unit, dwarf_filesrc(files, number, NULL, NULL));
	if (!dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attr), &line))
		caller->line = (uint32_t)line;
	if (!dwarf_formudata(dwarf_attr(inlined, DW_AT_call_column, &attr), &column))
		caller->column = (uint32_t)column;
}

static unsigned find_scopes(struct symbols *symbols, Dwarf_Die *unit, Dwarf_Addr address,
			    struct symbol *frames, unsigned max)
{
	Dwarf_Die *scopes, *chain = NULL;
	unsigned used = 0;
	int count = dwarf_getscopes(unit, address, &scopes);

	if (count <= 0)
		return 0;
	/*
	 * The scopes of the source end at the inlined
	 * function's own; those of the code go on outwards.
	 */
	for (int i = 0; i < count && used < max; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag == DW_TAG_inlined_subroutine && !chain) {
			int outer = dwarf_getscopes_die(&scopes[i], &chain);

			if (outer > 0) {
				free(scopes);
				scopes = chain;
				count = outer;
				i = 0;
				tag = dwarf_tag(&scopes[0]);
			}
		}
		if (tag == DW_TAG_subprogram) {
			frames[used++].function = die_function(symbols, &scopes[i]);
			break;
		}
		if (tag == DW_TAG_inlined_subroutine) {
			frames[used].inlined = true;
			frames[used].function = die_function(symbols, &scopes[i]);
			if (++used < max)
				call_position(symbols, unit, &scopes[i], &frames[used]);
		}
	}
	free(scopes);
	return used;
}

/*
 * clang writes no index of addresses: where there is
 * none, the units' own ranges say whose an address is.
 */
static Dwarf_Die *find_unit(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Addr *bias)
{
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);

	if (unit)
		return unit;
	while ((unit = dwfl_module_nextcu(module, unit, bias)))
		if (dwarf_haspc(unit, address - *bias) > 0)
			break;
	return unit;
}

static void find_line(struct symbols *symbols, Dwarf_Die *unit, Dwarf_Addr address,
		      struct symbol *frame)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, address);
	int number = 0, column = 0;

	if (!line)
		return;
	frame->file = absolute(symbols, unit, dwarf_linesrc(line, NULL, NULL));
	if (!dwarf_lineno(line, &number) && number > 0)
		frame->line = (uint32_t)number;
	if (!dwarf_linecol(line, &column) && column > 0)
		frame->column = (uint32_t)column;
}

unsigned symbols_find(struct symbols *symbols, struct symbol_file *file, uint64_t address,
		      struct symbol *frames, unsigned max)
{
	GElf_Addr bias = 0, dwarf_bias = 0;
	Dwarf_Die *unit;
	unsigned used = 0;
	const char *name;
	GElf_Sym symbol;
	GElf_Off offset;

	memset(frames, 0, max * sizeof(*frames));
	if (!file->tried)
		open_file(symbols, file);
	if (!file->module || !dwfl_module_getelf(file->module, &bias))
		return 1;
	address += bias;
	unit = find_unit(file->module, address, &dwarf_bias);
	if (unit) {
		used = find_scopes(symbols, unit, address - dwarf_bias, frames, max);
		find_line(symbols, unit, address - dwarf_bias, &frames[0]);
	}
	if (used && frames[used - 1].function)
		return used;
	name = dwfl_module_addrinfo(file->module, address, &offset, &symbol, NULL, NULL, NULL);
	if (name) {
		frames[used ? used - 1 : 0].function = symbol_demangle(symbols->pool, name);
		frames[used ? used - 1 : 0].offset = offset;
	}
	return used ? used : 1;
}
