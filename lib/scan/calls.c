/* SPDX-License-Identifier: MIT */
/*
 * calls.c - looking names up. glibc has several symbols for one function of the source:
 * foo64, __foo_chk, __isoc99_foo, foo@version; a rebuild makes the plain one of them, so
 * that is what is looked up.
 */
#include "scan/calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

static const struct call calls[] = {
#define CALL(name, rule, role, uclibc, musl)                                                       \
	{ name, RULE_##rule, ROLE_##role, EFFECT_##uclibc, EFFECT_##musl },
#include "scan/calls.def"
#undef CALL
};

/* Sorted by name; U: not in uClibc-ng, M: not in musl. */
#define LACKS_UCLIBC 1
#define LACKS_MUSL 2
static const struct {
	const char *name;
	uint8_t lacks;
} lacking[] = {
#define U LACKS_UCLIBC
#define M LACKS_MUSL
#define NAME(name, lacks) { #name, lacks },
#include "scan/names.def"
#undef NAME
#undef U
#undef M
};

/* The name as a source would spell it, in buf. */
static const char *plain(const char *name, char *buf, size_t size)
{
	size_t length = strlen(name);
	const char *begin = name;

	if (length >= size)
		return name;
	if (!strncmp(begin, "__isoc99_", 9))
		begin += 9;
	else if (!strncmp(begin, "__isoc23_", 9))
		begin += 9;
	strcpy(buf, begin);
	length = strlen(buf);
	if (length > 6 && !strncmp(buf, "__", 2) && !strcmp(buf + length - 4, "_chk")) {
		memmove(buf, buf + 2, length - 2);
		length -= 6;
		buf[length] = 0;
	}
	if (length > 3 && !strcmp(buf + length - 2, "64"))
		buf[length - 2] = 0;
	return buf;
}

/*
 * A linear table of 80 entries would be asked a million times for a root: a hash made at compile
 * time is not worth its code, so the first letters decide.
 */
static const struct call *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].name[0] == name[0] && calls[i].name[1] == name[1] &&
		    !strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}

const struct call *call_find(const char *name)
{
	const struct call *call = find(name);
	char buf[80];

	return call ? call : find(plain(name, buf, sizeof(buf)));
}

enum call_effect call_effect(const struct call *call, enum conf_libc libc)
{
	return libc == LIBC_MUSL ? call->musl : call->uclibc;
}

static int compare_name(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

bool call_missing(const char *name, enum conf_libc libc)
{
	char buf[80];
	const char *const *found;
	uint8_t lacks;

	name = plain(name, buf, sizeof(buf));
	found = bsearch(name, lacking, ARRAY_SIZE(lacking), sizeof(lacking[0]), compare_name);
	if (!found)
		return false;
	lacks = lacking[(const typeof(lacking[0]) *)(const void *)found - lacking].lacks;
	return lacks & (libc == LIBC_MUSL ? LACKS_MUSL : LACKS_UCLIBC);
}
