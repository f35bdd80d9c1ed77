/* SPDX-License-Identifier: MIT */
/*
 * model.c - reads a recording once and tallies it. Addresses stay addresses of files here; what
 * belongs to which image is kept by pid, because a record carries no more.
 */
#include "report/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "report/pass.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* A list of texts ended by 0 each becomes one line. */
static const char *command_line(struct pool *pool, const struct nommu_record *record, size_t from)
{
	size_t len;
	const char *bytes = reader_tail(record, from, &len);
	char *line;

	while (len && !bytes[len - 1])
		len--;
	line = pool_bytes(pool, bytes, len);
	for (size_t i = 0; i < len; i++)
		if (!line[i] || line[i] == '\n')
			line[i] = ' ';
	return line;
}

const char *pass_text(struct pool *pool, const struct nommu_record *record, size_t from)
{
	size_t len;
	const char *bytes = reader_tail(record, from, &len);

	len = strnlen(bytes, len);
	return len ? pool_bytes(pool, bytes, len) : NULL;
}

static uint32_t image_new(struct pass *pass, uint32_t pid)
{
	struct report *report = pass->report;
	uint32_t index = report->images_count;
	struct image *image = ARRAY_ADD(report, images);

	image->pid = pid;
	image->run = pass->run_index;
	image->parent = NONE;
	image->command = "";
	image->status = -1;
	pass->run->images++;
	*table_at(&report->image_of_pid, pid, pass->run_index) = index;
	return index;
}

/* Events of a process whose start was not recorded get an image without a name. */
uint32_t pass_image(struct pass *pass, uint32_t pid)
{
	uint32_t index = table_get(&pass->report->image_of_pid, pid, pass->run_index);

	return index == NONE ? image_new(pass, pid) : index;
}

static void read_process(struct pass *pass, const struct nommu_record *record)
{
	struct report *report = pass->report;
	struct nommu_record_process process;
	uint32_t parent, index;
	struct image *image;

	reader_fields(record, &process, sizeof(process));
	parent = table_get(&report->image_of_pid, process.ppid, pass->run_index);
	index = image_new(pass, record->pid);
	image = &report->images[index];
	image->ppid = process.ppid;
	image->serial = process.image;
	image->origin = process.origin;
	image->stack_bytes = process.stack_bytes;
	image->image_pages = process.image_pages;
	image->shared_pages = process.shared_pages;
	image->start_ns = record->time;
	image->parent = process.origin == 2 && parent < index ? parent : NONE;
	image->command = command_line(&report->pool, record, sizeof(process));
	if (!pass->run->command)
		pass->run->command = image->command;
}

static uint32_t module_intern(struct report *report, const struct nommu_record_module *record,
			      const char *path)
{
	uint32_t len = record->build_id_len;
	struct module *module;

	if (len > sizeof(record->build_id))
		len = 0;
	for (uint32_t i = 0; i < report->modules_count; i++) {
		module = &report->modules[i];
		if (module->file.build_id_len == len && strcmp(module->file.path, path) == 0 &&
		    memcmp(module->file.build_id, record->build_id, len) == 0)
			return i;
	}
	module = ARRAY_ADD(report, modules);
	module->file.path = path;
	module->file.build_id_len = len;
	memcpy(module->file.build_id, record->build_id, len);
	module->name = base_name(path);
	module->flags = record->flags;
	return report->modules_count - 1;
}

static void read_module(struct pass *pass, const struct nommu_record *record)
{
	struct report *report = pass->report;
	struct nommu_record_module module;
	const char *path;
	struct image *image;
	struct span *span;
	uint32_t index;

	reader_fields(record, &module, sizeof(module));
	path = pass_text(&report->pool, record, sizeof(module));
	index = pass_image(pass, record->pid); /* may move the images */
	image = &report->images[index];
	span = ARRAY_ADD(image, spans);
	span->start = module.start;
	span->end = module.end;
	span->base = module.base;
	span->module = module_intern(report, &module, path ? path : "?");
}

/* The newest span wins: a dlclose is not recorded, so its addresses may have been used again. */
struct address pass_locate(const struct report *report, uint32_t index, uint64_t address)
{
	for (unsigned hops = 0; index != NONE && hops < 64; hops++) {
		const struct image *image = &report->images[index];

		for (uint32_t i = image->spans_count; i-- > 0;) {
			const struct span *span = &image->spans[i];

			if (address >= span->start && address < span->end)
				return (struct address){ span->module, address - span->base };
		}
		index = image->parent;
	}
	return (struct address){ NONE, address };
}

/* What is there before main has no call: it is where the program itself is. */
static struct address program_of(const struct report *report, uint32_t index)
{
	for (unsigned hops = 0; index != NONE && hops < 64; hops++) {
		const struct image *image = &report->images[index];

		for (uint32_t i = 0; i < image->spans_count; i++)
			if (report->modules[image->spans[i].module].flags & MODULE_PROGRAM)
				return (struct address){ image->spans[i].module, 0 };
		index = image->parent;
	}
	return (struct address){ NONE, 0 };
}

uint32_t pass_site(struct report *report, uint32_t image, uint64_t ip)
{
	uint32_t *cached = table_at(&report->site_of_address, image, ip);
	struct address at;
	uint32_t *known;

	if (*cached != NONE)
		return *cached;
	at = ip ? pass_locate(report, image, ip) : program_of(report, image);
	known = table_at(&report->site_of_place, at.module, at.offset);
	if (*known == NONE) {
		struct site *site;

		*known = report->sites_count;
		site = ARRAY_ADD(report, sites);
		site->at = at;
		site->image = image;
	}
	*cached = *known;
	return *cached;
}

