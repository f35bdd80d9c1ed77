/* SPDX-License-Identifier: MIT */
/* conf.c - the option table, names of values, and the presets for boards. */
#include "base/conf.h"

#include <string.h>

#include "base/compiler.h"


const struct conf_option_info conf_options[CONF_OPTIONS] = {
#define OPTION(id, name, argument, fallback, help)                                                 \
	[CONF_##id] = { name, "NOMMU_" #id, argument, fallback, help },
#include "base/conf.def"
#undef OPTION
};

static const char *const profile_names[PROFILES] = { "strict", "linux-6.12", "hpux-11.31" };
static const char *const libc_names[] = { "uclibc", "uclibc-simple", "musl", "host" };
static const char *const image_names[] = { "none", "fdpic", "pie", "flat", "flat-ram" };

const struct conf_board conf_boards[] = {
	{ "qemu-riscv-virt", "57248k", "10", "128K", "pie", "musl",
	  "qemu-system-riscv64 -M virt -m 64M, nommu_virt_defconfig, Linux 6.12.117: measured MemFree "
	  "after the first program was loaded" },
	{ "mps2-an385", "14M", "10", NULL, "fdpic", "uclibc",
	  "16 MiB PSRAM of the MPS2 board model (QEMU docs, arm/mps2); about 2 MiB taken by the kernel" },
	{ "mps2-an500", "14M", "10", NULL, "fdpic", "uclibc",
	  "16 MiB PSRAM of the MPS2 board model (QEMU docs, arm/mps2); about 2 MiB taken by the kernel" },
	{ "stm32f429-discovery", "6M", "10", "8K", "flat", "uclibc",
	  "8 MiB SDRAM (ST UM1670); XIP kernel leaves about 6 MiB (Buildroot stm32f429_disco_xip)" },
	{ "k210", "5M", "10", "16K", "flat", "uclibc",
	  "8 MiB SRAM, 6 MiB for the CPU and 2 MiB of KPU (Kendryte K210 datasheet); kernel about 3 MiB" },
	{ "mcf5208evb", "28M", "10", "8K", "flat", "uclibc",
	  "32 MiB SDRAM (Freescale M5208EVB manual, QEMU m68k/mcf5208 default); kernel about 4 MiB" },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

const char *conf_profile_name(enum conf_profile profile)
{
	return profile < PROFILES ? profile_names[profile] : "unknown";
}

const char *conf_libc_name(enum conf_libc libc)
{
	return (size_t)libc < ARRAY_SIZE(libc_names) ? libc_names[libc] : "unknown";
}

const char *conf_image_name(enum conf_image image)
{
	return (size_t)image < ARRAY_SIZE(image_names) ? image_names[image] : "unknown";
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
			if (result)
				return result;
		}
	}
	return 0;
}
