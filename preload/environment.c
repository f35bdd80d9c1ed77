/* SPDX-License-Identifier: MIT */
/*
 * environment.c - keeps the library in front of children. The texts of the variables are made once;
 * a child's environment is then an array of pointers to them and to the caller's strings, in memory
 * straight from the kernel.
 */
#include "environment.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard.h"
#include "vfork.h"

#include "base/raw.h"
#include "base/say.h"
#include "base/types.h"

#define PRELOAD "LD_PRELOAD="

static char library[CONF_PATH]; /* our own path; empty: nothing to keep */

/* Variables that children get as they are; empty: not wanted. */
static struct kept {
	size_t name;		   /* length of "NAME=" */
	char text[CONF_PATH + 16]; /* "NAME=value" */
} kept[2];

static void keep(struct kept *variable, const char *name, const char *value)
{
	variable->name = say_format(variable->text, sizeof variable->text, "%s=", name);
	say_format(variable->text, sizeof variable->text, "%s=%s", name, value);
}

/* The loader keeps the path as it was given, and the program may change its directory. */
static void find_library(void)
{
	char directory[CONF_PATH];
	Dl_info info;

	if (!dladdr((void *)environment_remember, &info) || !info.dli_fname)
		return;
	if (*info.dli_fname == '/' || raw_call2(SYS_getcwd, directory, sizeof directory) < 0)
		say_format(library, sizeof library, "%s", info.dli_fname);
	else
		say_format(library, sizeof library, "%s/%s", directory, info.dli_fname);
}

void environment_remember(const char *ledger, bool self)
{
	const char *given = conf_env(environ, "NOMMU_PRELOAD");

	if (given && *given)
		say_format(library, sizeof library, "%s", given);
	else
		find_library();
	keep(&kept[0], "NOMMU_LEDGER", ledger);
	if (self)
		keep(&kept[1], "NOMMU_SELF", "1");
}

/* Whether the library is an entry of an LD_PRELOAD list; entries are parted by spaces or colons. */
static bool listed(const char *list)
{
	size_t len = strlen(library);

	for (size_t word; *list; list += word + (list[word] != 0)) {
		word = strcspn(list, ": ");
		if (word == len && memcmp(list, library, len) == 0)
			return true;
	}
	return false;
}

/* What a walk over an environment finds. */
struct found {
	size_t count;	     /* entries */
	size_t kept;	     /* of our variables that are there and right */
	const char *preload; /* value of LD_PRELOAD, or NULL */
};

static struct found look(char *const *envp)
{
	struct found found = {0, 0, NULL};

	for (; envp && *envp; envp++, found.count++) {
		if (strncmp(*envp, PRELOAD, sizeof PRELOAD - 1) == 0)
			found.preload = *envp + sizeof PRELOAD - 1;
		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			found.kept += kept[i].name && strcmp(*envp, kept[i].text) == 0;
	}
	return found;
}

static bool complete(const struct found *found)
{
	size_t wanted = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		wanted += kept[i].name != 0;
	return found->kept >= wanted && found->preload && listed(found->preload);
}

static bool replaced(const char *entry)
{
	bool result = strncmp(entry, PRELOAD, sizeof PRELOAD - 1) == 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		result |= kept[i].name && strncmp(entry, kept[i].text, kept[i].name) == 0;
	return result;
}

#define EXTRA (ARRAY_SIZE(kept) + 2) /* our variables, LD_PRELOAD, NULL */

/* The memory holds the array first and then the text of LD_PRELOAD. */
static void build(char **list, size_t text_size, char *const *envp, const struct found *found)
{
	char *text = (char *)(list + found->count + EXTRA);

	if (!found->preload || !*found->preload)
		say_format(text, text_size, PRELOAD "%s", library);
	else if (listed(found->preload))
		say_format(text, text_size, PRELOAD "%s", found->preload);
	else
		say_format(text, text_size, PRELOAD "%s:%s", library, found->preload);
	for (; envp && *envp; envp++)
		if (!replaced(*envp))
			*list++ = *envp;
	*list++ = text;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i].name)
			*list++ = kept[i].text;
	*list = NULL;
}

struct environment environment_for_child(char *const *envp)
{
	struct environment result = {envp, 0, 0};
	struct found found = look(envp);
	size_t text = sizeof PRELOAD + sizeof library + (found.preload ? strlen(found.preload) : 0);
	uint64_t len = page_align((found.count + EXTRA) * sizeof *envp + text);
	long memory;

	if (!*library || complete(&found))
		return result;
	memory = raw_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (is_err(memory))
		return result;
	build((char **)memory, text, envp, &found);
	if (guard_thread.vfork_depth)
		vfork_give_back(U(memory), len);
	return (struct environment){(char *const *)memory, U(memory), len};
}

void environment_drop(struct environment *environment)
{
	if (!environment->addr)
		return;
	raw_munmap(environment->addr, environment->len);
	if (guard_thread.vfork_depth)
		vfork_give_back(0, 0);
}

/* The array stays: libc copies it when the program next changes its environment. */
void environment_restore(void)
{
	struct environment environment = environment_for_child(environ);

	if (environment.addr)
		environ = (char **)(uintptr_t)environment.list;
}
