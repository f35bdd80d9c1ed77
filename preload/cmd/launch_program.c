/* SPDX-License-Identifier: MIT */
/*
 * launch_program.c - finds the program as execvp(3) would, and looks at it before it is started:
 * whether its loader will take the library in, and how large its main stack is on the target.
 */
#include "cmd.h"
#include "launch.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/say.h"
#include "base/types.h"

#define SCRIPT_LINE 256		   /* what the kernel reads of a #! line */
#define SCRIPT_DEPTH 5		   /* interpreters that are scripts themselves */
#define DEFAULT_STACK (128u << 10) /* binfmt_elf_fdpic.c: programs without PT_GNU_STACK */

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#define HOST_NAME "x86-64"
#define HOST_LOADER "ld-linux-x86-64.so.2"
#else
#define HOST_MACHINE EM_AARCH64
#define HOST_NAME "aarch64"
#define HOST_LOADER "ld-linux-aarch64.so.1"
#endif

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *machine_name(const GElf_Ehdr *head)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
		{ EM_386, "x86" },
		{ EM_ARM, "arm" },
		{ EM_68K, "m68k" },
		{ EM_AARCH64, "aarch64" },
		{ EM_RISCV, "riscv" },
		{ EM_X86_64, "x86-64" },
		{ EM_SH, "sh" },
		{ EM_MIPS, "mips" },
		{ EM_PPC64, "ppc64" },
		{ EM_S390, "s390" },
		{ EM_XTENSA, "xtensa" },
		{ EM_PPC, "ppc" },
		{ EM_BLACKFIN, "blackfin" },
		{ EM_MICROBLAZE, "microblaze" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].machine == head->e_machine)
			return names[i].name;
	return "another machine";
}

/* What the program headers say; loader is empty where there is none. */
struct layout {
	char loader[PATH_MAX];
	uint64_t stack; /* PT_GNU_STACK's size, or 0 */
};

static bool read_layout(int fd, Elf *elf, const GElf_Ehdr *head, struct layout *layout)
{
	GElf_Phdr part;
	size_t count;

	/* libelf shows no program headers where they lie beyond the file's end. */
	if (elf_getphdrnum(elf, &count) != 0 || (!count && head->e_phnum))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &part))
			return false;
		if (part.p_type == PT_GNU_STACK)
			layout->stack = part.p_memsz;
		if (part.p_type != PT_INTERP)
			continue;
		if (part.p_filesz < 2 || part.p_filesz >= sizeof layout->loader ||
		    pread(fd, layout->loader, part.p_filesz, (off_t)part.p_offset) !=
			    (ssize_t)part.p_filesz)
			return false;
	}
	return true;
}

static int judge_loader(const char *path, const struct layout *layout)
{
	if (!layout->loader[0]) {
		/* The loader itself, asked to run a program, does take the library in. */
		if (strncmp(base_name(path), "ld-linux", 8) == 0)
			return CMD_OK;
		say("'%s' is statically linked: nothing can be put in front of it; "
		    "look at it with nommu scan",
		    path);
		return CMD_FAILED;
	}
	if (access(layout->loader, F_OK) != 0) {
		say("'%s' needs the loader %s, which is not here", path, layout->loader);
		return CMD_NOT_FOUND;
	}
	if (strcmp(base_name(layout->loader), HOST_LOADER) == 0)
		return CMD_OK;
	say("'%s' uses the loader %s, and the library needs glibc's; look at it with nommu scan",
	    path, layout->loader);
	return CMD_FAILED;
}

/* The libraries of AddressSanitizer and ThreadSanitizer give up where they are not the first. */
static void find_sanitizer(Elf *elf, Elf_Scn *section, const GElf_Shdr *head, char *out,
			   size_t size)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry); i++) {
		const char *name;

		if (entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf, head->sh_link, entry.d_un.d_val);
		if (name &&
		    (strncmp(name, "libasan.so", 10) == 0 || strncmp(name, "libtsan.so", 10) == 0))
			say_format(out, size, "%s", name);
	}
}

static void read_needed(struct launch *l, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr head;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &head) && head.sh_type == SHT_DYNAMIC)
			find_sanitizer(elf, section, &head, l->sanitizer, sizeof l->sanitizer);
}

