/* SPDX-License-Identifier: MIT */
/*
 * image.c - what a program's image and stack cost before main, by the model of the run (the
 * formulas are in fs/binfmt_elf_fdpic.c and fs/binfmt_flat.c), and which modules there are.
 *
 * The host's libc and loader are not charged, the target has
 * its own; nor is our library. Other shared libraries are.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"
#include "sys/module.h"

#define DEFAULT_STACK 131072u /* fs/binfmt_elf_fdpic.c:176 */
#define FLAT_STACK 4096u      /* elf2flt's */
#define FLAT_HEADER 64u	      /* include/linux/flat.h:20; it is loaded with the text */

#define BLOCK_NAME 128 /* of a block and the library that it is of */

static const void *our_address;

void sys_library(const void *address)
{
	our_address = address;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool part_of_libc(const char *path)
{
	static const char *const names[] = { "libc.so",	     "libc-",	   "ld-linux",
					     "ld-2.",	     "ld.so",	   "libpthread",
					     "libdl.so",     "librt.so",   "libm.so",
					     "libgcc_s",     "linux-vdso", "libutil.so",
					     "libresolv.so", "libcrypt.so" };

	path = last_part(path);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(path, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

void module_describe(const struct dl_phdr_info *info, struct module *m)
{
	static char program[CONF_PATH];
	long n;

	m->info = info;
	m->path = info->dlpi_name ? info->dlpi_name : "";
	m->flags = 0;
	m->start = UINT64_MAX;
	m->end = 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD)
			continue;
		m->start = min_u64(m->start, (info->dlpi_addr + ph->p_vaddr) & ~NOMMU_PAGE_MASK);
		m->end = max_u64(m->end, page_align(info->dlpi_addr + ph->p_vaddr + ph->p_memsz));
	}
	if (!*m->path) {
		n = raw_call4(SYS_readlinkat, -100, "/proc/self/exe", program, sizeof program - 1);
		program[n > 0 ? n : 0] = '\0';
		m->path = program;
		m->flags = MODULE_PROGRAM;
	} else if ((uint64_t)our_address >= m->start && (uint64_t)our_address < m->end) {
		m->flags = MODULE_OURS;
	} else if (part_of_libc(m->path)) {
		m->flags = MODULE_LIBC;
	}
}

/* ---- modules in the recording ---- */

static uint32_t build_id(const struct dl_phdr_info *info, uint8_t id[32])
{
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const char *note = (const char *)(info->dlpi_addr + ph->p_vaddr);
		const char *end = note + ph->p_memsz;

		while (ph->p_type == PT_NOTE && note + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *head = (const void *)note;
			const char *name = note + sizeof *head;
			const char *data = name + ((head->n_namesz + 3) & ~3u);

			if (head->n_type == NT_GNU_BUILD_ID && head->n_namesz == 4 &&
			    memcmp(name, "GNU", 4) == 0 && head->n_descsz <= 32) {
				memcpy(id, data, head->n_descsz);
				return head->n_descsz;
			}
			note = data + ((head->n_descsz + 3) & ~3u);
		}
	}
	return 0;
}

static int record_module(struct dl_phdr_info *info, size_t size, void *context)
{
	struct nommu_record_module *r;
	struct module m;
	size_t len;

	(void)size;
	(void)context;
	module_describe(info, &m);
	if (m.end == 0)
		return 0;
	len = strlen(m.path);
	r = trace_claim(sizeof *r + len + 1, sys.pid);
	if (!r)
		return 1;
	r->base = info->dlpi_addr;
	r->start = m.start;
	r->end = m.end;
	r->build_id_len = build_id(info, r->build_id);
	r->flags = m.flags;
	memcpy(r->path, m.path, len);
	trace_done(r, NOMMU_RECORD_MODULE);
	return 0;
}

void sys_record_modules(void)
{
	if (trace_active())
		dl_iterate_phdr(record_module, NULL);
}

/* ---- the charge ---- */

struct charge {
	/* bytes of main stack, from the program's PT_GNU_STACK or the default */
	uint64_t stack;
	uint64_t arguments; /* of the program, for which a flat one gets more stack */
	const char *name;   /* of the program or library that is charged */
	struct verdict verdict;
};

