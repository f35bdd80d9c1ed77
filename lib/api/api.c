/* SPDX-License-Identifier: MIT */
/* api.c - nommu/nommu.h over lib/sys: names, units, nothing else. */
#include <errno.h>
#include <nommu/nommu.h>
#include <string.h>

#include "base/say.h"
#include "sys/sys.h"

_Static_assert(NOMMU_PATH_SIZE == CONF_PATH, "the public size is the internal one");
_Static_assert(NOMMU_ERROR_SIZE == CONF_ERROR_SIZE, "the public size is the internal one");
_Static_assert(NOMMU_MAX_ORDERS == CONF_ORDERS, "the public size is the internal one");

#define SITE ((uint64_t)__builtin_return_address(0))

const char *nommu_version(void)
{
	return NOMMU_VERSION;
}

static int set_mode(struct conf *conf, const char *value, char *error)
{
	if (strcmp(value, "run") == 0 || strcmp(value, "audit") == 0) {
		conf->mode = strcmp(value, "audit") == 0 ? MODE_AUDIT : MODE_RUN;
		return 0;
	}
	say_format(error, CONF_ERROR_SIZE, "unknown mode '%s'; it is one of: run audit", value);
	return -EINVAL;
}

static int set_option(struct conf *conf, const char *option, char *error)
{
	const char *equals = strchr(option, '=');
	size_t len = equals ? (size_t)(equals - option) : strlen(option);

	if (len == 4 && strncmp(option, "mode", 4) == 0)
		return set_mode(conf, equals ? equals + 1 : "", error);
	for (unsigned i = 0; i < CONF_OPTIONS; i++) {
		const struct conf_option_info *info = &conf_options[i];

		if (strlen(info->name) != len || strncmp(info->name, option, len) != 0)
			continue;
		if (!equals == !info->argument)
			return conf_set(conf, (enum conf_option)i, equals ? equals + 1 : NULL,
					error);
		say_format(error, CONF_ERROR_SIZE, "option '%s' %s", info->name,
			   equals ? "takes no value" : "needs a value");
		return -EINVAL;
	}
	say_format(error, CONF_ERROR_SIZE, "unknown option '%s'", option);
	return -EINVAL;
}

int nommu_create(const char *const *options, char path[NOMMU_PATH_SIZE],
		 char error[NOMMU_ERROR_SIZE])
{
	struct conf conf;
	int result = 0;

	conf_defaults(&conf);
	for (; !result && options && *options; options++)
		result = set_option(&conf, *options, error);
	if (!result)
		result = conf_finish(&conf, error);
	return result ? result : sys_create(&conf, path, error);
}

int nommu_join(const char *path, char error[NOMMU_ERROR_SIZE])
{
	if (sys_active()) {
		say_format(error, CONF_ERROR_SIZE,
			   "this process is in a machine already: leave that first");
		return -EALREADY;
	}
	return sys_start(path, error);
}

void nommu_leave(void)
{
	sys_stop();
}

void nommu_destroy(void)
{
	sys_destroy();
}

int nommu_active(void)
{
	return sys_active();
}

void nommu_handlers(void)
{
	sys_handlers_exist();
}

long nommu_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd, off_t off)
{
	return sys_mmap(SITE, addr, len, prot, flags, fd, off);
}

long nommu_munmap(uint64_t addr, uint64_t len)
{
	return sys_munmap(SITE, addr, len);
}

long nommu_mremap(uint64_t addr, uint64_t old_len, uint64_t new_len, int flags, uint64_t new_addr)
{
	return sys_mremap(SITE, addr, old_len, new_len, flags, new_addr);
}

long nommu_ftruncate(int fd, off_t len)
{
	return sys_ftruncate(SITE, fd, len);
}

long nommu_shmget(int key, uint64_t size, int flags)
{
	return sys_shmget(SITE, key, size, flags);
}

long nommu_shmat(int id, uint64_t addr, int flags)
{
	return sys_shmat(SITE, id, addr, flags);
}

long nommu_shmdt(uint64_t addr)
{
	return sys_shmdt(SITE, addr);
}

long nommu_shmctl(int id, int command, void *buf)
{
	return sys_shmctl(SITE, id, command, buf);
}

void nommu_statistics(struct nommu_statistics *statistics)
{
	struct sys_figures f;

	memset(statistics, 0, sizeof *statistics);
	if (sys_active())
		sys_reap(); /* what the dead had is free: nobody else may have looked since */
	sys_figures(&f);
	statistics->ram_bytes = f.ram_pages << NOMMU_PAGE_SHIFT;
	statistics->free_bytes = f.free_pages << NOMMU_PAGE_SHIFT;
	statistics->reserve_bytes = f.reserve_pages << NOMMU_PAGE_SHIFT;
	statistics->peak_bytes = f.peak_pages << NOMMU_PAGE_SHIFT;
	statistics->largest_bytes = f.largest_free << NOMMU_PAGE_SHIFT;
	statistics->processes = f.live;
	statistics->refused = f.refused;
	memcpy(statistics->free_blocks, f.free_blocks, sizeof statistics->free_blocks);
}

struct visitor {
	int (*fn)(const struct nommu_mapping *, void *);
	void *context;
};

static int show(const struct sys_mapping *m, void *context)
{
	const struct visitor *visitor = context;
	const struct nommu_mapping mapping = { m->start,  m->end,   m->pid,
					       m->shared, m->inode, m->offset };

	return visitor->fn(&mapping, visitor->context);
}

int nommu_each_mapping(pid_t pid, int (*fn)(const struct nommu_mapping *, void *), void *context)
{
	struct visitor visitor = { fn, context };

	return sys_each_mapping(pid, show, &visitor);
}
