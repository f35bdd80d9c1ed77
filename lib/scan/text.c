/* SPDX-License-Identifier: MIT */
/*
 * text.c - the result for people: every finding in detail where one file was asked for, a table
 * with the reason behind each verdict where there are many, and at the end what was met and what
 * could not be judged. Bytes of names that a terminal would act on come out as '?'.
 */
#include "scan/scan.h"

#include <string.h>

#include "base/types.h"

#define DETAIL_UP_TO 3 /* files */

struct text {
	FILE *out;
	bool color;
};

static const char *const colors[] = { "\033[2m", "\033[32m", "\033[36m", "\033[33m", "\033[31m" };

static void put(const struct text *text, const char *string)
{
	for (; *string; string++)
		fputc((unsigned char)*string < 32 || *string == 127 ? '?' : *string, text->out);
}

static void put_verdict(const struct text *text, enum scan_verdict verdict)
{
	const char *name = scan_verdict_name(verdict);

	fprintf(text->out, "%s%-14s%s", text->color ? colors[verdict] : "", name,
		text->color ? "\033[0m" : "");
}

static void put_size(const struct text *text, uint64_t bytes)
{
	if (bytes >= 10 << 20)
		fprintf(text->out, "%llu MiB", (unsigned long long)bytes >> 20);
	else if (bytes >= 1 << 20)
		fprintf(text->out, "%.1f MiB", (double)bytes / (1 << 20));
	else
		fprintf(text->out, "%llu KiB", (unsigned long long)(bytes + 1023) >> 10);
}

static void put_site(const struct text *text, const struct scan_site *site)
{
	fputs("              ", text->out);
	put(text, site->function);
	if (site->file) {
		fputs("  ", text->out);
		put(text, site->file);
		fprintf(text->out, ":%u", site->line);
	}
	fprintf(text->out, "  (0x%llx)\n", (unsigned long long)site->addr);
}

static void put_finding(const struct text *text, const struct scan_finding *finding)
{
	const struct rule *rule = rule_get(finding->rule);

	fprintf(text->out, "  %-8s %-16s ", rule_severity_name(finding->severity), rule->name);
	put(text, finding->call);
	fputs(": ", text->out);
	put(text, finding->evidence);
	if (finding->count > 1)
		fprintf(text->out, "   %u places", finding->count);
	fputc('\n', text->out);
	for (unsigned i = 0; i < finding->site_count; i++)
		put_site(text, &finding->sites[i]);
	if (finding->count > finding->site_count && finding->site_count)
		fprintf(text->out, "              and %u more\n",
			finding->count - finding->site_count);
	if (finding->severity != SEVERITY_NOTE)
		fprintf(text->out, "           %s\n", rule->hint);
}

static void put_cost(const struct text *text, const struct scan_file *file)
{
	const char *before = "  image    ";

	for (unsigned image = IMAGE_FDPIC; image <= IMAGE_FLAT_RAM; image++) {
		if (!file->cost[image].ram)
			continue;
		fprintf(text->out, "%s%s ", before, conf_image_name((enum conf_image)image));
		put_size(text, file->cost[image].ram);
		fputs(" (block ", text->out);
		put_size(text, file->cost[image].block);
		fputs(")", text->out);
		before = ",  ";
	}
	if (*before == ',')
		fputc('\n', text->out);
}

static void put_libraries(const struct text *text, const struct scan_file *file)
{
	if (!file->libraries)
		return;
	fputs("  needs    ", text->out);
	for (const struct scan_library *l = file->libraries; l; l = l->next) {
		put(text, l->name);
		fputs(l->target ? " (the target's)" : !l->path ? " (not found)" : "", text->out);
		fputs(l->next ? ", " : "\n", text->out);
	}
}

static void put_detail(const struct text *text, const struct scan_file *file)
{
	put(text, file->path);
	fprintf(text->out, "   %s", scan_kind_name(file->kind));
	if (file->machine)
		fprintf(text->out, ", %s%s%s", file->machine, file->fdpic ? ", FDPIC" : "",
			file->stripped ? ", stripped" : "");
	fputs("\n\n", text->out);
	put_verdict(text, file->verdict);
	put(text, file->reason);
	fputs("\n\n", text->out);
	for (const struct scan_finding *f = file->findings; f; f = f->next)
		put_finding(text, f);
	put_cost(text, file);
	put_libraries(text, file);
	if (file->kind <= SCAN_LIBRARY && !file->code_read)
		fputs("  Call sites were not looked for: the code is of a machine that is not "
		      "decoded, or too long.\n",
		      text->out);
	fputc('\n', text->out);
}

static void put_row(const struct text *text, const struct scan_file *file)
{
	put_verdict(text, file->verdict);
	put(text, file->path);
	fputs("  ", text->out);
	put(text, file->reason);
	fputc('\n', text->out);
}

static void put_summary(const struct text *text, const struct scan_result *result)
{
	size_t count[SCAN_VERDICTS] = { 0 };

	for (size_t i = 0; i < result->count; i++)
		count[result->files[i]->verdict]++;
	fprintf(text->out, "\n%zu files:", result->count);
	for (unsigned v = SCAN_VERDICTS; v-- > 0;)
		fprintf(text->out, " %zu %s%s", count[v], scan_verdict_name((enum scan_verdict)v),
			v ? "," : "");
	if (result->seen[SCAN_OTHER])
		fprintf(text->out, "; %zu other files are no programs", result->seen[SCAN_OTHER]);
	fputc('\n', text->out);
}

void scan_text(const struct scan_result *result, FILE *out, bool color)
{
	struct text text = { out, color };

	fprintf(out, "nommu scan   libc %s, image %s, largest block %llu KiB\n\n",
		conf_libc_name(result->options.libc), conf_image_name(result->options.image),
		(unsigned long long)4 << result->options.max_order);
	for (size_t i = 0; i < result->count; i++) {
		if (result->count <= DETAIL_UP_TO)
			put_detail(&text, result->files[i]);
		else
			put_row(&text, result->files[i]);
	}
	if (result->count != 1)
		put_summary(&text, result);
}
