/* SPDX-License-Identifier: MIT */
/*
 * flat.c - the header of a bFLT file: 64 bytes, big-endian whatever the machine, which it does not
 * name. What the loader takes for it is spec 3.2 (fs/binfmt_flat.c): one block where all lies in
 * RAM, else text and data apart.
 */
#include "scan/flat.h"

#include <endian.h>
#include <string.h>

#include "base/types.h"

#define HEADER 64
#define REVISION 4
#define MOST_BYTES ((uint64_t)1 << 28) /* binfmt_flat.c:423 */
#define RELOCATION 4

enum { FLAG_RAM = 1, FLAG_GZIP = 4, FLAG_GZIP_DATA = 8 };

/* The words of the header, in their order. */
struct header {
	uint32_t magic, revision, entry, data_start, data_end, bss_end, stack, reloc_start,
		reloc_count, flags;
};

static const char *wrong_with(const struct header *h, size_t size)
{
	if (h->data_start < HEADER || h->data_end < h->data_start || h->bss_end < h->data_end ||
	    h->entry >= h->data_start)
		return "damaged: the parts that its header names do not follow each other";
	if (h->bss_end >= MOST_BYTES || h->stack >= MOST_BYTES ||
	    h->reloc_count >= MOST_BYTES / RELOCATION)
		return "damaged: its header names an impossible size";
	if (h->flags & (FLAG_GZIP | FLAG_GZIP_DATA))
		return NULL; /* packed: what it unpacks to cannot be compared with the file */
	if (h->data_end > size || h->reloc_start > size ||
	    (uint64_t)h->reloc_count * RELOCATION > size - h->reloc_start)
		return "damaged: it is cut off";
	return NULL;
}

static uint64_t kept(uint64_t bytes)
{
	return page_align(bytes);
}

static uint64_t block(uint64_t bytes)
{
	return bytes ? (uint64_t)NOMMU_PAGE_SIZE
			       << pages_order(page_align(bytes) >> NOMMU_PAGE_SHIFT)
		     : 0;
}

/* The largest block; fills in the cost of the one load model that the file is made for. */
static uint64_t cost(struct scan_file *file, const struct header *h)
{
	uint64_t text = h->data_start, bss = h->bss_end - h->data_end;
	uint64_t extra = max_u64(bss + h->stack, (uint64_t)h->reloc_count * RELOCATION);
	uint64_t data = h->data_end - h->data_start + extra;
	struct scan_cost *mine;

	if (h->flags & (FLAG_RAM | FLAG_GZIP)) {
		mine = &file->cost[IMAGE_FLAT_RAM];
		*mine = (struct scan_cost){ kept(text + data), block(text + data) };
	} else {
		mine = &file->cost[IMAGE_FLAT];
		*mine = (struct scan_cost){ kept(text) + kept(data), block(max_u64(text, data)) };
	}
	file->stack = h->stack;
	return mine->block;
}

void flat_scan(struct work *work, const void *data, size_t size)
{
	struct scan_file *file = work->file;
	uint64_t most = (uint64_t)NOMMU_PAGE_SIZE << work->options->max_order, largest;
	struct header header;
	uint32_t *word = (uint32_t *)&header;

	file->kind = SCAN_FLAT;
	memcpy(&header, data, sizeof(header));
	for (size_t i = 0; i < sizeof(header) / sizeof(*word); i++)
		word[i] = be32toh(word[i]);
	if (header.revision != REVISION) {
		file->reason = mem_format(file->pool,
					  "a flat file of revision %u: today's kernels load 4 only",
					  header.revision);
		return;
	}
	file->reason = wrong_with(&header, size);
	if (file->reason) {
		file->kind = SCAN_DAMAGED;
		return;
	}
	file->reason = "a flat file: made for such a target already";
	file->verdict = SCAN_READY;
	largest = cost(file, &header);
	if (largest <= most)
		return;
	file->verdict = SCAN_REBUILD;
	file->reason =
		mem_format(file->pool, "it needs a block of %llu MiB; the largest is %llu MiB",
			   (unsigned long long)largest >> 20, (unsigned long long)most >> 20);
	finding_add(work, RULE_IMAGE_TOO_LARGE, SEVERITY_ERROR, "image", file->reason)->count = 1;
}
