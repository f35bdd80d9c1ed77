/* SPDX-License-Identifier: MIT */
/*
 * rust.c - readable form of Rust's names since 1.37 ("v0", RFC 2603): a path with types, read from left to
 * right, with references back into the name. Anything that does not follow the grammar, is nested deeper
 * than DEPTH or becomes longer than ROOM stays as it is: names come from files that may be damaged.
 * Hashes of crates are left out, lifetimes are written '_ where they are not erased.
 */
#include "report/rust.h"

#include <stdio.h>
#include <string.h>

#define DEPTH 96
#define ROOM 2048

struct name {
	const char *in; /* behind "_R" */
	size_t at, len;
	char out[ROOM];
	size_t used;
	unsigned depth;
	bool failed;
	bool silent; /* parse, but write nothing */
	bool open;   /* the list of arguments of a dyn trait has not been closed */
};

static void put_bytes(struct name *name, const char *bytes, size_t len)
{
	if (name->silent || name->failed)
		return;
	if (len >= ROOM - name->used) {
		name->failed = true;
		return;
	}
	memcpy(name->out + name->used, bytes, len);
	name->used += len;
}

static void put(struct name *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static void put_number(struct name *name, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	put(name, digits);
}

static char peek(const struct name *name)
{
	return name->at < name->len && !name->failed ? name->in[name->at] : '\0';
}

static char next(struct name *name)
{
	char c = peek(name);

	if (c)
		name->at++;
	else
		name->failed = true;
	return c;
}

static bool eat(struct name *name, char c)
{
	if (peek(name) != c)
		return false;
	name->at++;
	return true;
}

/* "_" is 0, "0_" is 1, "Z_" is 62. */
static uint64_t base62(struct name *name)
{
	uint64_t value = 0;
	char c;

	if (eat(name, '_'))
		return 0;
	while ((c = next(name)) != '_' && c) {
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
static uint64_t disambiguator(struct name *name)
{
	return eat(name, 's') ? base62(name) + 1 : 0;
}

struct identifier {
	const char *bytes;
	size_t len;
	bool punycode;
};

static struct identifier identifier(struct name *name)
{
	struct identifier id = { .punycode = eat(name, 'u') };

	if (peek(name) < '0' || peek(name) > '9')
		name->failed = true;
	if (!eat(name, '0'))
		while (peek(name) >= '0' && peek(name) <= '9' && id.len < name->len)
			id.len = id.len * 10 + (size_t)(next(name) - '0');
	eat(name, '_');
	if (name->failed || id.len > name->len - name->at) {
		name->failed = true;
		return (struct identifier){ .bytes = "" };
	}
	id.bytes = name->in + name->at;
	name->at += id.len;
	return id;
}

/* Letters beyond ASCII are rare in names of functions: they are shown as the file has them. */
static void put_identifier(struct name *name, const struct identifier *id)
{
	if (id->punycode)
		put(name, "punycode{");
	put_bytes(name, id->bytes, id->len);
	if (id->punycode)
		put(name, "}");
}

static void path(struct name *name, bool in_value);
static void type(struct name *name);
static void constant(struct name *name);

static bool enter(struct name *name)
{
	if (++name->depth > DEPTH)
		name->failed = true;
	return !name->failed;
}

/* A reference goes back to a position before itself, so references end. */
static void back_reference(struct name *name, void (*read)(struct name *, bool), bool in_value)
{
	size_t start = name->at - 1;
	uint64_t target = base62(name);
	size_t resume = name->at;

	if (target >= start)
		name->failed = true;
	if (name->failed || name->silent)
		return;
	name->at = (size_t)target;
	read(name, in_value);
	name->at = resume;
}

static void type_again(struct name *name, bool in_value)
{
	(void)in_value;
	type(name);
}

static void constant_again(struct name *name, bool in_value)
{
	(void)in_value;
	constant(name);
}

/* The path of an impl says where it stands, which nobody wants to read. */
static void skip_impl_path(struct name *name)
{
	bool silent = name->silent;

	disambiguator(name);
	name->silent = true;
	path(name, false);
	name->silent = silent;
}

static void nested(struct name *name, bool in_value)
{
	char space = next(name);
	struct identifier id;
	uint64_t number;

	path(name, in_value);
	number = disambiguator(name);
	id = identifier(name);
	if (space >= 'A' && space <= 'Z') {
		put(name, space == 'C' ? "::{closure" : space == 'S' ? "::{shim" : "::{");
		if (space != 'C' && space != 'S')
			put_bytes(name, &space, 1);
		if (id.len)
			put(name, ":");
		put_identifier(name, &id);
		put(name, "#");
		put_number(name, number);
		put(name, "}");
	} else if (id.len) {
		put(name, "::");
		put_identifier(name, &id);
	}
}

static void generic_arguments(struct name *name)
{
	const char *comma = "";

	while (!name->failed && !eat(name, 'E')) {
		put(name, comma);
		comma = ", ";
		if (eat(name, 'L')) {
			base62(name);
			put(name, "'_");
		} else if (eat(name, 'K')) {
			constant(name);
		} else {
			type(name);
		}
	}
}

static void path(struct name *name, bool in_value)
{
	struct identifier id;

	if (!enter(name))
		return;
	switch (next(name)) {
	case 'C':
		disambiguator(name);
		id = identifier(name);
		put_identifier(name, &id);
		break;
	case 'N':
		nested(name, in_value);
		break;
	case 'M':
		skip_impl_path(name);
		put(name, "<");
		type(name);
		put(name, ">");
		break;
	case 'X':
		skip_impl_path(name);
		/* fallthrough */
	case 'Y':
		put(name, "<");
		type(name);
		put(name, " as ");
		path(name, false);
		put(name, ">");
		break;
	case 'I':
		path(name, in_value);
		put(name, in_value ? "::<" : "<");
		generic_arguments(name);
		put(name, ">");
		break;
	case 'B':
		back_reference(name, path, in_value);
		break;
	default:
		name->failed = true;
	}
	name->depth--;
}

static const char *basic_type(char c)
{
	static const char *const names[26] = {
		"i8",	 "bool", "char", "f64", "str",	"f32",	NULL,  "u8", "isize",
		"usize", NULL,	 "i32",	 "u32", "i128", "u128", "_",   NULL, NULL,
		"i16",	 "u16",	 "()",	 "...", NULL,	"i64",	"u64", "!",
	};

	return c >= 'a' && c <= 'z' ? names[c - 'a'] : NULL;
}

static void binder(struct name *name)
{
	if (eat(name, 'G'))
		base62(name);
}

static void function_type(struct name *name)
{
	const char *comma = "";
	struct identifier abi;

	binder(name);
	if (eat(name, 'U'))
		put(name, "unsafe ");
	if (eat(name, 'K')) {
		put(name, "extern \"");
		if (eat(name, 'C')) {
			put(name, "C");
		} else {
			abi = identifier(name);
			put_identifier(name, &abi);
		}
		put(name, "\" ");
	}
	put(name, "fn(");
	while (!name->failed && !eat(name, 'E')) {
		put(name, comma);
		comma = ", ";
		type(name);
	}
	put(name, ")");
	if (eat(name, 'u')) /* returns nothing */
		return;
	put(name, " -> ");
	type(name);
}

/* What an associated type is belongs into the trait's list of arguments. */
static void dyn_trait(struct name *name, bool in_value)
{
	if (eat(name, 'B')) {
		back_reference(name, dyn_trait, in_value);
	} else if (eat(name, 'I')) {
		path(name, false);
		put(name, "<");
		generic_arguments(name);
		name->open = true;
	} else {
		path(name, false);
	}
}

static void dyn_type(struct name *name)
{
	const char *plus = "";
	bool open;

	put(name, "dyn ");
	binder(name);
	while (!name->failed && !eat(name, 'E')) {
		put(name, plus);
		plus = " + ";
		name->open = false;
		dyn_trait(name, false);
		open = name->open;
		while (eat(name, 'p')) {
			struct identifier id = identifier(name);

			put(name, open ? ", " : "<");
			open = true;
			put_identifier(name, &id);
			put(name, " = ");
			type(name);
		}
		put(name, open ? ">" : "");
	}
	if (eat(name, 'L'))
		base62(name);
}

static void tuple_type(struct name *name)
{
	unsigned count = 0;

	put(name, "(");
	while (!name->failed && !eat(name, 'E')) {
		put(name, count++ ? ", " : "");
		type(name);
	}
	put(name, count == 1 ? ",)" : ")");
}

static void array_type(struct name *name, bool sized)
{
	put(name, "[");
	type(name);
	if (sized) {
		put(name, "; ");
		constant(name);
	}
	put(name, "]");
}

static void pointer_type(struct name *name, const char *mark)
{
	if (eat(name, 'L'))
		base62(name);
	put(name, mark);
	type(name);
}

static void type(struct name *name)
{
	char c = peek(name);

	if (!enter(name))
		return;
	if (basic_type(c)) {
		name->at++;
		put(name, basic_type(c));
	} else if (c && strchr("CMXYNI", c)) {
		path(name, false);
	} else {
		switch (next(name)) {
		case 'R':
			pointer_type(name, "&");
			break;
		case 'Q':
			pointer_type(name, "&mut ");
			break;
		case 'P':
			pointer_type(name, "*const ");
			break;
		case 'O':
			pointer_type(name, "*mut ");
			break;
		case 'A':
			array_type(name, true);
			break;
		case 'S':
			array_type(name, false);
			break;
		case 'T':
			tuple_type(name);
			break;
		case 'F':
			function_type(name);
			break;
		case 'D':
			dyn_type(name);
			break;
		case 'B':
			back_reference(name, type_again, false);
			break;
		default:
			name->failed = true;
		}
	}
	name->depth--;
}

/* Integers are hexadecimal digits; bool and char are such numbers too. */
static void constant(struct name *name)
{
	uint64_t value = 0;
	char kind, c;

	if (eat(name, 'p')) {
		put(name, "_");
		return;
	}
	if (eat(name, 'B')) {
		back_reference(name, constant_again, false);
		return;
	}
	kind = next(name);
	if (!basic_type(kind))
		name->failed = true; /* structures as constants are not stable in Rust */
	if (eat(name, 'n'))
		put(name, "-");
	while ((c = next(name)) != '_' && c) {
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							: 16;

		if (digit == 16 || value >> 60)
			name->failed = true;
		value = value << 4 | digit;
	}
	if (kind == 'b')
		put(name, value ? "true" : "false");
	else
		put_number(name, value);
}

/* Behind the path: perhaps the crate that asked for the instance, and what a linker or LLVM added. */
static bool ends_well(struct name *name)
{
	name->silent = true;
	if (peek(name) >= 'A' && peek(name) <= 'Z')
		path(name, false);
	return !name->failed &&
	       (name->at == name->len || name->in[name->at] == '.' || name->in[name->at] == '$');
}

const char *rust_demangle(struct pool *pool, const char *mangled)
{
	struct name name = { .in = mangled + 2 };

	if (mangled[0] != '_' || mangled[1] != 'R')
		return NULL;
	name.len = strlen(name.in);
	path(&name, true);
	if (name.failed || !ends_well(&name))
		return NULL;
	return pool_bytes(pool, name.out, name.used);
}
