/* SPDX-License-Identifier: MIT */
/* call.c - calls, arguments and answers as a person would write them: one table of how each is
 * printed. */
#include "report/model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include "base/compiler.h"

/*
 * One letter for each argument: a address, l length or count, p protection, m mmap flags, r mremap
 * flags, f descriptor, o offset, x hexadecimal, d number, t the text of the record. What is missing
 * is not shown.
 */
static const struct {
	const char *name, *args;
} calls[NOMMU_CALLS] = {
	[NOMMU_CALL_NONE] = { "?", "" },
	[NOMMU_CALL_MMAP] = { "mmap", "alpmfo" },
	[NOMMU_CALL_MUNMAP] = { "munmap", "al" },
	[NOMMU_CALL_MREMAP] = { "mremap", "allra" },
	[NOMMU_CALL_MPROTECT] = { "mprotect", "alp" },
	[NOMMU_CALL_PKEY_MPROTECT] = { "pkey_mprotect", "alpd" },
	[NOMMU_CALL_MSYNC] = { "msync", "alx" },
	[NOMMU_CALL_MADVISE] = { "madvise", "ald" },
	[NOMMU_CALL_POSIX_MADVISE] = { "posix_madvise", "ald" },
	[NOMMU_CALL_MLOCK] = { "mlock", "al" },
	[NOMMU_CALL_MLOCK2] = { "mlock2", "alx" },
	[NOMMU_CALL_MLOCKALL] = { "mlockall", "x" },
	[NOMMU_CALL_MUNLOCK] = { "munlock", "al" },
	[NOMMU_CALL_MUNLOCKALL] = { "munlockall", "" },
	[NOMMU_CALL_MINCORE] = { "mincore", "ala" },
	[NOMMU_CALL_REMAP_FILE_PAGES] = { "remap_file_pages", "alpox" },
	[NOMMU_CALL_MBIND] = { "mbind", "aldadx" },
	[NOMMU_CALL_BRK] = { "brk", "a" },
	[NOMMU_CALL_SBRK] = { "sbrk", "d" },
	[NOMMU_CALL_FORK] = { "fork", "" },
	[NOMMU_CALL__FORK] = { "_Fork", "" },
	[NOMMU_CALL_VFORK] = { "vfork", "" },
	[NOMMU_CALL_CLONE] = { "clone", "xa" },
	[NOMMU_CALL_DAEMON] = { "daemon", "dd" },
	[NOMMU_CALL_FORKPTY] = { "forkpty", "" },
	[NOMMU_CALL_WORDEXP] = { "wordexp", "tx" },
	[NOMMU_CALL_SHMGET] = { "shmget", "xlx" },
	[NOMMU_CALL_SHMAT] = { "shmat", "dax" },
	[NOMMU_CALL_SHMDT] = { "shmdt", "a" },
	[NOMMU_CALL_SHMCTL] = { "shmctl", "dda" },
	[NOMMU_CALL_SHM_OPEN] = { "shm_open", "txx" },
	[NOMMU_CALL_MEMFD_CREATE] = { "memfd_create", "tx" },
	[NOMMU_CALL_FTRUNCATE] = { "ftruncate", "fl" },
	[NOMMU_CALL_TRUNCATE] = { "truncate", "tl" },
	[NOMMU_CALL_FALLOCATE] = { "fallocate", "fxol" },
	[NOMMU_CALL_POSIX_FALLOCATE] = { "posix_fallocate", "fol" },
	[NOMMU_CALL_EXEC] = { "exec", "t" },
	[NOMMU_CALL_POSIX_SPAWN] = { "posix_spawn", "tx" },
	[NOMMU_CALL_EXIT] = { "_exit", "d" },
	[NOMMU_CALL_MALLOC] = { "malloc", "l" },
	[NOMMU_CALL_CALLOC] = { "calloc", "ll" },
	[NOMMU_CALL_REALLOC] = { "realloc", "al" },
	[NOMMU_CALL_FREE] = { "free", "a" },
	[NOMMU_CALL_MEMALIGN] = { "memalign", "ll" },
	[NOMMU_CALL_PTHREAD_CREATE] = { "pthread_create", "l" },
	[NOMMU_CALL_DLOPEN] = { "dlopen", "tx" },
	[NOMMU_CALL_SYSCALL] = { "syscall", "d" },
	[NOMMU_CALL_IMAGE] = { "the program's image", "l" },
	[NOMMU_CALL_SYSTEM] = { "system", "t" },
	[NOMMU_CALL_POPEN] = { "popen", "t" },
	[NOMMU_CALL_PROCESS_MADVISE] = { "process_madvise", "dadxx" },
};

struct flag {
	uint64_t bit;
	const char *name;
};

static const struct flag protections[] = { { PROT_READ, "PROT_READ" },
					   { PROT_WRITE, "PROT_WRITE" },
					   { PROT_EXEC, "PROT_EXEC" },
					   { 0, NULL } };

