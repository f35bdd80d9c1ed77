/* SPDX-License-Identifier: MIT */
/* rust_type.c - types and constants in Rust's names. */
#include "symbol/rust_name.h"

#include <string.h>

static void constant(struct rust_name *name);

static void type_again(struct rust_name *name, bool in_value)
{
	(void)in_value;
	rust_type(name);
}

static void constant_again(struct rust_name *name, bool in_value)
{
	(void)in_value;
	constant(name);
}

void rust_generic_arguments(struct rust_name *name)
{
	const char *comma = "";

	while (!name->failed && !rust_eat(name, 'E')) {
		rust_put(name, comma);
		comma = ", ";
		if (rust_eat(name, 'L')) {
			rust_base62(name);
			rust_put(name, "'_");
		} else if (rust_eat(name, 'K')) {
			constant(name);
		} else {
			rust_type(name);
		}
	}
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

static void binder(struct rust_name *name)
{
	if (rust_eat(name, 'G'))
		rust_base62(name);
}

static void function_type(struct rust_name *name)
{
	const char *comma = "";
	struct rust_identifier abi;

	binder(name);
	if (rust_eat(name, 'U'))
		rust_put(name, "unsafe ");
	if (rust_eat(name, 'K')) {
		rust_put(name, "extern \"");
		if (rust_eat(name, 'C')) {
			rust_put(name, "C");
		} else {
			abi = rust_identifier(name);
			rust_put_identifier(name, &abi);
		}
		rust_put(name, "\" ");
	}
	rust_put(name, "fn(");
	while (!name->failed && !rust_eat(name, 'E')) {
		rust_put(name, comma);
		comma = ", ";
		rust_type(name);
	}
	rust_put(name, ")");
	if (rust_eat(name, 'u')) /* returns nothing */
		return;
	rust_put(name, " -> ");
	rust_type(name);
}

/* What an associated type is belongs into the trait's list of arguments. */
static void dyn_trait(struct rust_name *name, bool in_value)
{
	if (rust_eat(name, 'B')) {
		rust_back_reference(name, dyn_trait, in_value);
	} else if (rust_eat(name, 'I')) {
		rust_path(name, false);
		rust_put(name, "<");
		rust_generic_arguments(name);
		name->open = true;
	} else {
		rust_path(name, false);
	}
}

static void dyn_type(struct rust_name *name)
{
	const char *plus = "";
	bool open;

	rust_put(name, "dyn ");
	binder(name);
	while (!name->failed && !rust_eat(name, 'E')) {
		rust_put(name, plus);
		plus = " + ";
		name->open = false;
		dyn_trait(name, false);
		open = name->open;
		while (rust_eat(name, 'p')) {
			struct rust_identifier id = rust_identifier(name);

			rust_put(name, open ? ", " : "<");
			open = true;
			rust_put_identifier(name, &id);
			rust_put(name, " = ");
			rust_type(name);
		}
		rust_put(name, open ? ">" : "");
	}
	if (rust_eat(name, 'L'))
		rust_base62(name);
}

static void tuple_type(struct rust_name *name)
{
	unsigned count = 0;

	rust_put(name, "(");
	while (!name->failed && !rust_eat(name, 'E')) {
		rust_put(name, count++ ? ", " : "");
		rust_type(name);
	}
	rust_put(name, count == 1 ? ",)" : ")");
}

static void array_type(struct rust_name *name, bool sized)
{
	rust_put(name, "[");
	rust_type(name);
	if (sized) {
		rust_put(name, "; ");
		constant(name);
	}
	rust_put(name, "]");
}

static void pointer_type(struct rust_name *name, const char *mark)
{
	if (rust_eat(name, 'L'))
		rust_base62(name);
	rust_put(name, mark);
	rust_type(name);
}

void rust_type(struct rust_name *name)
{
	char c = rust_peek(name);

	if (!rust_enter(name))
		return;
	if (basic_type(c)) {
		name->at++;
		rust_put(name, basic_type(c));
	} else if (c && strchr("CMXYNI", c)) {
		rust_path(name, false);
	} else {
		switch (rust_next(name)) {
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
			rust_back_reference(name, type_again, false);
			break;
		default:
			name->failed = true;
		}
	}
	name->depth--;
}

/* Integers are hexadecimal digits; bool and char are such numbers too. */
static void constant(struct rust_name *name)
{
	uint64_t value = 0;
	char kind, c;

	if (rust_eat(name, 'p')) {
		rust_put(name, "_");
		return;
	}
	if (rust_eat(name, 'B')) {
		rust_back_reference(name, constant_again, false);
		return;
	}
	kind = rust_next(name);
	if (!basic_type(kind))
		name->failed = true; /* structures as constants are not stable in Rust */
	if (rust_eat(name, 'n'))
		rust_put(name, "-");
	while ((c = rust_next(name)) != '_' && c) {
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							: 16;

		if (digit == 16 || value >> 60)
			name->failed = true;
		value = value << 4 | digit;
	}
	if (kind == 'b')
		rust_put(name, value ? "true" : "false");
	else
		rust_put_number(name, value);
}
