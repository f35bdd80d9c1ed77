/* SPDX-License-Identifier: MIT */
#include "render/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "symbol/source.h"

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

void text_wrap(struct text *text, const char *words, unsigned first, unsigned indent)
{
	unsigned column = first, gap = 0;

	while (*words) {
		size_t len = strcspn(words, " \n");
		unsigned cells = text_columns(words, len);

		if (gap && column + gap + cells > text->width) {
			fprintf(text->out, "\n%*s", (int)indent, "");
			column = indent;
			gap = 0;
		}
		fprintf(text->out, "%*s", (int)gap, "");
		text_clean(text, words, len);
		column += gap + cells;
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
		return pool_format(&text->pool, "%s  %s:%u", function, file, place->line);
	if (!place->module)
		return function;
	if (place->function_offset)
		return pool_format(&text->pool, "%s+0x%" PRIx64 "  %s", function,
				   place->function_offset, place->module);
	return pool_format(&text->pool, "%s  %s", function, place->module);
}