/* The main stack's limit: where stacks grow there is none unless one was given. */
static void set_stack(struct launch *l, uint64_t of_program)
{
	l->stack = l->conf.stack ? l->conf.stack : of_program ? of_program : DEFAULT_STACK;
	l->stack = page_align(l->stack);
	if (!l->conf.stack && conf_profile_system(l->conf.profile) != SYSTEM_NOMMU)
		l->stack = 0;
}

static int judge_elf(struct launch *l, const char *path, int fd, Elf *elf)
{
	struct layout layout = { 0 };
	GElf_Ehdr head;

	if (!gelf_getehdr(elf, &head) || !read_layout(fd, elf, &head, &layout)) {
		say("'%s' is a damaged ELF file", path);
		return CMD_NOT_EXECUTABLE;
	}
	if (head.e_machine != HOST_MACHINE || head.e_ident[EI_CLASS] != ELFCLASS64) {
		say("'%s' is a %s-bit program for %s and this nommu runs 64-bit " HOST_NAME
		    " ones; look at it with nommu scan",
		    path, head.e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32", machine_name(&head));
		return CMD_NOT_EXECUTABLE;
	}
	if ((head.e_type != ET_EXEC && head.e_type != ET_DYN) || !head.e_entry) {
		say("'%s' is an ELF file, but no program", path);
		return CMD_NOT_EXECUTABLE;
	}
	set_stack(l, layout.stack);
	read_needed(l, elf);
	return judge_loader(path, &layout);
}

static int judge_rights(const char *path)
{
	const char *what = NULL;
	struct stat st;

	if (stat(path, &st) != 0)
		return CMD_OK;
	if (st.st_mode & S_ISUID)
		what = "set-user-ID";
	else if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		what = "set-group-ID";
	else if (getxattr(path, "security.capability", NULL, 0) > 0)
		what = "given capabilities";
	if (!what)
		return CMD_OK;
	say("'%s' is %s, and the loader takes no library into such programs; run a copy "
	    "(cp leaves that behind), or look at it with nommu scan",
	    path, what);
	return CMD_FAILED;
}

static int judge_file(struct launch *l, const char *path, unsigned depth);

/* A script works through its interpreter: that is what must take the library in. */
static int judge_script(struct launch *l, const char *path, char *line, unsigned depth)
{
	char *interpreter = line + 2 + strspn(line + 2, " \t");
	int status;

	interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
	if (!*interpreter || depth == SCRIPT_DEPTH) {
		say("'%s' is a script whose #! line names no usable interpreter", path);
		return CMD_NOT_EXECUTABLE;
	}
	if (access(interpreter, F_OK) != 0) {
		say("'%s' is a script for '%s', which is not here", path, interpreter);
		return CMD_NOT_FOUND;
	}
	status = access(interpreter, X_OK) == 0 ? judge_file(l, interpreter, depth + 1) : -1;
	if (status < 0) {
		say("'%s' is a script for '%s', which is not executable", path, interpreter);
		return CMD_NOT_EXECUTABLE;
	}
	return status;
}

/* Neither ELF nor #!: what execvp hands to the shell, if it looks like text. */
static int judge_text(struct launch *l, const char *path, const char *line, size_t len,
		      unsigned depth)
{
	if (len >= 4 && memcmp(line, "bFLT", 4) == 0) {
		say("'%s' is a flat program for a target; look at it with nommu scan", path);
		return CMD_NOT_EXECUTABLE;
	}
	if (depth || memchr(line, '\0', len)) {
		say("'%s' is no program: neither an ELF file nor a script", path);
		return CMD_NOT_EXECUTABLE;
	}
	l->shell = "/bin/sh";
	return judge_file(l, l->shell, depth + 1);
}

static int judge_open(struct launch *l, const char *path, int fd, unsigned depth)
{
	char line[SCRIPT_LINE];
	ssize_t len = pread(fd, line, sizeof line - 1, 0);
	int status;
	Elf *elf;

	if (len < 0) {
		say("cannot read '%s': %s", path, strerrordesc_np(errno));
		return CMD_NOT_EXECUTABLE;
	}
	line[len] = '\0';
	if (len >= 2 && line[0] == '#' && line[1] == '!')
		return judge_script(l, path, line, depth);
	if (len < SELFMAG || memcmp(line, ELFMAG, SELFMAG) != 0)
		return judge_text(l, path, line, (size_t)len, depth);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	status = judge_elf(l, path, fd, elf);
	elf_end(elf);
	return status ? status : judge_rights(path);
}

static int judge_file(struct launch *l, const char *path, unsigned depth)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status;

	if (fd < 0 && errno == EACCES) {
		/* Executable and not readable: what it is will show. */
		set_stack(l, 0);
		return judge_rights(path);
	}
	if (fd < 0) {
		say("cannot open '%s': %s", path, strerrordesc_np(errno));
		return CMD_NOT_EXECUTABLE;
	}
	status = judge_open(l, path, fd, depth);
	close(fd);
	return status;
}

