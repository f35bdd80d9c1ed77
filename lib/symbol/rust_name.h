/* SPDX-License-Identifier: MIT */
/* rust_name.h - between the parts of the reader of Rust's names. */
#ifndef NOMMU_SYMBOL_RUST_NAME_H
#define NOMMU_SYMBOL_RUST_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUST_ROOM 2048

struct rust_name {
	const char *in; /* behind "_R" */
	size_t at, len;
	char out[RUST_ROOM];
	size_t used;
	unsigned depth;
	bool failed;
	bool silent; /* parse, but write nothing */
	bool open;   /* the list of arguments of a dyn trait has not been closed */
};

struct rust_identifier {
	const char *bytes;
	size_t len;
	bool punycode;
};

/* rust_name.c: writing, nothing where the name is silent or failed; reading, '\0' at the end. */
void rust_put_bytes(struct rust_name *name, const char *bytes, size_t len);
void rust_put(struct rust_name *name, const char *text);
void rust_put_number(struct rust_name *name, uint64_t number);
char rust_peek(const struct rust_name *name);
char rust_next(struct rust_name *name);
bool rust_eat(struct rust_name *name, char c);
uint64_t rust_base62(struct rust_name *name);
uint64_t rust_disambiguator(struct rust_name *name);
struct rust_identifier rust_identifier(struct rust_name *name);
void rust_put_identifier(struct rust_name *name, const struct rust_identifier *id);

/* One level deeper, false if that is too deep; who enters takes one off name->depth at its end. */
bool rust_enter(struct rust_name *name);
void rust_back_reference(struct rust_name *name, void (*read)(struct rust_name *, bool),
			 bool in_value);

/* rust.c, rust_type.c */
void rust_path(struct rust_name *name, bool in_value);
void rust_type(struct rust_name *name);
void rust_generic_arguments(struct rust_name *name);

#endif
