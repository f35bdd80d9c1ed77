/* SPDX-License-Identifier: MIT */
/*
 * find.c - which file execvp and posix_spawnp will
 * start. May be asked by a vfork child: no allocation.
 */
#include "find.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/raw.h"
#include "base/say.h"

static bool executable(const char *path)
{
	struct stat st;

	return raw_call4(SYS_newfstatat, AT_FDCWD, path, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

const char *find_program(const char *file, char path[FIND_PATH])
{
	const char *list = conf_env(environ, "PATH");
	size_t len;

	if (!file || !*file || strchr(file, '/'))
		return file;
	for (list = list ? list : "/bin:/usr/bin";; list += len + 1) {
		len = strcspn(list, ":");
		if (len + strlen(file) + 2 < FIND_PATH) {
			memcpy(path, list, len);
			say_format(path + len, FIND_PATH - len, "%s%s", len ? "/" : "", file);
			if (executable(path))
				return path;
		}
		if (!list[len])
			return NULL;
	}
}
