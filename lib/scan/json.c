/* SPDX-License-Identifier: MIT */
/* json.c - the result for programs. The schema is versioned: members are added, never renamed. */
#include "scan/scan.h"

#include <string.h>

#include "kit/emit.h"

#define SCHEMA_VERSION 1

static void finding(struct emit *emit, const struct scan_finding *f)
{
	const struct rule *rule = rule_get(f->rule);

	emit_object(emit, NULL);
	emit_string(emit, "rule", rule->name);
	emit_string(emit, "severity", rule_severity_name(f->severity));
	emit_string(emit, "call", f->call);
	emit_uint(emit, "count", f->count);
	emit_string(emit, "evidence", f->evidence);
	emit_string(emit, "hint", rule->hint);
	emit_string(emit, "library", f->library);
	emit_list(emit, "sites");
	for (unsigned i = 0; i < f->site_count; i++) {
		emit_object(emit, NULL);
		emit_hex(emit, "address", f->sites[i].addr);
		emit_string(emit, "function", f->sites[i].function);
		emit_string(emit, "file", f->sites[i].file);
		if (f->sites[i].file)
			emit_uint(emit, "line", f->sites[i].line);
		emit_end(emit);
	}
	emit_end(emit);
	emit_end(emit);
}

static void costs(struct emit *emit, const struct scan_file *file)
{
	emit_object(emit, "image");
	for (unsigned i = IMAGE_FDPIC; i <= IMAGE_FLAT_RAM; i++) {
		if (!file->cost[i].ram) /* a flat file is made for one model */
			continue;
		emit_object(emit, conf_image_name((enum conf_image)i));
		emit_uint(emit, "ram_bytes", file->cost[i].ram);
		emit_uint(emit, "largest_block_bytes", file->cost[i].block);
		emit_end(emit);
	}
	emit_uint(emit, "stack_bytes", file->stack);
	emit_end(emit);
}

static void libraries(struct emit *emit, const struct scan_file *file)
{
	emit_list(emit, "libraries");
	for (const struct scan_library *l = file->libraries; l; l = l->next) {
		emit_object(emit, NULL);
		emit_string(emit, "name", l->name);
		emit_string(emit, "path", l->path);
		emit_bool(emit, "of_the_target", l->target);
		emit_string(emit, "needs_mmu", l->reason);
		emit_end(emit);
	}
	emit_end(emit);
}

static void one_file(struct emit *emit, const struct scan_file *file)
{
	emit_object(emit, NULL);
	emit_string(emit, "path", file->path);
	emit_string(emit, "package", file->package);
	emit_string(emit, "kind", scan_kind_name(file->kind));
	emit_string(emit, "machine", file->machine);
	/* One of the contract's four, or "not-judged": then reason says why. */
	emit_string(emit, "verdict", scan_verdict_name(file->verdict));
	emit_string(emit, "reason", file->reason);
	emit_bool(emit, "fdpic", file->fdpic);
	emit_bool(emit, "stripped", file->stripped);
	emit_bool(emit, "code_read", file->code_read);
	emit_list(emit, "findings");
	for (const struct scan_finding *f = file->findings; f; f = f->next)
		finding(emit, f);
	emit_end(emit);
	if (file->cost[IMAGE_FDPIC].ram || (file->kind == SCAN_FLAT && file->verdict))
		costs(emit, file);
	libraries(emit, file);
	emit_end(emit);
}

/* The verdict of a folder or package is the worst of what is in it. */
struct group {
	char *name;
	size_t count[SCAN_VERDICTS];
};

static void group_end(struct emit *emit, const char *name, size_t length, const size_t *count)
{
	char text[4096];
	unsigned worst = 0;

	if (!length || length >= sizeof(text))
		return;
	memcpy(text, name, length);
	text[length] = 0;
	emit_object(emit, NULL);
	emit_string(emit, "path", text);
	for (unsigned v = 0; v < SCAN_VERDICTS; v++)
		worst = count[v] ? v : worst;
	emit_string(emit, "verdict", scan_verdict_name((enum scan_verdict)worst));
	for (unsigned v = 0; v < SCAN_VERDICTS; v++)
		emit_uint(emit, scan_verdict_name((enum scan_verdict)v), count[v]);
	emit_end(emit);
}

/* Files are sorted by path, so those of one folder stand together but for folders inside it. */
static void groups(struct emit *emit, const struct scan_result *result)
{
	const char *name = NULL;
	size_t length = 0, count[SCAN_VERDICTS] = { 0 };

	emit_list(emit, "groups");
	for (size_t i = 0; i < result->count; i++) {
		const struct scan_file *file = result->files[i];
		const char *dir = file->package ? file->package : file->path;
		const char *slash = strrchr(dir, '/');
		size_t dir_length = file->package ? strlen(dir) : slash ? (size_t)(slash - dir) : 0;

		if (!name || dir_length != length || memcmp(name, dir, length)) {
			if (name)
				group_end(emit, name, length, count);
			memset(count, 0, sizeof(count));
			name = dir;
			length = dir_length;
		}
		count[file->verdict]++;
	}
	if (name)
		group_end(emit, name, length, count);
	emit_end(emit);
}

void scan_json(const struct scan_result *result, FILE *out)
{
	struct emit emit;

	emit_start(&emit, out);
	emit_object(&emit, NULL);
	emit_uint(&emit, "schema_version", SCHEMA_VERSION);
	emit_string(&emit, "tool", "nommu scan");
	emit_string(&emit, "version", NOMMU_VERSION);
	emit_string(&emit, "libc", conf_libc_name(result->options.libc));
	emit_string(&emit, "image_model", conf_image_name(result->options.image));
	emit_uint(&emit, "max_order", result->options.max_order);
	emit_uint(&emit, "other_files", result->seen[SCAN_OTHER]);
	emit_list(&emit, "files");
	for (size_t i = 0; i < result->count; i++)
		one_file(&emit, result->files[i]);
	emit_end(&emit);
	groups(&emit, result);
	emit_end(&emit);
	fputc('\n', out);
}
