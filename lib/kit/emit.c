/* SPDX-License-Identifier: MIT */
#include "kit/emit.h"

#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void emit_start(struct emit *emit, FILE *out)
{
	memset(emit, 0, sizeof(*emit));
	emit->out = out;
}

/*
 * Length of the UTF-8 sequence at text, or 0 if it is not one: overlong forms, surrogates and what
 * lies beyond U+10FFFF are none.
 */
static unsigned utf8_length(const unsigned char *text)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = text[0];
	unsigned len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = c & (0xffu >> (len + 1));

	if (c < 0x80)
		return 1;
	if (c < 0xc0 || c >= 0xf8)
		return 0;
	for (unsigned i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < lowest[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return len;
}

/* Copies one character that needs no escape, or its replacement; returns how far to go on. */
static unsigned put_utf8(FILE *out, const char *text)
{
	unsigned len = utf8_length((const unsigned char *)text);

	if (!len) {
		fputs(REPLACEMENT, out);
		return 1;
	}
	fwrite(text, 1, len, out);
	return len;
}

void emit_escape_json(FILE *out, const char *text)
{
	while (*text) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		/* < so that it can stand in a script */
		else if (c < 0x20 || c == 0x7f || c == '<')
			fprintf(out, "\\u%04x", c);
		else if (c >= 0x80) {
			text += put_utf8(out, text);
			continue;
		} else
			putc(c, out);
		text++;
	}
}

void emit_escape_xml(FILE *out, const char *text)
{
	while (*text) {
		unsigned char c = (unsigned char)*text;

		switch (c) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		case '\n':
		case '\t':
			putc(c, out);
			break;
		default:
			if (c < 0x20 || c == 0x7f) {
				fputs(REPLACEMENT, out);
				break;
			}
			text += put_utf8(out, text);
			continue;
		}
		text++;
	}
}

static void newline(struct emit *emit)
{
	if (emit->compact)
		return;
	putc('\n', emit->out);
	for (unsigned i = 0; i < emit->depth; i++)
		fputs("  ", emit->out);
}

/* What stands before every JSON value: comma, line, key. */
static void member(struct emit *emit, const char *key)
{
	if (emit->depth) {
		if (emit->used[emit->depth - 1]++)
			putc(',', emit->out);
		newline(emit);
	}
	if (key) {
		putc('"', emit->out);
		emit_escape_json(emit->out, key);
		fputs(emit->compact ? "\":" : "\": ", emit->out);
	}
}

static void open_level(struct emit *emit, const char *key, char opener, char closer)
{
	member(emit, key);
	putc(opener, emit->out);
	if (emit->depth < EMIT_DEPTH) {
		emit->used[emit->depth] = 0;
		emit->closer[emit->depth++] = closer;
	}
}

void emit_object(struct emit *emit, const char *key)
{
	open_level(emit, key, '{', '}');
}

void emit_list(struct emit *emit, const char *key)
{
	open_level(emit, key, '[', ']');
}

void emit_end(struct emit *emit)
{
	if (!emit->depth)
		return;
	emit->depth--;
	if (emit->used[emit->depth])
		newline(emit);
	putc(emit->closer[emit->depth], emit->out);
	if (!emit->depth && !emit->compact)
		putc('\n', emit->out);
}

void emit_string(struct emit *emit, const char *key, const char *value)
{
	member(emit, key);
	if (!value) {
		fputs("null", emit->out);
		return;
	}
	putc('"', emit->out);
	emit_escape_json(emit->out, value);
	putc('"', emit->out);
}

void emit_uint(struct emit *emit, const char *key, uint64_t value)
{
	member(emit, key);
	fprintf(emit->out, "%" PRIu64, value);
}

void emit_int(struct emit *emit, const char *key, int64_t value)
{
	member(emit, key);
	fprintf(emit->out, "%" PRId64, value);
}

void emit_bool(struct emit *emit, const char *key, bool value)
{
	member(emit, key);
	fputs(value ? "true" : "false", emit->out);
}

void emit_hex(struct emit *emit, const char *key, uint64_t value)
{
	member(emit, key);
	fprintf(emit->out, "\"0x%" PRIx64 "\"", value);
}

void emit_xml_start(struct emit *emit, FILE *out)
{
	emit_start(emit, out);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", out);
}

static void end_start_tag(struct emit *emit)
{
	if (emit->open_tag)
		putc('>', emit->out);
	emit->open_tag = false;
}

void emit_tag(struct emit *emit, const char *name)
{
	end_start_tag(emit);
	newline(emit);
	fprintf(emit->out, "<%s", name);
	emit->open_tag = true;
	emit->inline_text = false;
	if (emit->depth < EMIT_DEPTH)
		emit->name[emit->depth++] = name;
}

void emit_attr(struct emit *emit, const char *name, const char *value)
{
	fprintf(emit->out, " %s=\"", name);
	emit_escape_xml(emit->out, value);
	putc('"', emit->out);
}

void emit_attr_uint(struct emit *emit, const char *name, uint64_t value)
{
	fprintf(emit->out, " %s=\"%" PRIu64 "\"", name, value);
}

void emit_text(struct emit *emit, const char *text)
{
	end_start_tag(emit);
	emit_escape_xml(emit->out, text);
	emit->inline_text = true;
}

void emit_tag_end(struct emit *emit)
{
	if (!emit->depth)
		return;
	emit->depth--;
	if (emit->open_tag) {
		fputs("/>", emit->out);
	} else {
		if (!emit->inline_text)
			newline(emit);
		fprintf(emit->out, "</%s>", emit->name[emit->depth]);
	}
	emit->open_tag = false;
	emit->inline_text = false;
	if (!emit->depth)
		putc('\n', emit->out);
}
