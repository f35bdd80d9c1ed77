/* SPDX-License-Identifier: MIT */
/* finding.c - the findings of one file and their places in its source. */
#include "scan/work.h"

#include <elfutils/libdw.h>
#include <string.h>

#define MOST_SITES 16 /* kept of one finding; the count goes on */

struct scan_finding *finding_add(struct work *work, enum rule_id rule, enum rule_severity severity,
				 const char *call, const char *evidence)
{
	struct scan_finding **end = &work->file->findings, *finding;

	for (; *end; end = &(*end)->next)
		if ((*end)->rule == rule && !strcmp((*end)->call, call) && !(*end)->library &&
		    !strcmp((*end)->evidence, evidence))
			return *end;
	finding = *end = mem_alloc(work->file->pool, sizeof(*finding));
	finding->rule = rule;
	finding->severity = severity;
	finding->call = mem_copy(work->file->pool, call);
	finding->evidence = mem_copy(work->file->pool, evidence);
	return finding;
}

/*
 * clang writes no index of addresses: where there is
 * none, the units' own ranges say whose an address is.
 */
static bool find_unit(Dwarf *dwarf, Dwarf_Addr addr, Dwarf_Die *unit)
{
	Dwarf_CU *next = NULL;

	if (dwarf_addrdie(dwarf, addr, unit))
		return true;
	while (dwarf_get_units(dwarf, next, &next, NULL, NULL, unit, NULL) == 0)
		if (dwarf_haspc(unit, addr) > 0)
			return true;
	return false;
}

static void find_line(struct work *work, struct scan_site *site)
{
	Dwarf_Line *line;
	Dwarf_Die unit;
	const char *file;
	int number = 0;

	if (!work->dwarf)
		work->dwarf = dwarf_begin_elf(work->elf.elf, DWARF_C_READ, NULL);
	if (work->dwarf && find_unit(work->dwarf, site->addr, &unit) &&
	    (line = dwarf_getsrc_die(&unit, site->addr)) &&
	    (file = dwarf_linesrc(line, NULL, NULL)) && !dwarf_lineno(line, &number)) {
		site->file = mem_copy(work->file->pool, file);
		site->line = (unsigned)number;
	}
}

void finding_site(struct work *work, struct scan_finding *finding, uint64_t addr)
{
	uint64_t start, end;
	const char *name;
	struct scan_site *site;

	finding->count++;
	if (finding->site_count == MOST_SITES)
		return;
	if (!finding->sites)
		finding->sites = mem_alloc(work->file->pool, MOST_SITES * sizeof(*finding->sites));
	site = &finding->sites[finding->site_count++];
	site->addr = addr;
	if (!code_function(&work->code, addr, &start, &end))
		site->function =
			mem_format(work->file->pool, "code at 0x%llx", (unsigned long long)addr);
	else if ((name = code_function_name(&work->code, start, addr)))
		site->function = mem_copy(work->file->pool, name);
	else
		site->function = mem_format(work->file->pool, "function at 0x%llx",
					    (unsigned long long)start);
	if (work->elf.has_symtab)
		find_line(work, site);
}

static bool before(const struct scan_finding *a, const struct scan_finding *b)
{
	if (!a->library != !b->library)
		return !a->library;
	return a->severity > b->severity;
}

/* Insertion keeps the order of equals; a file has few findings. */
void finding_sort(struct scan_file *file)
{
	struct scan_finding *sorted = NULL, *next;

	for (struct scan_finding *f = file->findings; f; f = next) {
		struct scan_finding **at = &sorted;

		next = f->next;
		while (*at && !before(f, *at))
			at = &(*at)->next;
		f->next = *at;
		*at = f;
	}
	file->findings = sorted;
}
