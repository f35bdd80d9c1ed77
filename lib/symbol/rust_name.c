/* SPDX-License-Identifier: MIT */
/*
 * rust_name.c - the letters of Rust's names: what is written, what is read, numbers,
 * identifiers and references back. Once something is wrong the name has failed, and reading
 * yields ends from then on.
 */
#include "symbol/rust_name.h"

#include <stdio.h>
#include <string.h>

#define DEPTH 96

void rust_put_bytes(struct rust_name *name, const char *bytes, size_t len)
{
	if (name->silent || name->failed)
		return;
	if (len >= RUST_ROOM - name->used) {
		name->failed = true;
		return;
	}
	memcpy(name->out + name->used, bytes, len);
	name->used += len;
}

void rust_put(struct rust_name *name, const char *text)
{
	rust_put_bytes(name, text, strlen(text));
}

void rust_put_number(struct rust_name *name, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	rust_put(name, digits);
}

char rust_peek(const struct rust_name *name)
{
	return name->at < name->len && !name->failed ? name->in[name->at] : '\0';
}

char rust_next(struct rust_name *name)
{
	char c = rust_peek(name);

	if (c)
		name->at++;
	else
		name->failed = true;
	return c;
}

bool rust_eat(struct rust_name *name, char c)
{
	if (rust_peek(name) != c)
		return false;
	name->at++;
	return true;
}

/* "_" is 0, "0_" is 1, "Z_" is 62. */
uint64_t rust_base62(struct rust_name *name)
{
	uint64_t value = 0;
	char c;

	if (rust_eat(name, '_'))
		return 0;
	while ((c = rust_next(name)) != '_' && c) {
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'z' ? (unsigned)(c - 'a' + 10)
				 : c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A' + 36)
							: 62;

		if (digit == 62 || __builtin_mul_overflow(value, 62, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			name->failed = true;
	}
	return value + 1;
}

/* "s" and a number tells things of one name apart; without it, it is 0. */
uint64_t rust_disambiguator(struct rust_name *name)
{
	return rust_eat(name, 's') ? rust_base62(name) + 1 : 0;
}

struct rust_identifier rust_identifier(struct rust_name *name)
{
	struct rust_identifier id = { .punycode = rust_eat(name, 'u') };

	if (rust_peek(name) < '0' || rust_peek(name) > '9')
		name->failed = true;
	if (!rust_eat(name, '0'))
		while (rust_peek(name) >= '0' && rust_peek(name) <= '9' && id.len < name->len)
			id.len = id.len * 10 + (size_t)(rust_next(name) - '0');
	rust_eat(name, '_');
	if (name->failed || id.len > name->len - name->at) {
		name->failed = true;
		return (struct rust_identifier){ .bytes = "" };
	}
	id.bytes = name->in + name->at;
	name->at += id.len;
	return id;
}

/* Letters beyond ASCII are rare in names of functions: they are shown as the file has them. */
void rust_put_identifier(struct rust_name *name, const struct rust_identifier *id)
{
	if (id->punycode)
		rust_put(name, "punycode{");
	rust_put_bytes(name, id->bytes, id->len);
	if (id->punycode)
		rust_put(name, "}");
}

bool rust_enter(struct rust_name *name)
{
	if (++name->depth > DEPTH)
		name->failed = true;
	return !name->failed;
}

/* A reference goes back to a position before itself, so references end. */
void rust_back_reference(struct rust_name *name, void (*read)(struct rust_name *, bool),
			 bool in_value)
{
	size_t start = name->at - 1;
	uint64_t target = rust_base62(name);
	size_t resume = name->at;

	if (target >= start)
		name->failed = true;
	if (name->failed || name->silent)
		return;
	name->at = (size_t)target;
	read(name, in_value);
	name->at = resume;
}
