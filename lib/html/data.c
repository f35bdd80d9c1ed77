/* SPDX-License-Identifier: MIT */
/*
 * data.c - what the page's script shows, as JSON with numbered texts and places: findings, rules,
 * processes and inputs. page.js reads it.
 */
#include "html/page.h"

#include <string.h>

#include "base/compiler.h"
#include "symbol/source.h"

#define EXCERPTS_MAX 4000 /* source excerpts in the page */
#define LINE_MAX_BYTES 160
#define ROWS_MAX 2000 /* processes, files, recordings */

static uint32_t text_number(struct html *html, const char *text)
{
	uint32_t *number;

	if (!text)
		text = "";
	number = table_at(&html->texts, hash_string(HASH_START, text), strlen(text));
	if (*number == NONE) {
		*number = html->text_count;
		*ARRAY_ADD(html, text) = text;
	}
	return *number;
}

uint32_t html_place(struct html *html, struct place *place)
{
	uint64_t key = hash_string(hash_string(HASH_START, place->function), place->file);
	uint32_t *number;

	key = hash_bytes(key, &place->line, sizeof(place->line));
	key = hash_string(key, place->module);
	number = table_at(&html->places, key, place->offset);
	if (*number == NONE) {
		*number = html->place_count;
		*ARRAY_ADD(html, place) = place;
	}
	return *number;
}

/* The number of the excerpt around a place plus 1, or 0 if there is no source. */
static uint32_t excerpt_number(struct html *html, struct place *place)
{
	uint32_t *number;

	if (!place->file || !place->line || html->excerpt_count >= EXCERPTS_MAX ||
	    !source_line(&html->pool, place->file, place->line))
		return 0;
	number = table_at(&html->excerpts, hash_string(HASH_START, place->file), place->line);
	if (*number == NONE) {
		*number = html->excerpt_count;
		*ARRAY_ADD(html, excerpt) = place;
	}
	return *number + 1;
}

static unsigned finding_state(const struct finding *finding)
{
	return (unsigned)finding->baseline | (finding->accepted ? 4u : 0);
}

static unsigned profile_bits(const struct finding *finding)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < PROFILES; i++)
		bits |= finding->refused_by[i] ? 1u << i : 0;
	return bits;
}

static void put_finding(struct html *html, struct finding *finding)
{
	struct emit *emit = &html->emit;

	emit_list(emit, NULL);
	emit_uint(emit, NULL, finding->rule ? finding->rule : 0);
	emit_uint(emit, NULL, finding->severity);
	emit_uint(emit, NULL, finding->count);
	emit_uint(emit, NULL, html_place(html, &finding->at));
	emit_list(emit, NULL);
	for (uint32_t i = 1; i < finding->stack_count && i < 24; i++)
		emit_uint(emit, NULL, html_place(html, &finding->stack[i]));
	emit_end(emit);
	emit_uint(emit, NULL, text_number(html, finding->call_text));
	emit_uint(emit, NULL, text_number(html, finding->answer));
	emit_uint(emit, NULL, excerpt_number(html, &finding->at));
	emit_uint(emit, NULL, finding_state(finding));
	emit_uint(emit, NULL, text_number(html, finding->where));
	emit_uint(emit, NULL, profile_bits(finding));
	emit_end(emit);
}

static void put_findings(struct html *html)
{
	emit_list(&html->emit, "findings");
	for (uint32_t i = 0; i < html->report->findings_count; i++)
		put_finding(html, &html->report->findings[i]);
	emit_end(&html->emit);
}