uint64_t sys_stack_bytes(void)
{
	const struct conf *conf = &sys.ledger.h->conf;
	uint64_t stack = conf->stack;
	const ElfW(Phdr) * ph;
	unsigned long count;

	if (conf->image == IMAGE_NONE && !stack)
		return 0;
	if (!stack) {
		ph = (const ElfW(Phdr) *)getauxval(AT_PHDR);
		count = getauxval(AT_PHNUM);
		for (; ph && count; ph++, count--)
			if (ph->p_type == PT_GNU_STACK)
				stack = ph->p_memsz;
	}
	/* A flat program's lies in its block of data, to the byte. */
	if (conf->image >= IMAGE_FLAT)
		return stack ? stack : FLAT_STACK;
	return max_u64(page_align(stack ? stack : DEFAULT_STACK), 2 * NOMMU_PAGE_SIZE);
}

uint64_t sys_argument_bytes(char *const *argv)
{
	uint64_t bytes = sizeof *argv;

	for (; argv && *argv; argv++)
		bytes += strlen(*argv) + 1 + sizeof *argv;
	return bytes;
}

/*
 * In audit the host has the image somewhere else, so its mappings are entered at addresses that no
 * host has: the pages are charged, nobody looks at them.
 */
static uint64_t nowhere(uint64_t pages)
{
	static uint64_t next = 1ULL << 63;

	next += pages << NOMMU_PAGE_SHIFT;
	return next - (pages << NOMMU_PAGE_SHIFT);
}

/*
 * A block of `pages` did not fit. In run that ends the program; in audit the next block is tried.
 */
static void refuse_image(const struct charge *c, uint64_t pages, const char *what)
{
	char name[BLOCK_NAME], text[BLOCK_NAME + 24];
	struct event e = { .call = NOMMU_CALL_IMAGE,
			   .args = { pages << NOMMU_PAGE_SHIFT, NOMMU_KIND_IMAGE },
			   .text = text };
	struct verdict v = { .result = -ENOMEM, .order = pages_order(pages) };

	say_format(name, sizeof name, "%s of %s", what, c->name);
	say_format(text, sizeof text, "%s, %lu KiB", name, (unsigned long)pages * 4);
	v.figure[0] =
		mm_has_mmu(&sys.mm) ? sys.ledger.h->swap_free : sys.ledger.h->buddy.free_pages;
	v.figure[1] = buddy_largest(&sys.ledger.buddy);
	meet_as(&sys.mm, &v, RULE_IMAGE_TOO_LARGE, -ENOMEM);
	meet_as(&sys.mm, &v, RULE_SWAP_RESERVE, -ENOMEM);
	e.result = sys.audit ? 0 : -ENOMEM;
	sys_record(&e, &v);
	if (sys.audit)
		return;
	if (mm_has_mmu(&sys.mm))
		say("%s: the %s needs %lu KiB of swap in reserve; %lu KiB are left",
		    mm_proc(&sys.mm, sys.mm.self)->name, name, (unsigned long)pages * 4,
		    (unsigned long)v.figure[0] * 4);
	else
		say("%s: the %s needs one block of %lu KiB; the largest hole is %lu KiB of %lu KiB "
		    "free",
		    mm_proc(&sys.mm, sys.mm.self)->name, name, (unsigned long)(4UL << v.order),
		    (unsigned long)v.figure[1] * 4, (unsigned long)v.figure[0] * 4);
	/*
	 * execve is past the point of no return by then:
	 * the kernel ends the process so, handler or not.
	 */
	raw_call4(SYS_rt_sigaction, SIGSEGV, (const uint64_t[4]){ 0 }, NULL, sizeof(uint64_t));
	raw_kill((int)sys.pid, SIGSEGV);
	raw_kill((int)sys.pid, SIGKILL);
}

static void take_block(struct charge *c, uint64_t bytes, const char *what, enum nommu_kind kind)
{
	uint64_t pages = page_align(bytes) >> NOMMU_PAGE_SHIFT;
	struct place p = { .kind = kind };
	bool refused;

	if (!pages || !sys_enter())
		return;
	c->verdict = (struct verdict){ 0 };
	sys_find_room(&p, pages, &c->verdict);
	c->verdict.flags = REGION_COPY;
	p.view = nowhere(pages);
	if (!c->verdict.result)
		sys_take(&p, &c->verdict);
	refused = c->verdict.result != 0;
	if (refused)
		sys_refused(&p, &c->verdict);
	sys_leave();
	if (refused)
		refuse_image(c, pages, what);
}