static void read_region(struct pass *pass, const struct nommu_record *record)
{
	struct report *report = pass->report;
	struct nommu_record_region region;
	uint32_t image, site;

	reader_fields(record, &region, sizeof(region));
	image = pass_image(pass, record->pid);
	site = pass_site(report, image, region.site);
	if (region.refused) {
		report->sites[site].refused++;
		report->sites[site].refused_pages += region.pages;
	} else {
		report->sites[site].taken_pages += region.kept;
		report->sites[site].waste_pages +=
			region.kept > region.pages ? region.kept - region.pages : 0;
	}
	memory_region(&pass->run->memory, &region, site, image);
}

static void read_free(struct pass *pass, const struct nommu_record *record)
{
	struct report *report = pass->report;
	struct nommu_record_free lists;
	uint32_t site;

	reader_fields(record, &lists, sizeof(lists));
	site = pass_site(report, pass_image(pass, record->pid), lists.site);
	memory_lists(&pass->run->memory, &lists, site);
	if (report->sites[site].free_lists)
		return;
	report->sites[site].free_lists = pool_alloc(&report->pool, sizeof(lists));
	*report->sites[site].free_lists = lists;
}

static void read_exit(struct pass *pass, const struct nommu_record *record)
{
	struct nommu_record_exit end;
	uint32_t index = pass_image(pass, record->pid);
	struct image *image = &pass->report->images[index];

	reader_fields(record, &end, sizeof(end));
	memory_exit(&pass->run->memory, index);
	image->ended = true;
	image->how = end.how;
	image->status = end.status;
	image->peak_pages = end.peak_pages;
	image->stack_used = end.stack_bytes;
	pass->run->memory.deepest_main = max_u64(pass->run->memory.deepest_main, end.stack_bytes);
	image->heap_peak = end.heap_peak;
}

static void read_lost(struct pass *pass, const struct nommu_record *record)
{
	struct nommu_record_lost lost;
	struct lost_process *process = ARRAY_ADD(pass->report, lost);

	reader_fields(record, &lost, sizeof(lost));
	process->pid = record->pid;
	process->ppid = lost.ppid;
	process->why = lost.why;
	process->command = command_line(&pass->report->pool, record, sizeof(lost));
}

static void read_record(struct pass *pass, const struct nommu_record *record)
{
	struct memory *memory = &pass->run->memory;
	struct nommu_record_release release;
	struct nommu_record_use use;
	struct nommu_record_heap heap;

	switch (record->type) {
	case NOMMU_RECORD_PROCESS:
		read_process(pass, record);
		break;
	case NOMMU_RECORD_MODULE:
		read_module(pass, record);
		break;
	case NOMMU_RECORD_CALL:
		tally_call(pass, record);
		break;
	case NOMMU_RECORD_STACK:
		tally_stack(pass, record);
		break;
	case NOMMU_RECORD_REGION:
		read_region(pass, record);
		break;
	case NOMMU_RECORD_RELEASE:
		reader_fields(record, &release, sizeof(release));
		memory_release(memory, &release);
		break;
	case NOMMU_RECORD_FREE:
		read_free(pass, record);
		break;
	case NOMMU_RECORD_EXIT:
		read_exit(pass, record);
		break;
	case NOMMU_RECORD_LOST:
		read_lost(pass, record);
		break;
	case NOMMU_RECORD_USE:
		reader_fields(record, &use, sizeof(use));
		if (use.kind == NOMMU_KIND_STACK) {
			memory->deepest_thread = max_u64(memory->deepest_thread, use.touched);
			break;
		}
		memory->reserved_bytes += use.reserved;
		memory->touched_bytes += use.touched;
		break;
	case NOMMU_RECORD_HEAP:
		reader_fields(record, &heap, sizeof(heap));
		memory->heap_calls++;
		memory->heap_bytes += heap.call == NOMMU_CALL_FREE ? 0 : heap.size;
		break;
	default: /* a newer writer's */
		break;
	}
}

/* Only the heaviest recording is drawn and replayed; the steps of the others would only take
 * memory. */
static void keep_heaviest(struct report *report, struct run *run)
{
	memory_done(&run->memory, true);
	run->peak_bytes = run->memory.peak.total * run->header.page_size;
	for (uint32_t i = 0; i < report->runs_count; i++) {
		struct run *other = &report->runs[i];

		if (other == run || !other->memory.steps)
			continue;
		memory_done(other->peak_bytes < run->peak_bytes ? &other->memory : &run->memory,
			    false);
	}
}

int model_read(struct report *report, const char *path, char *error)
{
	struct pass pass = { .report = report, .run_index = report->runs_count };
	const struct nommu_record *record;
	struct reader reader;
	uint64_t told = 0;
	int result = reader_open(&reader, path, error);

	if (result)
		return result;
	pass.run = ARRAY_ADD(report, runs);
	pass.run->path = pool_string(&report->pool, path);
	pass.run->header = reader.header;
	pass.run->first_image = report->images_count;
	pass.run->memory.max_order = reader.header.max_order;
	pass.run->memory.refusal_step = pass.run->memory.refusal_region = NONE;
	while ((record = reader_next(&reader))) {
		if (report->progress && reader.next != told) {
			told = reader.next;
			report->progress(report->progress_cookie, path, told, reader.size);
		}
		read_record(&pass, record);
	}
	pass.run->damaged = reader.damaged;
	pass.run->unfinished = reader.unfinished;
	pass.run->lost_records = reader.header.lost;
	reader_close(&reader);
	keep_heaviest(report, pass.run);
	report->finished = false;
	return 0;
}