static void put_rules(struct html *html)
{
	emit_list(&html->emit, "rules");
	for (unsigned id = 0; id < RULES; id++) {
		const struct rule *rule = rule_get(id);

		emit_list(&html->emit, NULL);
		emit_string(&html->emit, NULL, rule->name);
		emit_string(&html->emit, NULL, rule->title);
		emit_string(&html->emit, NULL, rule->why);
		emit_string(&html->emit, NULL, rule->hint);
		emit_string(&html->emit, NULL, rule->source);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	emit_list(&html->emit, "profiles");
	for (unsigned i = 0; i < PROFILES; i++)
		emit_string(&html->emit, NULL, conf_profile_name(i));
	emit_end(&html->emit);
}

static void put_processes(struct html *html)
{
	static const char *const ends[] = { "exited", "replaced by exec", "died",
					    "killed, out of memory" };
	const struct report *report = html->report;

	emit_list(&html->emit, "processes");
	for (uint32_t i = 0; i < report->images_count && i < ROWS_MAX; i++) {
		const struct image *image = &report->images[i];

		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, image->pid);
		emit_string(&html->emit, NULL, image->command);
		emit_string(&html->emit, NULL,
			    !image->ended		    ? "end not recorded"
			    : image->how < ARRAY_SIZE(ends) ? ends[image->how]
							    : "ended");
		emit_uint(&html->emit, NULL, image->peak_pages);
		emit_end(&html->emit);
	}
	for (uint32_t i = 0; i < report->lost_count && i < ROWS_MAX; i++) {
		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, report->lost[i].pid);
		emit_string(&html->emit, NULL, report->lost[i].command);
		emit_string(&html->emit, NULL, "lost: ran without the library");
		emit_uint(&html->emit, NULL, 0);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_inputs(struct html *html)
{
	const struct report *report = html->report;

	emit_list(&html->emit, "recordings");
	for (uint32_t i = 0; i < report->runs_count && i < ROWS_MAX; i++) {
		const struct run *run = &report->runs[i];

		emit_list(&html->emit, NULL);
		emit_string(&html->emit, NULL, run->path);
		emit_string(&html->emit, NULL, run->command ? run->command : "");
		emit_uint(&html->emit, NULL, run->peak_bytes);
		emit_uint(&html->emit, NULL, run->events);
		emit_uint(&html->emit, NULL, run->damaged);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
	emit_list(&html->emit, "files");
	for (uint32_t i = 0; i < report->files_count && i < ROWS_MAX; i++) {
		emit_list(&html->emit, NULL);
		emit_string(&html->emit, NULL, report->files[i].path);
		emit_string(&html->emit, NULL, report->files[i].verdict);
		emit_string(&html->emit, NULL,
			    report->files[i].reason ? report->files[i].reason : "");
		emit_uint(&html->emit, NULL, report->files[i].findings);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_places(struct html *html)
{
	char buf[4096];

	emit_list(&html->emit, "places");
	for (uint32_t i = 0; i < html->place_count; i++) {
		const struct place *place = html->place[i];
		const char *file =
			source_relative(place->file, html->style->root, buf, sizeof(buf));

		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, text_number(html, place->module));
		emit_uint(&html->emit, NULL, text_number(html, place->function));
		emit_uint(&html->emit, NULL,
			  text_number(html, file ? pool_string(&html->pool, file) : NULL));
		emit_uint(&html->emit, NULL, place->line);
		emit_hex(&html->emit, NULL, place->offset);
		emit_uint(&html->emit, NULL, place->inlined);
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

static void put_excerpts(struct html *html)
{
	emit_list(&html->emit, "excerpts");
	for (uint32_t i = 0; i < html->excerpt_count; i++) {
		const struct place *place = html->excerpt[i];
		uint32_t first = place->line > 2 ? place->line - 2 : 1;

		emit_list(&html->emit, NULL);
		emit_uint(&html->emit, NULL, first);
		for (uint32_t line = first; line <= place->line + 2; line++) {
			const char *source = source_line(&html->pool, place->file, line);

			if (source)
				emit_string(&html->emit, NULL,
					    strlen(source) > LINE_MAX_BYTES
						    ? pool_format(&html->pool, "%.*s",
								  LINE_MAX_BYTES, source)
						    : source);
		}
		emit_end(&html->emit);
	}
	emit_end(&html->emit);
}

void html_data(struct html *html)
{
	text_number(html, ""); /* 0: nothing */
	emit_object(&html->emit, NULL);
	put_rules(html);
	put_findings(html);
	html_memory(html);
	put_processes(html);
	put_inputs(html);
	put_places(html);
	put_excerpts(html);
	emit_list(&html->emit, "texts");
	for (uint32_t i = 0; i < html->text_count; i++)
		emit_string(&html->emit, NULL, html->text[i]);
	emit_end(&html->emit);
	emit_end(&html->emit);
}
