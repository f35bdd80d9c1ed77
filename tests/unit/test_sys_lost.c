/* SPDX-License-Identifier: MIT */
/* Why a program will not take the library in, told from its file and from our rights. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/machine.h"
#include "support/suite.h"
#include "sys/internal.h"

#if defined(__x86_64__)
#define HOST EM_X86_64
#define OTHER EM_RISCV
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#else
#define HOST EM_AARCH64
#define OTHER EM_X86_64
#define LOADER "/lib/ld-linux-aarch64.so.1"
#endif

static char folder[] = "lost-XXXXXX";
static char path[sizeof folder + 32];

/* A file of that name in the folder; its path. */
static const char *put(const char *name, const void *data, size_t len)
{
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert(file && fwrite(data, 1, len, file) == len && fclose(file) == 0);
	return path;
}

/* As much of a program as is looked at; a NULL loader makes it static. */
static const char *program(const char *name, unsigned char class, unsigned machine,
			   const char *loader)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr part[2];
		char loader[64];
	} file = { .head = { .e_machine = (Elf64_Half)machine,
			     .e_phoff = sizeof file.head,
			     .e_phnum = 2 } };

	memcpy(file.head.e_ident, ELFMAG, SELFMAG);
	file.head.e_ident[EI_CLASS] = class;
	file.part[0].p_type = PT_LOAD;
	file.part[1].p_type = loader ? PT_INTERP : PT_NULL;
	file.part[1].p_offset = offsetof(__typeof__(file), loader);
	file.part[1].p_filesz = loader ? strlen(loader) + 1 : 0;
	snprintf(file.loader, sizeof file.loader, "%s", loader ? loader : "");
	return put(name, &file, sizeof file);
}

static const char *script(const char *line)
{
	return put("script", line, strlen(line));
}

static enum nommu_lost why(const char *of)
{
	enum nommu_lost result = sys_why_lost(of);

	unlink(path);
	return result;
}

static void begin(void)
{
	struct conf conf = machine_conf(8 << 20, PROFILE_STRICT);
	char ledger[CONF_PATH], error[CONF_ERROR_SIZE];

	strcpy(folder, "lost-XXXXXX");
	ck_assert(mkdtemp(folder) != NULL);
	ck_assert_int_eq(sys_create(&conf, ledger, error), 0);
}

static void end(void)
{
	rmdir(folder);
	sys_destroy();
}

START_TEST(programs_of_this_host_are_taken_for_able)
{
	begin();
	ck_assert_int_eq(why(program("a", ELFCLASS64, HOST, LOADER)), NOMMU_LOST_UNKNOWN);
	ck_assert_int_eq(why(program("ld-linux.so", ELFCLASS64, HOST, NULL)), NOMMU_LOST_LISTING);
	ck_assert_int_eq(why(NULL), NOMMU_LOST_UNKNOWN);
	ck_assert_int_eq(why("/no/such"), NOMMU_LOST_UNKNOWN);
	ck_assert_int_eq(why("/"), NOMMU_LOST_UNKNOWN);
	end();
}
END_TEST

START_TEST(what_the_file_says)
{
	begin();
	ck_assert_int_eq(why(program("a", ELFCLASS64, HOST, NULL)), NOMMU_LOST_STATIC);
	ck_assert_int_eq(why(program("a", ELFCLASS64, OTHER, LOADER)), NOMMU_LOST_MACHINE);
	ck_assert_int_eq(why(program("a", ELFCLASS32, HOST, LOADER)), NOMMU_LOST_MACHINE);
	ck_assert_int_eq(why(program("a", ELFCLASS64, HOST, "/lib/ld-musl.so.1")),
			 NOMMU_LOST_LOADER);
	end();
}
END_TEST

START_TEST(a_script_is_as_its_interpreter)
{
	char line[128], shell[64];

	begin();
	snprintf(shell, sizeof shell, "%s", program("sh", ELFCLASS64, HOST, NULL));
	snprintf(line, sizeof line, "#! %s -e\n", shell);
	ck_assert_int_eq(why(script(line)), NOMMU_LOST_STATIC);
	unlink(shell);
	ck_assert_int_eq(why(script("#!\n")), NOMMU_LOST_UNKNOWN);
	snprintf(line, sizeof line, "#!%s/script\n", folder); /* of itself, for ever */
	ck_assert_int_eq(why(script(line)), NOMMU_LOST_UNKNOWN);
	end();
}
END_TEST

START_TEST(damage_is_no_reason)
{
	char half[32] = ELFMAG;

	begin();
	ck_assert_int_eq(why(put("a", half, sizeof half)), NOMMU_LOST_UNKNOWN);
	ck_assert_int_eq(why(put("a", "", 0)), NOMMU_LOST_UNKNOWN);
	end();
}
END_TEST

/* To root another owner makes a difference, to others root does. */
START_TEST(set_user_id_counts_where_it_changes_the_user)
{
	begin();
	program("a", ELFCLASS64, HOST, LOADER);
	ck_assert_int_eq(chmod(path, 04755), 0);
	ck_assert_int_eq(sys_why_lost(path), NOMMU_LOST_UNKNOWN); /* our own */
	if (getuid() == 0) {
		ck_assert(chown(path, 65534, 0) == 0 && chmod(path, 04755) == 0);
		ck_assert_int_eq(sys_why_lost(path), NOMMU_LOST_PRIVILEGED);
	}
	unlink(path);
	end();
}
END_TEST

START_TEST(without_the_ledger_nobody_joins)
{
	begin();
	sys_destroy();
	ck_assert_int_eq(why(program("a", ELFCLASS64, HOST, LOADER)), NOMMU_LOST_REACH);
	ck_assert_int_eq(why(program("a", ELFCLASS64, HOST, NULL)), NOMMU_LOST_STATIC);
	rmdir(folder);
}
END_TEST

SUITE("sys/lost", ONE(programs_of_this_host_are_taken_for_able), ONE(what_the_file_says),
      ONE(a_script_is_as_its_interpreter), ONE(damage_is_no_reason),
      ONE(set_user_id_counts_where_it_changes_the_user), ONE(without_the_ledger_nobody_joins))
