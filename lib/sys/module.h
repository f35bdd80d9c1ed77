/* SPDX-License-Identifier: MIT */
/* module.h - private to lib/sys: what is loaded into the process, as dl_iterate_phdr() shows it. */
#ifndef NOMMU_SYS_MODULE_H
#define NOMMU_SYS_MODULE_H

#include <link.h>
#include <stdint.h>

enum module_flags { MODULE_PROGRAM = 1, MODULE_OURS = 2, MODULE_LIBC = 4 };

struct module {
	const struct dl_phdr_info *info;
	const char *path;
	uint32_t flags;
	uint64_t start; /* lowest address, page aligned down */
	uint64_t end;	/* highest, page aligned up */
};

void module_describe(const struct dl_phdr_info *info, struct module *m);

#endif
