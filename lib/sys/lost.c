/* SPDX-License-Identifier: MIT */
/*
 * lost.c - processes that run without the library. Why one will not take it in is asked of its
 * file before it is started, because nothing of it is left to ask afterwards; the answer counts
 * only if it really does not join.
 */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/raw.h"
#include "base/say.h"
#include "sys/internal.h"

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#define HOST_LOADER "ld-linux-x86-64.so.2"
#else
#define HOST_MACHINE EM_AARCH64
#define HOST_LOADER "ld-linux-aarch64.so.1"
#endif

#define SCRIPT_DEPTH 4 /* interpreters that are scripts themselves (fs/exec.c) */
/* bytes that are read of a file: the ELF header and its program headers, or the #! line */
#define HEAD 512

const char *sys_base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* The loader takes no library in where the rights change; to root another root changes nothing. */
static bool privileged(const struct stat *st)
{
	if (st->st_mode & S_ISUID && st->st_uid != (uid_t)raw_call0(SYS_getuid))
		return true;
	return (st->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	       st->st_gid != (gid_t)raw_call0(SYS_getgid);
}

/* What the kernel would give it, whether we may read it or not; root gets nothing new. */
static enum nommu_lost by_rights(const char *path)
{
	struct stat st;

	if (raw_call4(SYS_newfstatat, AT_FDCWD, path, &st, 0) < 0 || !S_ISREG(st.st_mode))
		return NOMMU_LOST_UNKNOWN;
	if (privileged(&st))
		return NOMMU_LOST_PRIVILEGED;
	if (raw_call0(SYS_getuid) != 0 &&
	    raw_call4(SYS_getxattr, path, "security.capability", NULL, 0) > 0)
		return NOMMU_LOST_CAPABLE;
	return NOMMU_LOST_UNKNOWN;
}

static enum nommu_lost by_loader(int fd, const Elf64_Phdr *part)
{
	char loader[128] = "";

	if (part->p_filesz >= sizeof loader ||
	    raw_pread(fd, loader, part->p_filesz, (int64_t)part->p_offset) <= 0)
		return NOMMU_LOST_UNKNOWN;
	return strcmp(sys_base_name(loader), HOST_LOADER) == 0 ? NOMMU_LOST_UNKNOWN
							       : NOMMU_LOST_LOADER;
}

static enum nommu_lost by_elf(int fd, const char *path, const char head[HEAD])
{
	Elf64_Ehdr elf;

	memcpy(&elf, head, sizeof elf);
	if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_machine != HOST_MACHINE)
		return NOMMU_LOST_MACHINE;
	for (unsigned i = 0; i < elf.e_phnum; i++) {
		Elf64_Phdr part;

		if (raw_pread(fd, &part, sizeof part, (int64_t)(elf.e_phoff + i * sizeof part)) !=
		    sizeof part)
			return NOMMU_LOST_UNKNOWN;
		if (part.p_type == PT_INTERP)
			return by_loader(fd, &part);
	}
	/* Asked to run a program, the loader does take the library in: then nobody is lost. */
	return strncmp(sys_base_name(path), "ld-linux", 8) == 0 ? NOMMU_LOST_LISTING
								: NOMMU_LOST_STATIC;
}

/* Cuts the interpreter out of a #! line; NULL if there is none. */
static const char *interpreter(char head[HEAD])
{
	char *name = head + 2 + strspn(head + 2, " \t");

	name[strcspn(name, " \t\r\n")] = '\0';
	return *name ? name : NULL;
}

static enum nommu_lost by_file(const char *path, char head[HEAD], const char **next)
{
	long fd = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	enum nommu_lost why = NOMMU_LOST_UNKNOWN;
	struct stat st;
	long n;

	*next = NULL;
	if (fd < 0)
		return by_rights(path);
	memset(head, 0, HEAD);
	if (raw_call2(SYS_fstat, fd, &st) == 0 && S_ISREG(st.st_mode)) {
		n = raw_read((int)fd, head, HEAD - 1);
		if (n > 2 && head[0] == '#' && head[1] == '!')
			*next = interpreter(head);
		else
			why = by_rights(path);
		if (!why && n >= (long)sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0)
			why = by_elf((int)fd, path, head);
	}
	raw_close((int)fd);
	return why;
}

/* The ledger is its owner's alone; capabilities that would open it now do not outlive an exec. */
static bool out_of_reach(void)
{
	uid_t user = (uid_t)raw_call0(SYS_geteuid);
	long fd = raw_openat(AT_FDCWD, sys.ledger.path, O_RDWR | O_CLOEXEC, 0);
	struct stat st;
	bool denied;

	if (fd < 0) /* another root, or a sandbox */
		return true;
	denied = raw_call2(SYS_fstat, fd, &st) < 0 || (user && user != st.st_uid);
	raw_close((int)fd);
	return denied;
}

enum nommu_lost sys_why_lost(const char *path)
{
	enum nommu_lost why = NOMMU_LOST_UNKNOWN;
	char head[2][HEAD];
	const char *next;

	for (unsigned depth = 0; path && *path && depth <= SCRIPT_DEPTH; depth++, path = next)
		why = by_file(path, head[depth % 2], &next);
	return why == NOMMU_LOST_UNKNOWN && out_of_reach() ? NOMMU_LOST_REACH : why;
}

void lost_record(uint32_t pid, uint32_t ppid, const char *name, enum nommu_lost why)
{
	size_t len = strlen(name) + 1;
	struct nommu_record_lost *r = trace_claim(sizeof *r + len, pid);

	if (!r)
		return;
	r->ppid = ppid;
	r->why = why;
	memcpy(r->command, name, len);
	trace_done(r, NOMMU_RECORD_LOST);
}

void lost_mark(enum nommu_lost why)
{
	uint32_t proc;

	if (!sys_enter())
		return;
	proc = mm_proc_find(&sys.mm, sys.pid, 0);
	if (proc)
		set32(mm_journal(&sys.mm), &mm_proc(&sys.mm, proc)->why, why);
	sys_leave();
}

void sys_lost(const char *path, enum nommu_lost why)
{
	struct ledger_header *h = sys.ledger.h;

	if (!sys.active || !sys_enter())
		return;
	set32(mm_journal(&sys.mm), &h->stats.lost, h->stats.lost + 1);
	lost_record(0, sys.pid, sys_base_name(path), why);
	sys_leave();
}
