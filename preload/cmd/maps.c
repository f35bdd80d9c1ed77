/* SPDX-License-Identifier: MIT */
/*
 * maps.c - `nommu maps [RUN]`: the mappings of a live run as a no-MMU kernel's /proc/PID/maps shows
 * them (fs/proc/task_nommu.c), and the free lists as its /proc/buddyinfo does.
 */
#include "cmd.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "sys/sys.h"

#define LEDGERS "/dev/shm"

static int print_usage(void)
{
	puts("usage: nommu maps [RUN]\n\n"
	     "RUN is the process id of a process of the run, or the path of its ledger\n"
	     "(NOMMU_LEDGER); it may be left out where there is exactly one run.");
	return CMD_OK;
}

/* The launcher's children have it in their environment. */
static bool ledger_of_environment(int pid, char *path)
{
	char name[64];
	char *entry = NULL;
	size_t size = 0;
	bool found = false;
	FILE *file;

	say_format(name, sizeof name, "/proc/%d/environ", pid);
	file = fopen(name, "re");
	while (file && !found && getdelim(&entry, &size, '\0', file) > 0) {
		found = strncmp(entry, "NOMMU_LEDGER=", 13) == 0;
		if (found)
			say_format(path, CONF_PATH, "%s", entry + 13);
	}
	free(entry);
	if (file)
		fclose(file);
	return found;
}

/* Without a launcher the first process makes the ledger: it is among its mappings. */
static bool ledger_of_maps(int pid, char *path)
{
	char name[64];
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *file;

	say_format(name, sizeof name, "/proc/%d/maps", pid);
	file = fopen(name, "re");
	while (file && !found && getline(&line, &size, file) > 0) {
		char *at = strstr(line, LEDGERS "/nommu-");

		found = at && !strstr(at, " (deleted)");
		if (found) {
			at[strcspn(at, "\n")] = '\0';
			say_format(path, CONF_PATH, "%s", at);
		}
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

static int find_by_pid(const char *text, char *path, int *pid)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end || number <= 0 || number > INT32_MAX) {
		say("'%s' is neither a process id nor the path of a ledger", text);
		return CMD_FAILED;
	}
	*pid = (int)number;
	if (kill(*pid, 0) != 0 && errno == ESRCH) {
		say("there is no process %d", *pid);
		return CMD_FAILED;
	}
	if (ledger_of_maps(*pid, path) || ledger_of_environment(*pid, path))
		return CMD_OK;
	say("process %d is not in a run of nommu, or belongs to another user", *pid);
	return CMD_FAILED;
}

static int find_only(char *path)
{
	char prefix[32];
	unsigned count = 0;
	struct dirent *entry;
	DIR *folder = opendir(LEDGERS);

	say_format(prefix, sizeof prefix, "nommu-%u-", (unsigned)geteuid());
	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && !count++)
			say_format(path, CONF_PATH, LEDGERS "/%s", entry->d_name);
	if (folder)
		closedir(folder);
	if (count == 1)
		return CMD_OK;
	if (count)
		say("%u runs are live: name one by the id of a process in it", count);
	else
		say("no run is live in " LEDGERS "; name it by the id of a process in it");
	return CMD_FAILED;
}

static const char *kind_name(uint32_t kind)
{
	static const char *const names[NOMMU_KINDS] = {
		[NOMMU_KIND_MAPPING] = "",	  [NOMMU_KIND_FILE] = "[file]",
		[NOMMU_KIND_SHARED] = "[shared]", [NOMMU_KIND_HEAP] = "[heap]",
		[NOMMU_KIND_STACK] = "[stack]",	  [NOMMU_KIND_IMAGE] = "[image]",
	};

	return kind < NOMMU_KINDS ? names[kind] : "";
}

/* All mappings, to be shown by process and address as the kernel does. */
struct list {
	struct sys_mapping *mapping;
	size_t count, size;
};

