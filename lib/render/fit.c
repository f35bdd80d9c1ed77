/* SPDX-License-Identifier: MIT */
/* fit.c - what fit found, as text and as JSON. */
#include "render/formats.h"

#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/types.h"
#include "fit/fit.h"
#include "kit/emit.h"
#include "render/text.h"

#define COLUMN 21 /* where the values stand */

/* As --ram takes it. */
static const char *kib(struct text *text, uint64_t bytes)
{
	return pool_format(&text->pool, "%" PRIu64 "k", bytes / 1024);
}

/* Counts of free blocks by order, as --buddyinfo takes them. */
static const char *list_words(struct pool *pool, const uint32_t *lists, unsigned max_order)
{
	const char *words = "";

	for (unsigned order = 0; order <= max_order; order++)
		words = pool_format(pool, "%s%s%u", words, order ? " " : "", lists[order]);
	return words;
}

/* The option that starts the machine that was found. */
static const char *machine_words(struct pool *pool, const struct fit *fit, uint64_t pages,
				 unsigned max_order)
{
	uint32_t lists[BUDDY_ORDERS];

	if (!fit->replay.board)
		return NULL;
	replay_lists(fit->replay.board, pages, max_order, lists);
	return list_words(pool, lists, max_order);
}

static void put_row(struct text *text, const char *title, const char *value)
{
	fprintf(text->out, "%-*s", COLUMN, title);
	text_wrap(text, value, COLUMN, COLUMN);
}

/* The site of the request that failed one step below, or NULL. */
static const struct place *held_up_by(const struct fit *fit)
{
	const struct memory *memory = &fit->run->memory;
	struct site *site;
	uint32_t region;

	if (fit->below.done || !fit->below.wanted)
		return NULL;
	region = fit->replay.steps[fit->below.step].region;
	site = &fit->report->sites[memory->regions[region].site];
	site_resolve(fit->report, site);
	return &site->places[site->user];
}

static const char *answer_words(enum buddy_answer answer)
{
	switch (answer) {
	case BUDDY_FRAGMENTED:
		return "enough was free, but no block large enough";
	case BUDDY_TOO_LARGE:
		return "larger than the largest block";
	default:
		return "not enough was free";
	}
}

static void put_held_up(struct text *text, const struct fit *fit)
{
	const struct replay_result *below = &fit->below;
	const struct place *place = held_up_by(fit);
	uint64_t page = fit->run->header.page_size;
	unsigned last = fit->order;
	const char *words;

	if (!place)
		return;
	while (last && !below->blocks[last])
		last--;
	putc('\n', text->out);
	put_row(text, "one step below",
		pool_format(&text->pool, "%s fails at request %u of %u:",
			    kib(text, (fit->ram_pages - FIT_STEP_PAGES) * page), below->step + 1,
			    fit->replay.steps_count));
	text_say(text, COLUMN, "%" PRIu64 " KiB (a block of %" PRIu64 " KiB), %s",
		 below->wanted * page / 1024, (page << pages_order(below->wanted)) / 1024,
		 answer_words(below->answer));
	text->width -= COLUMN - MARGIN; /* a path has less room here than in a report */
	words = text_place(text, place, true);
	text->width += COLUMN - MARGIN;
	text_say(text, COLUMN, "asked for by %s", words);
	text_say(text, COLUMN, "free then %" PRIu64 " KiB, largest block %" PRIu64 " KiB%s",
		 below->free_pages * page / 1024, below->largest * page / 1024,
		 below->reserve
			 ? pool_format(&text->pool, "; %" PRIu64 " KiB of them are kept back",
				       below->reserve * page / 1024)
			 : "");
	text_say(text, COLUMN, "free blocks by order: %s",
		 list_words(&text->pool, below->blocks, last));
}

static void put_heaps(struct text *text, const struct fit *fit)
{
	uint64_t page = fit->run->header.page_size;

	if (!fit->run->memory.heap_calls) {
		putc('\n', text->out);
		text_say(
			text, 0,
			"With --record-heap at recording time other C libraries are compared too.");
		return;
	}
	fprintf(text->out, "\nheap of          RAM        max-order  heap at most\n");
	for (unsigned i = 0; i < fit->heaps_count; i++) {
		const struct fit_heap *heap = &fit->heaps[i];

		fprintf(text->out, "%-16s %-10s %-10u", heap->libc,
			heap->found.ram_bytes ? kib(text, heap->found.ram_bytes) : "none",
			heap->found.max_order);
		fprintf(text->out, " %s%s\n", kib(text, heap->peak_pages * page),
			i == fit->run->header.libc ? "  (as recorded)" : "");
	}
}

static void put_title(struct text *text, const struct fit *fit)
{
	const struct nommu_recording_header *header = &fit->run->header;
	const char *command = run_command(&text->pool, fit->run);

	text_paint(text, BOLD);
	text_wrap(text, pool_format(&text->pool, "nommu fit: %s", command), 0, 0);
	text_plain(text);
	text_say(text, 0, "recorded with RAM %s%s, max-order %u; %u requests and returns",
		 kib(text, header->ram_pages * header->page_size),
		 fit->replay.board ? pool_format(&text->pool, " as --buddyinfo \"%s\"",
						 list_words(&text->pool, header->free_blocks,
							    header->max_order))
				   : "",
		 header->max_order, fit->replay.steps_count);
	putc('\n', text->out);
}