/* 0, or the errno of the attempt at one place. */
static int try_place(struct launch *l, const char *folder, size_t len, const char *name)
{
	struct stat st;

	if (len + 1 + strlen(name) >= sizeof l->path)
		return ENAMETOOLONG;
	say_format(l->path, sizeof l->path, "%s", folder);
	say_format(l->path + len, sizeof l->path - len, "%s%s", len ? "/" : "", name);
	if (stat(l->path, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	return access(l->path, X_OK) == 0 ? 0 : EACCES;
}

static int search_path(struct launch *l, const char *name)
{
	const char *path = getenv("PATH");
	int worst = ENOENT;

	for (path = path ? path : "/bin:/usr/bin";; path++) {
		size_t len = strcspn(path, ":");
		int result = try_place(l, path, len, name);

		if (!result)
			return 0;
		/* A folder that may not be searched says nothing about the program. */
		if (result == EACCES && access(l->path, F_OK) == 0)
			worst = EACCES;
		path += len;
		if (!*path)
			return worst;
	}
}

int launch_program(struct launch *l)
{
	const char *name = l->argv[0];
	int error;

	if (!*name)
		error = ENOENT;
	else
		error = strchr(name, '/') ? try_place(l, "", 0, name) : search_path(l, name);
	switch (error) {
	case 0:
		return judge_file(l, l->path, 0);
	case ENOENT:
		say("'%s' is not found%s", name, strchr(name, '/') ? "" : " in PATH");
		return CMD_NOT_FOUND;
	case EACCES:
		say("'%s' is not executable; chmod +x, or name its interpreter", name);
		return CMD_NOT_EXECUTABLE;
	case EISDIR:
		say("'%s' is a directory", name);
		return CMD_NOT_EXECUTABLE;
	default:
		say("cannot start '%s': %s", name, strerrordesc_np(error));
		return error == ENOTDIR || error == ENAMETOOLONG ? CMD_NOT_FOUND
								 : CMD_NOT_EXECUTABLE;
	}
}

uint64_t launch_argument_bytes(const struct launch *l)
{
	uint64_t bytes = 0;

	for (char **arg = l->argv; *arg; arg++)
		bytes += strlen(*arg) + 1 + sizeof *arg;
	for (char **variable = environ; *variable; variable++)
		bytes += strlen(*variable) + 1 + sizeof *variable;
	return bytes;
}

int launch_arguments(const struct launch *l)
{
	uint64_t bytes = launch_argument_bytes(l), room = l->stack;

	if (!l->stack)
		return CMD_OK;
	if (l->conf.mode == MODE_RUN && l->stack < LAUNCH_LEAST_STACK)
		say("a main stack of %luk cannot be enforced here, where the loader itself needs "
		    "%uk: "
		    "its depth is measured and reported",
		    (unsigned long)(l->stack >> 10), LAUNCH_LEAST_STACK >> 10);
	if (l->conf.image >= IMAGE_FLAT) /* its stack grows by as much */
		return CMD_OK;
	/* What is limited must leave the loader something to run on. */
	if (l->conf.mode == MODE_RUN && l->stack >= LAUNCH_LEAST_STACK)
		room -= LAUNCH_LEAST_STACK / 4;
	if (bytes <= room)
		return CMD_OK;
	say("arguments and environment take %luk of a main stack of %luk: on the target they "
	    "overwrite other memory; pass less, or give the program more with --stack",
	    (unsigned long)(bytes >> 10), (unsigned long)(l->stack >> 10));
	return l->conf.mode == MODE_RUN && l->stack >= LAUNCH_LEAST_STACK ? CMD_FAILED : CMD_OK;
}
