/* SPDX-License-Identifier: MIT */
/* resolve.c - names for the addresses of a call, and which of its frames is the user's own. */
#include "report/model.h"

#include <string.h>

#include "base/compiler.h"

#define INLINED_MAX 16

static struct frames *frames_of(struct report *report, struct address at)
{
	uint32_t *index = table_at(&report->frames_of, at.module, at.offset);
	struct module *module = at.module == NONE ? NULL : &report->modules[at.module];
	struct symbol found[INLINED_MAX];
	struct frames *frames;

	if (*index != NONE)
		return &report->frames[*index];
	*index = report->frames_count;
	frames = ARRAY_ADD(report, frames);
	memset(found, 0, sizeof(found));
	frames->count = 1;
	if (module && at.offset) /* the call is before its return address */
		frames->count = symbols_find(report->symbols, &module->file, at.offset - 1, found,
					     ARRAY_SIZE(found));
	frames->places = pool_alloc(&report->pool, frames->count * sizeof(*frames->places));
	for (uint32_t i = 0; i < frames->count; i++) {
		frames->places[i] = (struct place){
			.module = module ? module->name : NULL,
			.function = found[i].function,
			.file = found[i].file,
			.line = found[i].line,
			.column = found[i].column,
			.offset = at.offset,
			.function_offset = found[i].offset,
			.inlined = found[i].inlined,
			.own = module && !(module->flags & (MODULE_NOMMU | MODULE_LIBC)),
		};
	}
	return frames;
}

static uint32_t user_frame(const struct site *site)
{
	for (uint32_t i = 0; i < site->places_count; i++)
		if (site->places[i].own)
			return i;
	return 0;
}

void site_resolve(struct report *report, struct site *site)
{
	const struct address *stack = site->stack ? site->stack : &site->at;
	uint32_t depth = site->stack ? site->depth : 1, used = 0;

	if (site->places)
		return;
	if (!report->symbols)
		report->symbols = symbols_open(report->debug_path, &report->pool);
	for (uint32_t i = 0; i < depth; i++)
		site->places_count += frames_of(report, stack[i])->count;
	site->places = pool_alloc(&report->pool, site->places_count * sizeof(*site->places));
	for (uint32_t i = 0; i < depth; i++) {
		const struct frames *frames = frames_of(report, stack[i]);

		memcpy(&site->places[used], frames->places,
		       frames->count * sizeof(*frames->places));
		used += frames->count;
	}
	site->user = user_frame(site);
	if (!site->at.offset) /* no call: image and stack are there before main */
		site->places[site->user].function = "[program start]";
}