static const struct flag mmap_flags[] = {
	{ MAP_SHARED, "MAP_SHARED" },	     { MAP_PRIVATE, "MAP_PRIVATE" },
	{ MAP_FIXED, "MAP_FIXED" },	     { MAP_ANONYMOUS, "MAP_ANONYMOUS" },
	{ MAP_GROWSDOWN, "MAP_GROWSDOWN" },  { MAP_LOCKED, "MAP_LOCKED" },
	{ MAP_NORESERVE, "MAP_NORESERVE" },  { MAP_POPULATE, "MAP_POPULATE" },
	{ MAP_NONBLOCK, "MAP_NONBLOCK" },    { MAP_STACK, "MAP_STACK" },
	{ MAP_HUGETLB, "MAP_HUGETLB" },	     { MAP_SYNC, "MAP_SYNC" },
	{ 0x100000, "MAP_FIXED_NOREPLACE" }, { 0x4000000, "MAP_UNINITIALIZED" },
	{ MAP_DENYWRITE, "MAP_DENYWRITE" },  { 0, NULL }
};

static const struct flag mremap_flags[] = { { MREMAP_MAYMOVE, "MREMAP_MAYMOVE" },
					    { MREMAP_FIXED, "MREMAP_FIXED" },
					    { 4, "MREMAP_DONTUNMAP" },
					    { 0, NULL } };

/* A text under construction; what does not fit is cut. */
struct words {
	char text[512];
	size_t used;
};

static void __attribute__((__format__(__printf__, 2, 3)))
put(struct words *words, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(words->text + words->used, sizeof(words->text) - words->used, format, args);
	va_end(args);
	if (len > 0)
		words->used += (size_t)len < sizeof(words->text) - words->used
				       ? (size_t)len
				       : sizeof(words->text) - words->used - 1;
}

static void put_flags(struct words *words, uint64_t value, const struct flag *flags,
		      const char *none)
{
	bool first = true;

	if (!value && none) {
		put(words, "%s", none);
		return;
	}
	for (; flags->name; flags++) {
		if (!(value & flags->bit))
			continue;
		put(words, "%s%s", first ? "" : "|", flags->name);
		value &= ~flags->bit;
		first = false;
	}
	if (value || first)
		put(words, "%s0x%" PRIx64, first ? "" : "|", value);
}

static void put_argument(struct words *words, char kind, uint64_t value, const char *text)
{
	switch (kind) {
	case 'a':
		if (value)
			put(words, "0x%" PRIx64, value);
		else
			put(words, "NULL");
		break;
	case 'p':
		put_flags(words, value, protections, "PROT_NONE");
		break;
	case 'm':
		if ((value & 3) == 3) { /* MAP_SHARED_VALIDATE is both bits at once */
			put(words, value == 3 ? "MAP_SHARED_VALIDATE" : "MAP_SHARED_VALIDATE|");
			value &= ~3ULL;
			if (!value)
				break;
		}
		put_flags(words, value, mmap_flags, "0");
		break;
	case 'r':
		put_flags(words, value, mremap_flags, "0");
		break;
	case 't':
		put(words, text ? "\"%s\"" : "?", text);
		break;
	case 'x':
		put(words, "0x%" PRIx64, value);
		break;
	case 'f':
	case 'd':
		put(words, "%d", (int)value);
		break;
	default:
		put(words, "%" PRIu64, value);
		break;
	}
}

const char *call_name(unsigned call)
{
	return call < NOMMU_CALLS && calls[call].name ? calls[call].name : "?";
}

const char *call_describe(struct pool *pool, const struct example *example)
{
	const char *args = example->call < NOMMU_CALLS && calls[example->call].args
				   ? calls[example->call].args
				   : "";
	struct words words = { .used = 0 };

	if (example->call == NOMMU_CALL_NONE)
		return NULL;
	if (example->call == NOMMU_CALL_IMAGE) {
		if (example->args[1] == NOMMU_KIND_STACK)
			put(&words, "a main stack of %" PRIu64 " KiB", example->args[0] >> 10);
		else
			put(&words, "loading the %s in one block",
			    example->text ? example->text : "image");
		return pool_string(pool, words.text);
	}
	if (example->call == NOMMU_CALL_PTHREAD_CREATE) {
		put(&words,
		    "pthread_create with a stack of %" PRIu64
		    " KiB (pthread_attr_setstacksize or ulimit -s says how much)",
		    example->args[0] >> 10);
		return pool_string(pool, words.text);
	}
	put(&words, "%s(", call_name(example->call));
	for (unsigned i = 0; args[i] && i < ARRAY_SIZE(example->args); i++) {
		put(&words, i ? ", " : "");
		put_argument(&words, args[i], example->args[i], example->text);
	}
	put(&words, ")");
	if (example->text && !strchr(args, 't'))
		put(&words, " of %s", example->text);
	return pool_string(pool, words.text);
}

const char *errno_name(int64_t error)
{
	const char *name = error > 0 && error < 4096 ? strerrorname_np((int)error) : NULL;

	return name && error ? name : "";
}

const char *kind_name(unsigned kind)
{
	static const char *const names[NOMMU_KINDS] = {
		[NOMMU_KIND_MAPPING] = "mappings", [NOMMU_KIND_FILE] = "files",
		[NOMMU_KIND_SHARED] = "shared",	   [NOMMU_KIND_HEAP] = "heap",
		[NOMMU_KIND_STACK] = "stacks",	   [NOMMU_KIND_IMAGE] = "image",
	};

	return kind < NOMMU_KINDS ? names[kind] : "other";
}
