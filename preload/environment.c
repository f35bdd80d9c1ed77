/* SPDX-License-Identifier: MIT */
/*
 * environment.c - keeps the library in front of children. A child's environment is an array of
 * pointers to texts that are made once and to the caller's strings, in memory straight from the
 * kernel.
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

#define LEDGER "NOMMU_LEDGER="

static char library[CONF_PATH];			    /* our own path; empty: nothing to keep */
static char ledger_text[CONF_PATH + sizeof LEDGER]; /* "NOMMU_LEDGER=..." */

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

void environment_remember(const char *ledger)
{
	const char *given = conf_env(environ, "NOMMU_PRELOAD");

	if (given && *given)
		say_format(library, sizeof library, "%s", given);
	else
		find_library();
	say_format(ledger_text, sizeof ledger_text, LEDGER "%s", ledger);
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
	bool ledger;	     /* NOMMU_LEDGER is there and right */
	const char *preload; /* value of LD_PRELOAD, or NULL */
};

static struct found look(char *const *envp)
{
	struct found found = { 0, false, NULL };

	for (; envp && *envp; envp++, found.count++) {
		if (strncmp(*envp, PRELOAD, sizeof PRELOAD - 1) == 0)
			found.preload = *envp + sizeof PRELOAD - 1;
		else if (strcmp(*envp, ledger_text) == 0)
			found.ledger = true;
	}
	return found;
}

static bool complete(const struct found *found)
{
	return found->ledger && found->preload && listed(found->preload);
}

static bool replaced(const char *entry)
{
	return strncmp(entry, PRELOAD, sizeof PRELOAD - 1) == 0 ||
	       strncmp(entry, LEDGER, sizeof LEDGER - 1) == 0;
}

#define EXTRA 3 /* LD_PRELOAD, NOMMU_LEDGER, NULL */

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
	*list++ = ledger_text;
	*list = NULL;
}

struct environment environment_for_child(char *const *envp)
{
	struct environment result = { envp, 0, 0 };
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
	return (struct environment){ (char *const *)memory, U(memory), len };
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