static void put_ram(struct text *text, const struct fit *fit)
{
	uint64_t page = fit->run->header.page_size;

	if (!fit->ram_pages) {
		put_row(text, "smallest RAM", "none: no size up to 64 GiB will do");
		return;
	}
	put_row(text, "smallest RAM",
		pool_format(&text->pool, "%s%s", kib(text, fit->ram_pages * page),
			    fit->order > fit->run->header.max_order ? ", with the max-order below"
								    : ""));
	if (fit_refused(fit->run))
		text_say(text, COLUMN,
			 "a guess: %s refused, and the program went another way; a recording by "
			 "nommu audit shows what it needs",
			 text_plural(text, fit_refused(fit->run), "request"));
	if (fit->replay.board)
		text_say(text, COLUMN, "--buddyinfo \"%s\"",
			 machine_words(&text->pool, fit, fit->ram_pages, fit->order));
}

static void put_order(struct text *text, const struct fit *fit)
{
	uint64_t page = fit->run->header.page_size;
	bool own_ram = fit->ram_at_max_order && fit->order != fit->found.max_order;

	put_row(text, "smallest max-order",
		pool_format(&text->pool, "%u (blocks of %" PRIu64 " KiB)%s%s", fit->found.max_order,
			    (page << fit->found.max_order) / 1024, own_ram ? ", with RAM " : "",
			    own_ram ? kib(text, fit->ram_at_max_order * page) : ""));
	if (own_ram && fit->replay.board)
		text_say(text, COLUMN, "--buddyinfo \"%s\"",
			 machine_words(&text->pool, fit, fit->ram_at_max_order,
				       fit->found.max_order));
	if (fit->replay.impossible)
		put_row(text, "left out",
			pool_format(&text->pool, "%s that no machine can grant, the largest %s",
				    text_plural(text, fit->replay.impossible, "request"),
				    text_size(text, fit->replay.impossible_pages * page)));
}

void fit_text(const struct fit *fit, FILE *out, const struct report_style *style)
{
	struct text text = { .out = out, .style = style, .width = text_width(style) };

	put_title(&text, fit);
	put_ram(&text, fit);
	put_order(&text, fit);
	put_held_up(&text, fit);
	put_heaps(&text, fit);
	if (style->verbose)
		fprintf(out, "\n%" PRIu64 " replays in %.3f s, %.1f million requests a second\n",
			fit->found.replays, fit->found.seconds,
			fit->found.seconds > 0 ? (double)fit->found.steps / fit->found.seconds / 1e6
					       : 0);
	pool_free(&text.pool);
}

static void put_heaps_json(const struct fit *fit, struct emit *emit)
{
	uint64_t page = fit->run->header.page_size;

	if (!fit->run->memory.heap_calls)
		return;
	emit_list(emit, "heaps");
	for (unsigned i = 0; i < fit->heaps_count; i++) {
		const struct fit_heap *heap = &fit->heaps[i];

		emit_object(emit, NULL);
		emit_string(emit, "libc", heap->libc);
		emit_uint(emit, "ram_bytes", heap->found.ram_bytes);
		emit_uint(emit, "max_order", heap->found.max_order);
		emit_uint(emit, "heap_peak_bytes", heap->peak_pages * page);
		emit_end(emit);
	}
	emit_end(emit);
}

static void put_held_up_json(const struct fit *fit, struct emit *emit, struct text *text)
{
	const struct place *place = held_up_by(fit);
	uint64_t page = fit->run->header.page_size;

	if (!place)
		return;
	emit_object(emit, "held_up_by");
	emit_uint(emit, "wanted_bytes", fit->below.wanted * page);
	emit_string(emit, "reason",
		    fit->below.answer == BUDDY_FRAGMENTED  ? "fragmented"
		    : fit->below.answer == BUDDY_TOO_LARGE ? "contiguous-limit"
							   : "out-of-memory");
	emit_string(emit, "site", text_place(text, place, true));
	emit_uint(emit, "free_bytes", fit->below.free_pages * page);
	emit_uint(emit, "largest_free_bytes", fit->below.largest * page);
	emit_end(emit);
}

void fit_json(const struct fit *fit, FILE *out, const struct report_style *style)
{
	struct text text = { .out = out, .style = style, .width = 4096 };
	uint64_t page = fit->run->header.page_size;
	struct emit emit;

	emit_start(&emit, out);
	emit_object(&emit, NULL);
	emit_uint(&emit, "schema_version", REPORT_SCHEMA_VERSION);
	emit_string(&emit, "kind", "fit");
	emit_string(&emit, "command", fit->run->command);
	emit_uint(&emit, "recorded_ram_bytes", fit->run->header.ram_pages * page);
	emit_uint(&emit, "recorded_max_order", fit->run->header.max_order);
	emit_uint(&emit, "ram_bytes", fit->found.ram_bytes);
	if (fit->replay.board && fit->ram_pages)
		emit_string(&emit, "ram_buddyinfo",
			    machine_words(&text.pool, fit, fit->ram_pages, fit->order));
	emit_uint(&emit, "ram_max_order", fit->order);
	emit_uint(&emit, "max_order", fit->found.max_order);
	emit_uint(&emit, "ram_at_max_order_bytes", fit->found.ram_at_max_order);
	emit_uint(&emit, "impossible_requests", fit->replay.impossible);
	emit_uint(&emit, "requests", fit->replay.steps_count);
	put_held_up_json(fit, &emit, &text);
	put_heaps_json(fit, &emit);
	emit_end(&emit);
	pool_free(&text.pool);
}
