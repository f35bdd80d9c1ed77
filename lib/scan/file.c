/* SPDX-License-Identifier: MIT */
/* file.c - one file's bytes to its result: what kind it is, then the parts in their order. */
#include "scan/resolve.h"

#include <elfutils/libdw.h>
#include <string.h>

#include "base/types.h"
#include "scan/flat.h"

const char *scan_verdict_name(enum scan_verdict verdict)
{
	static const char *const names[] = { "not-judged", "ready", "rebuild", "loses-feature",
					     "cannot-run" };

	return names[verdict];
}

const char *scan_kind_name(enum scan_kind kind)
{
	static const char *const names[] = { "program",	     "static-program", "library",
					     "object",	     "core",	       "script",
					     "flat-program", "damaged",	       "unreadable",
					     "other" };

	return names[kind];
}

static bool debug_only(const struct elf_view *elf)
{
	bool loaded = false;

	if (elf->debug_only)
		return true;
	for (size_t i = 0; i < elf->phnum; i++)
		if (elf->phdr[i].p_type == PT_LOAD && elf->phdr[i].p_filesz)
			loaded = true;
	return !loaded;
}

static enum scan_kind kind_of(const struct elf_view *elf)
{
	switch (elf->ehdr.e_type) {
	case ET_REL:
		return SCAN_OBJECT;
	case ET_EXEC:
		if (debug_only(elf))
			return SCAN_CORE;
		return elf->interpreter || elf->needed_count ? SCAN_PROGRAM : SCAN_STATIC;
	case ET_DYN:
		if (debug_only(elf))
			return SCAN_CORE;
		if (elf->soname && !elf->pie_flag)
			return SCAN_LIBRARY; /* libc itself has an interpreter */
		if (elf->interpreter)
			return SCAN_PROGRAM;
		return elf->pie_flag ? SCAN_STATIC : SCAN_LIBRARY;
	default:
		return SCAN_CORE;
	}
}

bool work_open(struct work *work, const struct elf_bytes *bytes)
{
	struct scan_file *file = work->file;
	const char *wrong = elf_view_open(&work->elf, bytes);

	if (wrong) {
		file->kind = SCAN_DAMAGED;
		file->reason = wrong;
		return false;
	}
	file->machine = elf_machine_name(work->elf.ehdr.e_machine);
	file->kind = kind_of(&work->elf);
	file->fdpic = work->elf.fdpic;
	file->stripped = !work->elf.has_symtab;
	if (file->kind == SCAN_CORE || file->kind == SCAN_OBJECT) {
		file->reason = file->kind == SCAN_OBJECT
				       ? "not linked yet"
				       : "a core dump or debug information, not a program";
		return false;
	}
	layout_scan(work);
	imports_scan(work);
	return true;
}

void work_close(struct work *work)
{
	dwarf_end(work->dwarf);
	code_close(&work->code);
	elf_view_close(&work->elf);
}

static void scan_elf(struct scan_file *file, const struct scan_options *options,
		     struct resolver *resolver, const struct elf_bytes *bytes)
{
	struct work work = { .options = options, .file = file };

	if (work_open(&work, bytes)) {
		if (resolver)
			resolve_libraries(resolver, &work);
		verdict_give(&work);
	}
	work_close(&work);
	finding_sort(file);
}

static const char *script_reason(struct scan_pool *pool, const char *text, size_t size)
{
	const char *end = memchr(text, '\n', min_u64(size, 128)), *begin = text + 2;

	while (end && begin < end && (*begin == ' ' || *begin == '\t'))
		begin++;
	if (!end || begin == end)
		return "a script without an interpreter";
	return mem_format(pool, "a script: as good as its interpreter, %.*s", (int)(end - begin),
			  begin);
}

struct scan_file *file_scan(const struct scan_options *options, struct resolver *resolver,
			    const char *path, const struct elf_bytes *bytes)
{
	const void *data = bytes->data;
	size_t size = bytes->size;
	struct scan_pool *pool = mem_new();
	struct scan_file *file = mem_alloc(pool, sizeof(*file));

	file->pool = pool;
	file->path = mem_copy(pool, path);
	file->kind = SCAN_OTHER;
	file->reason = "not a program";
	if (size >= 4 && !memcmp(data, ELFMAG, SELFMAG)) {
		scan_elf(file, options, resolver, bytes);
	} else if (size >= 64 && !memcmp(data, "bFLT", 4)) {
		struct work work = { .options = options, .file = file };

		flat_scan(&work, data, size);
	} else if (size >= 2 && !memcmp(data, "#!", 2)) {
		file->kind = SCAN_SCRIPT;
		file->reason = script_reason(pool, data, size);
	}
	return file;
}

struct scan_file *scan_memory(const struct scan_options *options, const char *path,
			      const void *data, size_t size)
{
	const struct elf_bytes bytes = { data, size, false };

	return file_scan(options, NULL, path, &bytes);
}

void scan_file_free(struct scan_file *file)
{
	if (file)
		mem_free(file->pool);
}
