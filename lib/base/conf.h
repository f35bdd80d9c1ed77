/* SPDX-License-Identifier: MIT */
/*
 * conf.h - the options of a run: one table (conf.def), one parser for the command line and
 * for the environment, one struct that the creator of a machine fills in and stores in the
 * ledger, so that every later process of the run reads it there and never parses again. No
 * allocation, no libc state.
 */
#ifndef NOMMU_BASE_CONF_H
#define NOMMU_BASE_CONF_H

#include "base/types.h"

#define CONF_ORDERS 20	    /* orders 0..19; the kernel allows max-order up to 19 here */
#define CONF_PATH 512	    /* longest path that a run can be given, with the 0 */
#define CONF_DEVICES 8	    /* most --device windows */
#define CONF_ERROR_SIZE 256 /* room for one line that says what is wrong */

enum conf_option {
#define OPTION(id, name, argument, fallback, help) CONF_##id,
#include "base/conf.def"
#undef OPTION
	CONF_OPTIONS
};

enum conf_mode { MODE_RUN, MODE_AUDIT };
enum conf_libc { LIBC_UCLIBC, LIBC_UCLIBC_SIMPLE, LIBC_MUSL, LIBC_HOST };
enum conf_image { IMAGE_NONE, IMAGE_FDPIC, IMAGE_PIE, IMAGE_FLAT, IMAGE_FLAT_RAM };
enum conf_uninit { UNINIT_STALE, UNINIT_POISON, UNINIT_ZERO };

/* Adding a profile adds an id here, its row in conf.c, and its column in rules.c. */
enum conf_profile { PROFILE_STRICT, PROFILE_LINUX_6_12, PROFILE_HPUX_11_31, PROFILES };

/*
 * What kind of machine a profile is: how memory is kept, and which functions of lib/policy judge.
 */
enum conf_system {
	SYSTEM_NOMMU, /* Linux without an MMU: one arena, page by page */
	SYSTEM_HPUX,  /* HP-UX: virtual memory, of which swap is reserved */
};

/* What a real Linux does that its documentation does not promise; a profile has it or has not. */
enum conf_quirk {
	QUIRK_NOREPLACE_HINT = 1, /* MAP_FIXED_NOREPLACE is not known: a hint (nommu.c:692) */
	QUIRK_WRITTEN_SHARED = 2, /* pages that were written one by one can be mapped shared */
	QUIRK_ONE_ENTRY = 4,	  /* one mapping at an address: the next replaces it */
	QUIRK_UNMAP_BY_END = 8,	  /* of a file: a range that ends with it (nommu.c:1443) */
	QUIRK_OOM_KILLER = 16,	  /* a small request that is not met ends a process */
};

struct conf_device {
	uint64_t addr;	      /* physical address of the window, page aligned */
	uint64_t len;	      /* bytes, page aligned */
	char path[CONF_PATH]; /* file that holds its contents */
};

struct conf {
	uint8_t mode;		    /* enum conf_mode */
	uint8_t profile;	    /* enum conf_profile */
	uint8_t libc;		    /* enum conf_libc */
	uint8_t image;		    /* enum conf_image */
	uint8_t uninitialized;	    /* enum conf_uninit */
	uint8_t max_order;	    /* largest block is 2^max_order pages */
	uint8_t record_heap;	    /* record every heap call */
	uint8_t has_buddyinfo;	    /* free[] is given, ram follows from it */
	uint32_t trim;		    /* vm.nr_trim_pages */
	uint32_t devices;	    /* used entries of device[] */
	uint64_t ram;		    /* bytes free at the start */
	uint64_t swap;		    /* bytes of swap beside the RAM, where the profile has any */
	uint64_t stack;		    /* bytes of main stack, 0: from the image */
	uint64_t image_text;	    /* bytes, 0: from the image */
	uint64_t image_data;	    /* bytes, 0: from the image */
	uint32_t free[CONF_ORDERS]; /* free blocks per order at the start */
	char board[32];		    /* name of the preset that was taken, or empty */
	char xip[CONF_PATH];	    /* directory of directly mapped files, or empty */
	char record[CONF_PATH];	    /* recording to append to, or empty */
	struct conf_device device[CONF_DEVICES];
};

struct conf_option_info {
	const char *name;     /* "max-order" */
	const char *env;      /* "NOMMU_MAX_ORDER" */
	const char *argument; /* "N", or NULL for a switch */
	const char *fallback; /* the default in words */
	const char *help;     /* one sentence */
};

extern const struct conf_option_info conf_options[CONF_OPTIONS];

/* What a run without options is; everything else empty. */
void conf_defaults(struct conf *conf);

/*
 * Takes one option; value is NULL for a switch. Returns 0, or -EINVAL with one line in
 * error (not ended by a newline) that names the option, the value and what would be right.
 * The options that only the launcher acts on (suppress, report, fail-on) are checked by it,
 * not here: they are accepted.
 */
int conf_set(struct conf *conf, enum conf_option option, const char *value, char *error);

/* Takes every NOMMU_* variable of envp that is an option. Unknown NOMMU_ names are left alone. */
int conf_from_environment(struct conf *conf, char *const *envp, char *error);

/* Checks what only the whole can show, and derives ram from free[]. Same result as conf_set(). */
int conf_finish(struct conf *conf, char *error);

/* "64M", "57248k", "1G", "4096" -> bytes. Returns -EINVAL if it is not a size or overflows. */
int conf_parse_size(const char *text, uint64_t *bytes);

/* The value of NAME in envp, or NULL; unlike getenv() usable before libc is ready. */
const char *conf_env(char *const *envp, const char *name);

/* The words for the values, in the order of their enum. */
extern const char *const conf_profile_names[PROFILES];
extern const char *const conf_libc_names[LIBC_HOST + 1];
extern const char *const conf_image_names[IMAGE_FLAT_RAM + 1];
extern const char *const conf_uninit_names[UNINIT_ZERO + 1];

/* "unknown" for what is none. */
const char *conf_profile_name(enum conf_profile profile);
enum conf_system conf_profile_system(enum conf_profile profile);
/* Of enum conf_quirk. */
uint32_t conf_profile_quirks(enum conf_profile profile);
/*
 * Pages of swap that can be reserved: --swap and 7/8 of the RAM; 0 where the profile reserves none.
 */
uint32_t conf_swap_pages(const struct conf *conf);
const char *conf_libc_name(enum conf_libc libc);
const char *conf_image_name(enum conf_image image);

/* A preset; the source says where each figure comes from. */
struct conf_board {
	const char *name;
	const char *ram;       /* as --ram */
	const char *max_order; /* as --max-order */
	const char *stack;     /* as --stack, or NULL */
	const char *image;     /* as --image, or NULL */
	const char *libc;      /* as --libc, or NULL */
	const char *source;    /* where the figures come from */
};

/* The presets, ended by a NULL name. */
extern const struct conf_board conf_boards[];

#endif
