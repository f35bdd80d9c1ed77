/* SPDX-License-Identifier: MIT */
/* text_write.c - words, sizes and places within the width of the report. */
#include "render/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "symbol/source.h"

#define PLACE_REST (MARGIN + 2 + 6) /* columns that a path does not get: "called by", ":12345" */

void text_paint(struct text *text, const char *color)
{
	if (text->style->color)
		fputs(color, text->out);
}

void text_plain(struct text *text)
{
	text_paint(text, "\033[0m");
}

unsigned text_columns(const char *words, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)words[i] & 0xc0) != 0x80;
	return count;
}

void text_clean(struct text *text, const char *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)words[i];

		putc(c == '\t' ? ' ' : c < 0x20 || c == 0x7f ? '?' : c, text->out);
	}
}

static void next_line(struct text *text, unsigned indent)
{
	fprintf(text->out, "\n%*s", (int)indent, "");
}

/* Bytes that fill so many columns, not through the middle of a character. */
static size_t bytes_of(const char *words, size_t len, unsigned columns)
{
	size_t bytes = 0;

	while (bytes < len && text_columns(words, bytes + 1) <= columns)
		bytes++;
	return bytes;
}

/* A word that no line can hold is cut. Returns the column behind it. */
static unsigned put_word(struct text *text, const char *word, size_t len, unsigned column,
			 unsigned indent)
{
	while (column + text_columns(word, len) > text->width && indent < text->width) {
		size_t fits = bytes_of(word, len,
				       text->width - (column < text->width ? column : text->width));

		text_clean(text, word, fits);
		next_line(text, indent);
		column = indent;
		word += fits;
		len -= fits;
	}
	text_clean(text, word, len);
	return column + text_columns(word, len);
}

void text_wrap(struct text *text, const char *words, unsigned first, unsigned indent)
{
	unsigned column = first, gap = 0;

	while (*words) {
		size_t len = strcspn(words, " \n");
		unsigned cells = text_columns(words, len);

		if (gap && column + gap + cells > text->width) {
			next_line(text, indent);
			column = indent;
			gap = 0;
		}
		fprintf(text->out, "%*s", (int)gap, "");
		column = put_word(text, words, len, column + gap, indent);
		words += len;
		gap = (unsigned)strspn(words, " \n");
		words += gap;
	}
	putc('\n', text->out);
}

void text_say(struct text *text, unsigned indent, const char *format, ...)
{
	va_list args;
	char *words;
	int len;

	va_start(args, format);
	len = vasprintf(&words, format, args);
	va_end(args);
	if (len < 0)
		return;
	fprintf(text->out, "%*s", (int)indent, "");
	text_wrap(text, words, indent, indent);
	free(words);
}

const char *text_size(struct text *text, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned unit = 0;
	double value = (double)bytes;

	while (value >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	if (value == (double)(uint64_t)value || value >= 100)
		return pool_format(&text->pool, "%.0f %s", value, units[unit]);
	return pool_format(&text->pool, "%.1f %s", value, units[unit]);
}

const char *text_plural(struct text *text, uint64_t count, const char *noun)
{
	const char *many = noun[strlen(noun) - 1] == 's' ? "es" : "s";

	return pool_format(&text->pool, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : many);
}

const char *text_short_path(struct text *text, const char *path, unsigned room)
{
	size_t len = strlen(path);
	const char *cut = path;

	if (text_columns(path, len) <= room)
		return path;
	while (*cut && text_columns(cut, strlen(cut)) > room - 3)
		cut++;
	while (((unsigned char)*cut & 0xc0) == 0x80)
		cut++;
	return pool_format(&text->pool, "...%s", cut);
}

const char *text_place(struct text *text, const struct place *place, bool with_folder)
{
	char buf[4096];
	const char *function = place->function ? place->function : NULL;
	const char *file = source_relative(place->file, text->style->root, buf, sizeof(buf));

	if (file && !with_folder) {
		const char *slash = strrchr(file, '/');

		file = slash ? slash + 1 : file;
	}
	if (!function && !place->module)
		return pool_format(&text->pool, "address 0x%" PRIx64, place->offset);
	if (!function)
		return pool_format(&text->pool, "%s+0x%" PRIx64, place->module, place->offset);
	if (file && place->line)
		return pool_format(&text->pool, "%s  %s:%u", function,
				   text_short_path(text, file, text->width - PLACE_REST),
				   place->line);
	if (!place->module)
		return function;
	if (place->function_offset)
		return pool_format(&text->pool, "%s+0x%" PRIx64 "  %s", function,
				   place->function_offset, place->module);
	return pool_format(&text->pool, "%s  %s", function, place->module);
}
