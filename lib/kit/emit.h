/* SPDX-License-Identifier: MIT */
/*
 * emit.h - writes JSON, XML and HTML: nesting, commas, indentation and escaping in one place. Text
 * that is not valid UTF-8, or not allowed in XML, comes out as U+FFFD, so what is written always
 * parses. Errors stay in the stream: ask ferror() once at the end.
 */
#ifndef NOMMU_KIT_EMIT_H
#define NOMMU_KIT_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define EMIT_DEPTH 32

struct emit {
	FILE *out;
	bool compact;		   /* JSON without line breaks */
	bool open_tag;		   /* XML: the start tag still takes attributes */
	bool inline_text;	   /* XML: the element has text, so its end tag follows at once */
	unsigned depth;		   /* open levels */
	unsigned used[EMIT_DEPTH]; /* JSON: members written on each level */
	char closer[EMIT_DEPTH];   /* JSON: what ends each level */
	const char *name[EMIT_DEPTH]; /* XML: the element of each level; must outlive it */
};

void emit_start(struct emit *emit, FILE *out);

/* JSON. key is NULL inside a list and for the outermost value. */
void emit_object(struct emit *emit, const char *key);
void emit_list(struct emit *emit, const char *key);
void emit_end(struct emit *emit); /* of the innermost object or list */
void emit_string(struct emit *emit, const char *key, const char *value); /* NULL: null */
void emit_uint(struct emit *emit, const char *key, uint64_t value);
void emit_int(struct emit *emit, const char *key, int64_t value);
void emit_bool(struct emit *emit, const char *key, bool value);
void emit_hex(struct emit *emit, const char *key, uint64_t value); /* as the string "0x..." */

/* XML. Attributes come directly behind their tag. */
void emit_xml_start(struct emit *emit, FILE *out); /* with the declaration */
void emit_tag(struct emit *emit, const char *name);
void emit_attr(struct emit *emit, const char *name, const char *value);
void emit_attr_uint(struct emit *emit, const char *name, uint64_t value);
void emit_text(struct emit *emit, const char *text);
void emit_tag_end(struct emit *emit); /* of the innermost element */

/* Escaping alone, for those who write the rest themselves. */
void emit_escape_json(FILE *out, const char *text); /* without the quotes */
void emit_escape_xml(FILE *out, const char *text);  /* for XML and HTML, text and attributes */

#endif