static int collect(const struct sys_mapping *m, void *context)
{
	struct list *list = context;

	if (list->count == list->size) {
		size_t size = list->size ? 2 * list->size : 256;
		struct sys_mapping *more = reallocarray(list->mapping, size, sizeof *more);

		if (!more)
			return 1;
		list->mapping = more;
		list->size = size;
	}
	list->mapping[list->count++] = *m;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct sys_mapping *a = left, *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

/* The path of an inode, from what the host has mapped of it in the same process; "" if nothing. */
static void find_path(int pid, uint64_t inode, char *path, size_t size)
{
	char *line = NULL;
	size_t room = 0;
	char name[64];
	FILE *file;

	path[0] = '\0';
	say_format(name, sizeof name, "/proc/%d/maps", pid);
	file = inode ? fopen(name, "re") : NULL;
	while (file && !path[0] && getline(&line, &room, file) > 0) {
		unsigned long found = 0;
		int at = 0;

		if (sscanf(line, "%*s %*s %*s %*s %lu %n", &found, &at) == 1 && found == inode &&
		    at) {
			line[strcspn(line, "\n")] = '\0';
			say_format(path, size, "%s", line + at);
		}
	}
	free(line);
	if (file)
		fclose(file);
}

static void print_mapping(const struct sys_mapping *m)
{
	char path[PATH_MAX];

	find_path(m->pid, m->inode, path, sizeof path);
	printf("%08lx-%08lx rwx%c %08lx 00:00 %-10lu %s", (unsigned long)m->start,
	       (unsigned long)m->end, m->shared ? 's' : 'p', (unsigned long)m->offset,
	       (unsigned long)m->inode, path[0] ? path : kind_name(m->kind));
	if (m->users > 1)
		printf(" %u users", m->users);
	putchar('\n');
}

static int print_mappings(int pid)
{
	struct list list = { 0 };
	bool complete = sys_each_mapping(pid, collect, &list) == 0;

	qsort(list.mapping, list.count, sizeof *list.mapping, compare);
	for (size_t i = 0; i < list.count; i++) {
		if (i == 0 || list.mapping[i].pid != list.mapping[i - 1].pid)
			printf("process %d\n", list.mapping[i].pid);
		print_mapping(&list.mapping[i]);
	}
	free(list.mapping);
	if (complete)
		return CMD_OK;
	say("there is no memory for all mappings");
	return CMD_FAILED;
}

static void print_machine(const struct sys_figures *f)
{
	unsigned orders = sys_conf()->max_order + 1u;

	if (f->swap_pages) {
		printf("\nswap %luk free of %luk, %lu processes\n",
		       (unsigned long)(f->free_pages << 2), (unsigned long)(f->swap_pages << 2),
		       (unsigned long)f->live);
		return;
	}
	printf("\nNode 0, zone   Normal");
	for (unsigned order = 0; order < orders; order++)
		printf(" %6u", f->free_blocks[order]);
	printf("\nfree %luk of %luk (%luk kept back), largest block %luk, %lu processes\n",
	       (unsigned long)(f->free_pages << 2), (unsigned long)(f->ram_pages << 2),
	       (unsigned long)(f->reserve_pages << 2), (unsigned long)(f->largest_free << 2),
	       (unsigned long)f->live);
}

int cmd_maps(int argc, char **argv)
{
	struct sys_figures figures;
	char error[CONF_ERROR_SIZE];
	char path[CONF_PATH];
	int pid = 0, status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage();
	if (argc > 2) {
		say("maps takes one run: the id of a process in it, or the path of its ledger");
		return CMD_FAILED;
	}
	if (argc == 1)
		status = find_only(path);
	else if (strchr(argv[1], '/'))
		status = say_format(path, sizeof path, "%s", argv[1]) ? CMD_OK : CMD_FAILED;
	else
		status = find_by_pid(argv[1], path, &pid);
	if (status)
		return status;
	if (sys_watch(path, error)) {
		say("%s", error);
		return CMD_FAILED;
	}
	sys_reap();
	status = print_mappings(pid);
	sys_figures(&figures);
	print_machine(&figures);
	return status;
}
