/* SPDX-License-Identifier: MIT */
/*
 * rust.c - readable form of Rust's names since 1.37 ("v0", RFC 2603): a path with types, read
 * from left to right, with references back into the name. Anything that does not follow the
 * grammar, is nested deeper than DEPTH or becomes longer than RUST_ROOM stays as it is: names
 * come from files that may be damaged. Hashes of crates are left out, lifetimes are written '_
 * where they are not erased.
 */
#include "symbol/rust.h"

#include <string.h>

#include "symbol/rust_name.h"

/* The path of an impl says where it stands, which nobody wants to read. */
static void skip_impl_path(struct rust_name *name)
{
	bool silent = name->silent;

	rust_disambiguator(name);
	name->silent = true;
	rust_path(name, false);
	name->silent = silent;
}

static void nested(struct rust_name *name, bool in_value)
{
	char space = rust_next(name);
	struct rust_identifier id;
	uint64_t number;

	rust_path(name, in_value);
	number = rust_disambiguator(name);
	id = rust_identifier(name);
	if (space >= 'A' && space <= 'Z') {
		rust_put(name, space == 'C' ? "::{closure" : space == 'S' ? "::{shim" : "::{");
		if (space != 'C' && space != 'S')
			rust_put_bytes(name, &space, 1);
		if (id.len)
			rust_put(name, ":");
		rust_put_identifier(name, &id);
		rust_put(name, "#");
		rust_put_number(name, number);
		rust_put(name, "}");
	} else if (id.len) {
		rust_put(name, "::");
		rust_put_identifier(name, &id);
	}
}

void rust_path(struct rust_name *name, bool in_value)
{
	struct rust_identifier id;

	if (!rust_enter(name))
		return;
	switch (rust_next(name)) {
	case 'C':
		rust_disambiguator(name);
		id = rust_identifier(name);
		rust_put_identifier(name, &id);
		break;
	case 'N':
		nested(name, in_value);
		break;
	case 'M':
		skip_impl_path(name);
		rust_put(name, "<");
		rust_type(name);
		rust_put(name, ">");
		break;
	case 'X':
		skip_impl_path(name);
		/* fallthrough */
	case 'Y':
		rust_put(name, "<");
		rust_type(name);
		rust_put(name, " as ");
		rust_path(name, false);
		rust_put(name, ">");
		break;
	case 'I':
		rust_path(name, in_value);
		rust_put(name, in_value ? "::<" : "<");
		rust_generic_arguments(name);
		rust_put(name, ">");
		break;
	case 'B':
		rust_back_reference(name, rust_path, in_value);
		break;
	default:
		name->failed = true;
	}
	name->depth--;
}

/*
 * Behind the path: perhaps the crate that asked for the instance, and what a linker or LLVM added.
 */
static bool ends_well(struct rust_name *name)
{
	name->silent = true;
	if (rust_peek(name) >= 'A' && rust_peek(name) <= 'Z')
		rust_path(name, false);
	return !name->failed &&
	       (name->at == name->len || name->in[name->at] == '.' || name->in[name->at] == '$');
}

const char *rust_demangle(struct pool *pool, const char *mangled)
{
	struct rust_name name = { .in = mangled + 2 };

	if (mangled[0] != '_' || mangled[1] != 'R')
		return NULL;
	name.len = strlen(name.in);
	rust_path(&name, true);
	if (name.failed || !ends_well(&name))
		return NULL;
	return pool_bytes(pool, name.out, name.used);
}
