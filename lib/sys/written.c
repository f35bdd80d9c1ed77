/* SPDX-License-Identifier: MIT */
/*
 * written.c - what a vfork child wrote to its parent's variables. The parent's thread stands still
 * meanwhile, so where it is the only one, what differs afterwards is the child's doing. Looked at
 * are the data of the program and its libraries, not libc's, and not what the loader fills in when
 * a function is called first. Stacks and the heap are not looked at: what is left there by what a
 * child may do cannot be told from what matters.
 * So it is a note: the program alone knows whether it meant to.
 */
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"
#include "sys/module.h"

#define MOST (16UL << 20) /* of data; more is not looked at */
#define PLT_WORDS 3	  /* of the loader, before the functions' */

/* A copy of all data, one segment behind the other. */
static struct {
	char *at; /* NULL: there is none */
	uint64_t size;
} copy;

/* What is done with each segment of data; `done` bytes came before it. */
struct walk {
	void (*each)(struct walk *walk, char *data, uint64_t len, const struct module *m);
	uint64_t done;
	uint64_t loader_start, loader_end; /* of the module: the loader's own part of its data */
	uint64_t written;		   /* bytes that differ */
	char first[128];		   /* where the first of them is */
};

static uint64_t dynamic(const struct module *m, int64_t tag)
{
	for (unsigned i = 0; i < m->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &m->info->dlpi_phdr[i];
		const ElfW(Dyn) *entry = (const void *)(m->info->dlpi_addr + ph->p_vaddr);

		if (ph->p_type != PT_DYNAMIC)
			continue;
		for (; entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == tag)
				return entry->d_un.d_val;
	}
	return 0;
}

static void find_loaders_part(struct walk *walk, const struct module *m)
{
	uint64_t table = dynamic(m, DT_PLTGOT);
	uint64_t functions = dynamic(m, DT_PLTRELSZ) / sizeof(ElfW(Rela));

	if (table && table < m->info->dlpi_addr) /* not relocated in place */
		table += m->info->dlpi_addr;
	walk->loader_start = table;
	walk->loader_end = table ? table + (PLT_WORDS + functions) * sizeof(void *) : 0;
}

static int segments(struct dl_phdr_info *info, size_t size, void *context)
{
	struct walk *walk = context;
	struct module m;

	(void)size;
	module_describe(info, &m);
	if (!m.end || m.flags & (MODULE_OURS | MODULE_LIBC))
		return 0;
	find_loaders_part(walk, &m);
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_W))
			continue;
		walk->each(walk, (char *)(info->dlpi_addr + ph->p_vaddr), ph->p_memsz, &m);
		walk->done += ph->p_memsz;
	}
	return 0;
}

static void count(struct walk *walk, char *data, uint64_t len, const struct module *m)
{
	(void)walk;
	(void)data;
	(void)len;
	(void)m;
}

static void keep(struct walk *walk, char *data, uint64_t len, const struct module *m)
{
	(void)m;
	if (walk->done + len <= copy.size)
		memcpy(copy.at + walk->done, data, len);
}

static void note_byte(struct walk *walk, uint64_t addr, const struct module *m)
{
	if (addr >= walk->loader_start && addr < walk->loader_end)
		return;
	if (!walk->written++)
		say_format(walk->first, sizeof walk->first, "%s+0x%lx", sys_base_name(m->path),
			   (unsigned long)(addr - m->info->dlpi_addr));
}

static void compare(struct walk *walk, char *data, uint64_t len, const struct module *m)
{
	const char *before = copy.at + walk->done;

	if (walk->done + len > copy.size || memcmp(before, data, len) == 0)
		return;
	for (uint64_t i = 0; i < len; i++)
		if (data[i] != before[i])
			note_byte(walk, (uint64_t)(data + i), m);
}

/* What system() runs: the target has its own. */
static bool host_shell(void)
{
	return strcmp(mm_proc(&sys.mm, sys.mm.self)->name, "sh") == 0;
}

void written_begin(void)
{
	struct walk walk = { .each = count };
	long memory;

	if (copy.at || !trace_active() || !__libc_single_threaded || host_shell())
		return;
	dl_iterate_phdr(segments, &walk);
	if (!walk.done || walk.done > MOST)
		return;
	memory = raw_mmap(0, walk.done, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (is_err(memory))
		return;
	copy.at = (char *)memory;
	copy.size = walk.done;
	walk = (struct walk){ .each = keep };
	dl_iterate_phdr(segments, &walk);
}

void written_end(uint64_t site)
{
	struct walk walk = { .each = compare };
	char text[192];
	struct event e = { .call = NOMMU_CALL_VFORK, .site = site, .text = text, .minor = true };
	struct verdict v = { 0 };

	if (!copy.at)
		return;
	dl_iterate_phdr(segments, &walk);
	raw_munmap((uint64_t)copy.at, copy.size);
	copy.at = NULL;
	if (!walk.written || walk.done != copy.size)
		return;
	say_format(text, sizeof text, "%lu bytes written from %s on", (unsigned long)walk.written,
		   walk.first);
	meet_as(&sys.mm, &v, RULE_VFORK_CHILD, 0);
	sys_record(&e, &v);
}