/* Read-only segments of a file are one region for all processes. */
static void take_text(struct charge *c, uint64_t bytes, uint64_t pgoff, uint64_t dev, uint64_t ino)
{
	uint64_t pages = page_align(bytes) >> NOMMU_PAGE_SHIFT;
	struct place p = {
		.kind = NOMMU_KIND_IMAGE, .flags = VMA_FILE, .pgoff = pgoff, .dev = dev, .ino = ino
	};
	uint32_t region = 0;
	bool refused;

	/* With an MMU text is paged in from its file, and needs no swap. */
	if (!pages || mm_has_mmu(&sys.mm) || !sys_enter())
		return;
	c->verdict = (struct verdict){ .pages = (uint32_t)pages };
	for (uint32_t i = sys.ledger.h->region_first; i && !region; i = mm_region(&sys.mm, i)->next)
		if (mm_region(&sys.mm, i)->ino == p.ino && mm_region(&sys.mm, i)->dev == p.dev &&
		    mm_region(&sys.mm, i)->pgoff == pgoff && mm_region(&sys.mm, i)->pages == pages)
			region = i;
	p.view = nowhere(pages);
	if (region) {
		c->verdict.region = region;
		sys_share(&p, &c->verdict);
	} else {
		sys_find_room(&p, pages, &c->verdict);
		c->verdict.flags = REGION_COPY | REGION_OVERLAY | REGION_FILE;
		if (!c->verdict.result)
			sys_take(&p, &c->verdict);
	}
	refused = c->verdict.result != 0;
	if (refused)
		sys_refused(&p, &c->verdict);
	sys_leave();
	if (refused)
		refuse_image(c, pages, "text");
}

static void charge_segments(struct charge *c, const struct module *m)
{
	uint64_t dev, ino;
	bool known = facts_identity(AT_FDCWD, m->path, &dev, &ino);

	for (unsigned i = 0; i < m->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &m->info->dlpi_phdr[i];
		uint64_t bytes = ph->p_memsz + (ph->p_vaddr & NOMMU_PAGE_MASK);

		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_flags & PF_W || !known)
			take_block(c, bytes, "data", NOMMU_KIND_IMAGE);
		else
			take_text(c, bytes, ph->p_offset >> NOMMU_PAGE_SHIFT, dev, ino);
	}
}

static void segment_sizes(const struct module *m, uint64_t *text, uint64_t *data)
{
	for (unsigned i = 0; i < m->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &m->info->dlpi_phdr[i];

		if (ph->p_type == PT_LOAD)
			*(ph->p_flags & PF_W ? data : text) += ph->p_memsz;
	}
}

/* The program itself: sizes from its segments, or as --image-text and --image-data say. */
static void charge_program(struct charge *c, const struct module *m)
{
	const struct conf *conf = &sys.ledger.h->conf;
	uint64_t text = 0, data = 0;
	bool given = conf->image_text || conf->image_data;

	segment_sizes(m, &text, &data);
	text = conf->image_text ? conf->image_text : text;
	data = conf->image_data ? conf->image_data : data;
	switch (conf->image) {
	case IMAGE_FDPIC:
		if (given) {
			take_block(c, text, "text", NOMMU_KIND_IMAGE);
			take_block(c, data, "data", NOMMU_KIND_IMAGE);
		} else {
			charge_segments(c, m);
		}
		break;
	case IMAGE_PIE:
		take_block(c, given ? text + data : m->end - m->start, "text and data",
			   NOMMU_KIND_IMAGE);
		break;
	case IMAGE_FLAT:
		take_block(c, FLAT_HEADER + text, "text", NOMMU_KIND_IMAGE);
		take_block(c, data + c->stack + c->arguments, "data, bss and stack",
			   NOMMU_KIND_IMAGE);
		break;
	case IMAGE_FLAT_RAM:
		take_block(c, FLAT_HEADER + text + data + c->stack + c->arguments,
			   "text, data and stack", NOMMU_KIND_IMAGE);
		break;
	default:
		break;
	}
	if (conf->image == IMAGE_FDPIC || conf->image == IMAGE_PIE)
		take_block(c, c->stack, "stack", NOMMU_KIND_STACK);
}

static int charge_module(struct dl_phdr_info *info, size_t size, void *context)
{
	struct charge *c = context;
	struct module m;

	(void)size;
	module_describe(info, &m);
	if (m.end == 0 || m.flags & (MODULE_OURS | MODULE_LIBC))
		return 0;
	c->name = last_part(m.path);
	if (m.flags & MODULE_PROGRAM)
		charge_program(c, &m);
	else if (sys.ledger.h->conf.image == IMAGE_FDPIC)
		charge_segments(c, &m);
	else
		take_block(c, m.end - m.start, "text and data", NOMMU_KIND_IMAGE);
	return 0;
}

void sys_charge_image(char *const *argv)
{
	struct charge c = { .stack = 0 };

	if (!sys.active || sys.ledger.h->conf.image == IMAGE_NONE)
		return;
	c.stack = sys_stack_bytes();
	c.arguments = sys_argument_bytes(argv);
	dl_iterate_phdr(charge_module, &c);
}
