/* SPDX-License-Identifier: MIT */
/* conf.c - the option table, names of values, and the presets for boards. */
#include "base/conf.h"

#include <string.h>

#include "base/compiler.h"
#include "base/say.h"

const struct conf_option_info conf_options[CONF_OPTIONS] = {
#define OPTION(id, name, argument, fallback, help)                                                 \
	[CONF_##id] = { name, "NOMMU_" #id, argument, fallback, help },
#include "base/conf.def"
#undef OPTION
};

const char *const conf_profile_names[PROFILES] = { "strict", "linux-6.12", "hpux-11.31" };
const char *const conf_libc_names[] = { "uclibc", "uclibc-simple", "musl", "host" };
const char *const conf_image_names[] = { "none", "fdpic", "pie", "flat", "flat-ram" };
const char *const conf_uninit_names[] = { "stale", "poison", "zero" };

/*
 * How much RAM a board has is documented; how much of it the kernel and its file system leave free
 * depends on their configuration. Only the first row is measured, the others say which part is an
 * estimate: take the figures of your own board from its /proc/buddyinfo.
 */
#define FLAT_STACK "4K" /* what elf2flt gives a program that asks for nothing */
const struct conf_board conf_boards[] = {
	{ "qemu-riscv-virt", "57248k", "10", "128K", "pie", "musl",
	  "qemu-system-riscv64 -M virt -m 64M with nommu_virt_defconfig, Linux 6.12.117: MemFree "
	  "measured after the first program was loaded" },
	{ "mps2-an385", "14M", "10", NULL, "fdpic", "uclibc",
	  "16 MiB PSRAM (Linux mps2-an385.dts, QEMU -M mps2-an385); 2 MiB for the kernel are an "
	  "estimate" },
	{ "mps2-an500", "14M", "10", NULL, "fdpic", "uclibc",
	  "16 MiB PSRAM (QEMU -M mps2-an500, Cortex-M7); 2 MiB for the kernel are an estimate" },
	{ "stm32f429-discovery", "6M", "10", FLAT_STACK, "flat", "uclibc",
	  "8 MiB SDRAM (ST UM1670, Linux stm32f429-disco.dts), kernel in flash (XIP); 2 MiB for "
	  "its "
	  "data and the file system are an estimate" },
	{ "k210", "5M", "10", FLAT_STACK, "flat", "uclibc",
	  "8 MiB SRAM, the KPU's 2 MiB included (Linux k210.dtsi); 3 MiB for the kernel are an "
	  "estimate" },
	{ "m5208evb", "28M", "10", FLAT_STACK, "flat", "uclibc",
	  "32 MiB SDRAM (Linux m5208evb_defconfig, CONFIG_RAMSIZE; QEMU -M mcf5208evb -m 32); 4 "
	  "MiB "
	  "for the kernel and its romfs are an estimate" },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

/* What a profile is beside its column of answers. */
static const struct {
	uint8_t system;
	uint8_t quirks; /* enum conf_quirk */
} profiles[PROFILES] = {
	[PROFILE_STRICT] = { SYSTEM_NOMMU, 0 },
	[PROFILE_LINUX_6_12] = { SYSTEM_NOMMU, QUIRK_NOREPLACE_HINT | QUIRK_WRITTEN_SHARED |
						       QUIRK_ONE_ENTRY | QUIRK_UNMAP_BY_END |
						       QUIRK_OOM_KILLER },
	[PROFILE_HPUX_11_31] = { SYSTEM_HPUX, 0 },
};

const char *conf_profile_name(enum conf_profile profile)
{
	return profile < PROFILES ? conf_profile_names[profile] : "unknown";
}

enum conf_system conf_profile_system(enum conf_profile profile)
{
	return profile < PROFILES ? (enum conf_system)profiles[profile].system : SYSTEM_NOMMU;
}

uint32_t conf_profile_quirks(enum conf_profile profile)
{
	return profile < PROFILES ? profiles[profile].quirks : 0;
}

uint32_t conf_swap_pages(const struct conf *conf)
{
	if (conf_profile_system(conf->profile) != SYSTEM_HPUX)
		return 0;
	return (uint32_t)((conf->ram / 8 * 7 + conf->swap) >> NOMMU_PAGE_SHIFT);
}

const char *conf_libc_name(enum conf_libc libc)
{
	return (size_t)libc < ARRAY_SIZE(conf_libc_names) ? conf_libc_names[libc] : "unknown";
}

const char *conf_image_name(enum conf_image image)
{
	return (size_t)image < ARRAY_SIZE(conf_image_names) ? conf_image_names[image] : "unknown";
}

const char *conf_env(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; envp && *envp; envp++)
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	return NULL;
}

int conf_from_environment(struct conf *conf, char *const *envp, char *error)
{
	const char *value;
	size_t len;
	int result;

	/* The preset first: single options change it, whatever the order of the variables. */
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < CONF_OPTIONS; i++) {
			if ((i == CONF_BOARD) != (pass == 0))
				continue;
			value = conf_env(envp, conf_options[i].env);
			if (!value || !*value)
				continue;
			result = conf_set(conf, (enum conf_option)i, value, error);
			if (result) {
				len = strlen(error);
				say_format(error + len, CONF_ERROR_SIZE - len, " (from %s)",
					   conf_options[i].env);
				return result;
			}
		}
	}
	return 0;
}
