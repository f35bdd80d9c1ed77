/* SPDX-License-Identifier: MIT */
/*
 * launch_library.c - where the library is, under a name that LD_PRELOAD can hold: the loader splits
 * the variable at spaces and colons and expands $, so an installation below such a path is reached
 * through a symbolic link in a private folder.
 */
#include "cmd.h"
#include "launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/say.h"

#define LIBRARY "libnommu_preload.so"
#define UNFIT " \t\n:$" /* characters that LD_PRELOAD cannot hold in a path */

int launch_scratch(struct launch *l)
{
	const char *places[] = { getenv("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm" };

	if (l->scratch[0])
		return CMD_OK;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *place = places[i];

		if (!place || place[0] != '/' || strpbrk(place, UNFIT) ||
		    strlen(place) + sizeof "/nommu-XXXXXX" > sizeof l->scratch)
			continue;
		say_format(l->scratch, sizeof l->scratch, "%s/nommu-XXXXXX", place);
		if (mkdtemp(l->scratch))
			return CMD_OK;
	}
	l->scratch[0] = '\0';
	say("no place for temporary files: neither $TMPDIR nor /tmp, /var/tmp, /dev/shm can be "
	    "written");
	return CMD_FAILED;
}

static bool is_there(struct launch *l, const char *folder, size_t len, const char *below)
{
	int n = snprintf(l->library, sizeof l->library, "%.*s%s/" LIBRARY, (int)len, folder, below);

	return n > 0 && (size_t)n < sizeof l->library && access(l->library, R_OK) == 0;
}

static int link_library(struct launch *l)
{
	char target[PATH_MAX];
	int status = launch_scratch(l);

	if (status)
		return status;
	memcpy(target, l->library, sizeof target);
	say_format(l->library, sizeof l->library, "%s/" LIBRARY, l->scratch);
	if (symlink(target, l->library) == 0)
		return CMD_OK;
	say("cannot make %s: %s", l->library, strerrordesc_np(errno));
	return CMD_FAILED;
}

int launch_library(struct launch *l)
{
	static const char *const below[] = { "", "/../lib", ("/../" NOMMU_LIBDIR) };
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len <= 0) {
		say("cannot read /proc/self/exe: is /proc mounted?");
		return CMD_FAILED;
	}
	self[len] = '\0';
	len = strrchr(self, '/') - self;
	for (size_t i = 0; i < ARRAY_SIZE(below); i++)
		if (is_there(l, self, (size_t)len, below[i]))
			return strpbrk(l->library, UNFIT) ? link_library(l) : CMD_OK;
	self[len] = '\0';
	say("cannot find " LIBRARY " in %s or %s/../lib; install both together", self, self);
	return CMD_FAILED;
}

void launch_clean(struct launch *l)
{
	char path[sizeof l->scratch + 32];

	if (!l->scratch[0])
		return;
	say_format(path, sizeof path, "%s/" LIBRARY, l->scratch);
	unlink(path);
	say_format(path, sizeof path, "%s/recording", l->scratch);
	unlink(path);
	rmdir(l->scratch);
}
