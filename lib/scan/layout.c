/* SPDX-License-Identifier: MIT */
/*
 * layout.c - how a file was linked, and what its image takes under each load model of the target
 * (spec 3): one block per segment (FDPIC), one for everything (PIE), text and data (flat), or text
 * and data in one (flat in RAM).
 */
#include "scan/work.h"

#include <string.h>

#include "base/types.h"

#define STACK_DEFAULT 131072 /* fs/binfmt_elf_fdpic.c:415 */
#define STACK_FLAT 4096	     /* elf2flt's */
#define FLAT_HEADER 64

/* What the segments add up to. */
struct extent {
	uint64_t low, high; /* of all segments */
	/* bytes of read-only segments, of writable ones in the file, and beyond */
	uint64_t text, data, bss;
	uint64_t fdpic, largest; /* pages kept and bytes of the largest segment */
};

static uint64_t segment_bytes(const GElf_Phdr *p)
{
	return page_align(p->p_memsz + (p->p_vaddr & NOMMU_PAGE_MASK));
}

static struct extent measure(const struct elf_view *elf)
{
	struct extent extent = { .low = UINT64_MAX };

	for (size_t i = 0; i < elf->phnum; i++) {
		const GElf_Phdr *p = &elf->phdr[i];

		if (p->p_type != PT_LOAD || !p->p_memsz)
			continue;
		extent.low = min_u64(extent.low, p->p_vaddr);
		extent.high = max_u64(extent.high, p->p_vaddr + p->p_memsz);
		extent.fdpic += segment_bytes(p);
		extent.largest = max_u64(extent.largest, segment_bytes(p));
		if (p->p_flags & PF_W) {
			extent.data += p->p_filesz;
			extent.bss += p->p_memsz - p->p_filesz;
		} else {
			extent.text += p->p_memsz;
		}
	}
	return extent;
}

/* The contiguous bytes that the page allocator must find for n. */
static uint64_t block(uint64_t n)
{
	uint64_t pages = page_align(n) >> NOMMU_PAGE_SHIFT;

	return pages ? (uint64_t)NOMMU_PAGE_SIZE << pages_order(pages) : 0;
}

static void cost(struct scan_file *file, const struct extent *e, bool given, bool has_stack)
{
	uint64_t stack = has_stack ? max_u64(page_align(file->stack), 2 * NOMMU_PAGE_SIZE) : 0;
	uint64_t small = has_stack ? (given ? file->stack : STACK_FLAT) : 0;
	uint64_t text = FLAT_HEADER + e->text, data = e->data + e->bss + small;
	uint64_t all = page_align(e->high) - (e->low & ~NOMMU_PAGE_MASK);

	file->cost[IMAGE_FDPIC] = (struct scan_cost){ e->fdpic + stack, block(e->largest) };
	file->cost[IMAGE_PIE] = (struct scan_cost){ all + stack, block(all) };
	file->cost[IMAGE_FLAT] = (struct scan_cost){ page_align(text) + page_align(data),
						     block(max_u64(text, data)) };
	file->cost[IMAGE_FLAT_RAM] =
		(struct scan_cost){ page_align(text + data), block(text + data) };
}

static void note_segment(struct work *work, const GElf_Phdr *p)
{
	char text[120];

	if (p->p_type == PT_GNU_STACK && (p->p_flags & PF_X))
		finding_add(work, RULE_EXEC_STACK, SEVERITY_NOTE, "PT_GNU_STACK",
			    "PT_GNU_STACK has the flag PF_X")
			->count = 1;
	if (p->p_type == PT_TLS && p->p_memsz) {
		snprintf(text, sizeof(text), "PT_TLS of %llu bytes for each thread",
			 (unsigned long long)p->p_memsz);
		finding_add(work, RULE_TLS_SEGMENT, SEVERITY_NOTE, "PT_TLS", text)->count = 1;
	}
	if (p->p_type == PT_LOAD && p->p_align > 65536) {
		snprintf(text, sizeof(text), "a segment is aligned to %llu KiB",
			 (unsigned long long)p->p_align / 1024);
		finding_add(work, RULE_OVER_ALIGNED, SEVERITY_NOTE, "PT_LOAD", text)->count = 1;
	}
}

static void judge_size(struct work *work, const struct extent *extent)
{
	const struct scan_options *options = work->options;
	uint64_t most = (uint64_t)NOMMU_PAGE_SIZE << options->max_order;
	const struct scan_cost *mine = &work->file->cost[options->image];
	char text[160];

	if (options->image == IMAGE_NONE || mine->block <= most)
		return;
	snprintf(text, sizeof(text),
		 "as %s the image needs a block of %llu MiB; the largest is %llu MiB",
		 conf_image_name(options->image), (unsigned long long)mine->block >> 20,
		 (unsigned long long)most >> 20);
	finding_add(work, RULE_IMAGE_TOO_LARGE, SEVERITY_ERROR, "image", text)->count = 1;
	work->facts.too_large = mem_copy(work->file->pool, text);
	work->facts.data_too_large = block(extent->data + extent->bss) > most;
}

void layout_scan(struct work *work)
{
	struct extent extent = measure(&work->elf);
	struct scan_file *file = work->file;
	bool program = file->kind == SCAN_PROGRAM || file->kind == SCAN_STATIC;
	uint64_t given = 0;

	for (size_t i = 0; i < work->elf.phnum; i++) {
		note_segment(work, &work->elf.phdr[i]);
		if (work->elf.phdr[i].p_type == PT_GNU_STACK)
			given = work->elf.phdr[i].p_memsz;
	}
	if (program) {
		file->stack = given ? given : STACK_DEFAULT;
		if (!given)
			finding_add(work, RULE_STACK_SIZE, SEVERITY_NOTE, "PT_GNU_STACK",
				    "no size is given: the target's stack is 128 KiB")
				->count = 1;
	}
	if (program && work->elf.ehdr.e_type == ET_EXEC && !work->elf.fdpic)
		finding_add(work, RULE_NOT_PIE, SEVERITY_WARNING, "ET_EXEC",
			    "linked as ET_EXEC, for a fixed address")
			->count = 1;
	if (work->elf.text_relocations)
		finding_add(work, RULE_TEXT_RELOCATIONS, SEVERITY_WARNING, "DT_TEXTREL",
			    "DT_TEXTREL or DF_TEXTREL is set")
			->count = 1;
	if (extent.high > extent.low && extent.high - extent.low < (uint64_t)1 << 40) {
		cost(file, &extent, given != 0, program);
		judge_size(work, &extent);
	}
}
