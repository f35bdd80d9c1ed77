/* SPDX-License-Identifier: MIT */
/*
 * demangle.c - readable names of C++ and Rust functions. The decoder of C++ names is libstdc++'s,
 * taken at run time where it is installed (nothing else of nommu wants C++); names stay mangled
 * without it. Rust's older names are C++ names with escapes and a hash at the end, both undone
 * here; its newer ones are read by rust.c.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/rust.h"
#include "symbol/symbol.h"

typedef char *demangle_function(const char *name, char *buf, size_t *size, int *status);

static demangle_function *find_demangle(void)
{
	static demangle_function *found;
	static bool tried;

	if (!tried) {
		void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);

		tried = true;
		if (library)
			*(void **)&found = dlsym(library, "__cxa_demangle");
	}
	return found;
}

/* "::h" and 16 hexadecimal digits end a Rust name. */
static bool is_rust(const char *text)
{
	size_t len = strlen(text);

	return len > 19 && memcmp(text + len - 19, "::h", 3) == 0 &&
	       strspn(text + len - 16, "0123456789abcdef") == 16;
}

/* Undoes Rust's escapes in place: "$LT$" is <, "$u20$" a space, ".." is "::". */
static void unescape_rust(char *text)
{
	static const struct {
		const char *escape;
		char plain;
	} escapes[] = { { "$LT$", '<' }, { "$GT$", '>' }, { "$RF$", '&' },
			{ "$BP$", '*' }, { "$C$", ',' },  { "$LP$", '(' },
			{ "$RP$", ')' }, { "$SP$", '@' }, { NULL, 0 } };
	char *out = text, *start = text;

	text[strlen(text) - 19] = 0;
	while (*text) {
		int i = 0;

		while (escapes[i].escape &&
		       strncmp(text, escapes[i].escape, strlen(escapes[i].escape)) != 0)
			i++;
		if (escapes[i].escape) {
			*out++ = escapes[i].plain;
			text += strlen(escapes[i].escape);
		} else if (text[0] == '$' && text[1] == 'u' &&
			   strspn(text + 2, "0123456789abcdef") == 2 && text[4] == '$') {
			*out++ = (char)strtoul(text + 2, NULL, 16);
			text += 5;
		} else if (text[0] == '.' && text[1] == '.') {
			*out++ = ':';
			*out++ = ':';
			text += 2;
		} else if (text[0] == '_' && text[1] == '$' && (out == start || out[-1] == ':')) {
			text++; /* a path may not begin with an escape, so an underscore stands
				   before it */
		} else {
			*out++ = *text++;
		}
	}
	*out = 0;
}

const char *symbol_demangle(struct pool *pool, const char *name)
{
	demangle_function *demangle;
	const char *rust;
	char *text, *copy;
	int status;

	if (name[0] == '_' && name[1] == 'R') {
		rust = rust_demangle(pool, name);
		return rust ? rust : pool_string(pool, name);
	}
	if (name[0] != '_' || name[1] != 'Z')
		return pool_string(pool, name);
	demangle = find_demangle();
	text = demangle ? demangle(name, NULL, NULL, &status) : NULL;
	if (!text)
		return pool_string(pool, name);
	copy = pool_string(pool, text);
	free(text);
	if (is_rust(copy))
		unescape_rust(copy);
	return copy;
}
