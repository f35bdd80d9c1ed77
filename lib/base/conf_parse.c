/* SPDX-License-Identifier: MIT */
/*
 * conf_parse.c - one value at a time: parse, check
 * its range, or say in one line what would be right.
 */
#include "base/conf.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "base/say.h"

#define MIN_RAM (64u << 10) /* less holds no program */
/* more than any machine without an MMU has, and what the arena may span at most */
#define MAX_RAM (1ULL << 38)
#define MAX_SWAP (1ULL << 43) /* so that the pool is counted in 32-bit pages */
#define MAX_STACK (1ULL << 30)

void conf_defaults(struct conf *conf)
{
	memset(conf, 0, sizeof *conf);
	conf->mode = MODE_RUN;
	conf->profile = PROFILE_STRICT;
	conf->libc = LIBC_UCLIBC;
	conf->image = IMAGE_FDPIC;
	conf->uninitialized = UNINIT_POISON;
	conf->max_order = 10;
	conf->trim = 1;
	conf->ram = 64ULL << 20;
	conf->swap = 1ULL << 30;
}

/*
 * Decimal digits; returns what follows them, or NULL if there is no digit or the number overflows.
 */
static const char *parse_number(const char *text, uint64_t *value)
{
	uint64_t v = 0;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return NULL;
		v = v * 10 + digit;
	}
	*value = v;
	return p == text ? NULL : p;
}

/* 0x... or decimal. */
static const char *parse_address(const char *text, uint64_t *value)
{
	uint64_t v = 0;
	const char *p;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return parse_number(text, value);
	for (p = text + 2;; p++) {
		unsigned digit;

		if (*p >= '0' && *p <= '9')
			digit = (unsigned)(*p - '0');
		else if ((*p | 32) >= 'a' && (*p | 32) <= 'f')
			digit = (unsigned)((*p | 32) - 'a') + 10;
		else
			break;
		if (v >> 60)
			return NULL;
		v = v << 4 | digit;
	}
	*value = v;
	return p == text + 2 ? NULL : p;
}

static const char *parse_suffix(const char *p, uint64_t *value)
{
	unsigned shift = 0;

	if (*p == 'k' || *p == 'K')
		shift = 10;
	else if (*p == 'm' || *p == 'M')
		shift = 20;
	else if (*p == 'g' || *p == 'G')
		shift = 30;
	if (!shift)
		return p;
	if (*value > UINT64_MAX >> shift)
		return NULL;
	*value <<= shift;
	return p + 1;
}

int conf_parse_size(const char *text, uint64_t *bytes)
{
	const char *p = parse_number(text, bytes);

	p = p ? parse_suffix(p, bytes) : NULL;
	return p && !*p ? 0 : -EINVAL;
}

static int set_size(uint64_t *out, const char *name, const char *value, uint64_t least,
		    uint64_t most, char *error)
{
	uint64_t bytes;

	if (conf_parse_size(value, &bytes)) {
		say_format(error, CONF_ERROR_SIZE,
			   "--%s '%s' is not a size; write a number with k, M or G, such as 64M",
			   name, value);
		return -EINVAL;
	}
	if (bytes < least || bytes > most) {
		say_format(error, CONF_ERROR_SIZE, "--%s %s is out of range: from %luk to %luM",
			   name, value, (unsigned long)(least >> 10), (unsigned long)(most >> 20));
		return -EINVAL;
	}
	*out = bytes;
	return 0;
}

static int set_count(uint64_t *out, const char *name, const char *value, uint64_t most, char *error)
{
	const char *end = parse_number(value, out);

	if (end && !*end && *out <= most)
		return 0;
	say_format(error, CONF_ERROR_SIZE, "--%s '%s' is not a number from 0 to %lu", name, value,
		   (unsigned long)most);
	return -EINVAL;
}

static int set_choice(uint8_t *out, const char *name, const char *value, const char *const *names,
		      size_t count, char *error)
{
	size_t len;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], value) == 0) {
			*out = (uint8_t)i;
			return 0;
		}
	}
	len = say_format(error, CONF_ERROR_SIZE, "unknown --%s '%s'; it is one of:", name, value);
	for (size_t i = 0; i < count; i++)
		len += say_format(error + len, CONF_ERROR_SIZE - len, " %s", names[i]);
	return -EINVAL;
}

static int set_path(char *out, const char *name, const char *value, char *error)
{
	if (!*value) {
		say_format(error, CONF_ERROR_SIZE, "--%s '' names nothing", name);
		return -EINVAL;
	}
	if (strlen(value) < CONF_PATH) {
		memcpy(out, value, strlen(value) + 1);
		return 0;
	}
	say_format(error, CONF_ERROR_SIZE, "--%s: the path is longer than %d bytes", name,
		   CONF_PATH - 1);
	return -EINVAL;
}

/* No value on the command line; a variable has one. */
static int set_switch(uint8_t *on, const char *name, const char *value, char *error)
{
	*on = !value || strcmp(value, "1") == 0;
	if (*on || strcmp(value, "0") == 0)
		return 0;
	say_format(error, CONF_ERROR_SIZE, "--%s '%s' is neither 1 nor 0", name, value);
	return -EINVAL;
}

/*
 * Where the counts begin in a line of /proc/buddyinfo, "Node
 * 0, zone   Normal      2      7 ...", or of counts alone.
 */
static const char *after_zone(const char *line)
{
	const char *zone = strncmp(line, "Node ", 5) == 0 ? strstr(line, ", zone ") : NULL;

	if (!zone)
		return line;
	zone += strlen(", zone ");
	zone += strspn(zone, " ");
	return zone + strcspn(zone, " ");
}

static int set_buddyinfo(struct conf *conf, const char *value, char *error)
{
	const char *p = after_zone(value);
	unsigned n = 0;

	memset(conf->free, 0, sizeof conf->free);
	for (;;) {
		uint64_t blocks;

		while (*p == ' ' || *p == '\t')
			p++;
		if (!*p)
			break;
		p = parse_number(p, &blocks);
		if (!p || n == CONF_ORDERS || blocks > UINT32_MAX ||
		    (*p && *p != ' ' && *p != '\t'))
			goto bad;
		conf->free[n++] = (uint32_t)blocks;
	}
	if (n < 1)
		goto bad;
	conf->has_buddyinfo = 1;
	return 0;
bad:
	say_format(error, CONF_ERROR_SIZE,
		   "--buddyinfo '%s': write the counts of free blocks of order 0 and up, "
		   "such as \"2 7 5 4 2 6 3 2 3 3 11\"",
		   value);
	return -EINVAL;
}

static int set_device(struct conf *conf, const char *value, char *error)
{
	struct conf_device *device = &conf->device[conf->devices];
	const char *p;

	if (conf->devices == CONF_DEVICES) {
		say_format(error, CONF_ERROR_SIZE, "--device: at most %d windows", CONF_DEVICES);
		return -EINVAL;
	}
	p = parse_address(value, &device->addr);
	p = p && *p == ',' ? parse_address(p + 1, &device->len) : NULL;
	p = p ? parse_suffix(p, &device->len) : NULL;
	if (!p || *p != ',' || !p[1] || !page_align(device->len) || !page_aligned(device->addr) ||
	    device->addr + page_align(device->len) < device->addr) {
		say_format(
			error, CONF_ERROR_SIZE,
			"--device '%s': write ADDR,SIZE,FILE with a page-aligned address, such as "
			"0x40000000,64k,/tmp/window.bin",
			value);
		return -EINVAL;
	}
	device->len = page_align(device->len);
	if (set_path(device->path, "device", p + 1, error))
		return -EINVAL;
	conf->devices++;
	return 0;
}

static int set_board(struct conf *conf, const char *value, char *error)
{
	const struct conf_board *b;
	size_t len;
	int result = 0;

	for (b = conf_boards; b->name && strcmp(b->name, value) != 0; b++)
		;
	if (!b->name) {
		len = say_format(error, CONF_ERROR_SIZE,
				 "unknown --board '%s'; it is one of:", value);
		for (b = conf_boards; b->name; b++)
			len += say_format(error + len, CONF_ERROR_SIZE - len, " %s", b->name);
		return -EINVAL;
	}
	say_format(conf->board, sizeof conf->board, "%s", b->name);
	result |= conf_set(conf, CONF_RAM, b->ram, error);
	result |= conf_set(conf, CONF_MAX_ORDER, b->max_order, error);
	if (b->stack)
		result |= conf_set(conf, CONF_STACK, b->stack, error);
	if (b->image)
		result |= conf_set(conf, CONF_IMAGE, b->image, error);
	if (b->libc)
		result |= conf_set(conf, CONF_LIBC, b->libc, error);
	return result;
}

/* The values that are one of a few words. */
static int set_word(struct conf *conf, enum conf_option option, const char *value, char *error)
{
	const char *name = conf_options[option].name;

	switch (option) {
	case CONF_PROFILE:
		return set_choice(&conf->profile, name, value, conf_profile_names, PROFILES, error);
	case CONF_LIBC:
		return set_choice(&conf->libc, name, value, conf_libc_names,
				  ARRAY_SIZE(conf_libc_names), error);
	case CONF_IMAGE:
		return set_choice(&conf->image, name, value, conf_image_names,
				  ARRAY_SIZE(conf_image_names), error);
	default:
		return set_choice(&conf->uninitialized, name, value, conf_uninit_names,
				  ARRAY_SIZE(conf_uninit_names), error);
	}
}

static int set_limit(struct conf *conf, enum conf_option option, const char *value, char *error)
{
	const char *name = conf_options[option].name;
	uint64_t count;

	if (option == CONF_TRIM) {
		if (set_count(&count, name, value, UINT32_MAX, error))
			return -EINVAL;
		conf->trim = (uint32_t)count;
		return 0;
	}
	if (set_count(&count, name, value, CONF_ORDERS - 1, error))
		return -EINVAL;
	conf->max_order = (uint8_t)count;
	return 0;
}

int conf_set(struct conf *conf, enum conf_option option, const char *value, char *error)
{
	const char *name = conf_options[option].name;

	switch (option) {
	case CONF_PROFILE:
	case CONF_LIBC:
	case CONF_IMAGE:
	case CONF_UNINITIALIZED:
		return set_word(conf, option, value, error);
	case CONF_RAM:
		conf->has_buddyinfo = 0;
		return set_size(&conf->ram, name, value, MIN_RAM, MAX_RAM, error);
	case CONF_SWAP:
		return set_size(&conf->swap, name, value, 0, MAX_SWAP, error);
	case CONF_BUDDYINFO:
		return set_buddyinfo(conf, value, error);
	case CONF_BOARD:
		return set_board(conf, value, error);
	case CONF_DEVICE:
		return set_device(conf, value, error);
	case CONF_MAX_ORDER:
	case CONF_TRIM:
		return set_limit(conf, option, value, error);
	case CONF_IMAGE_TEXT:
		return set_size(&conf->image_text, name, value, 0, MAX_STACK, error);
	case CONF_IMAGE_DATA:
		return set_size(&conf->image_data, name, value, 0, MAX_STACK, error);
	case CONF_STACK:
		return set_size(&conf->stack, name, value, 1024, MAX_STACK, error);
	case CONF_XIP:
		return set_path(conf->xip, name, value, error);
	case CONF_RECORD:
		return set_path(conf->record, name, value, error);
	case CONF_RECORD_HEAP:
		return set_switch(&conf->record_heap, name, value, error);
	default:
		return 0; /* suppress, report, fail-on: the launcher's own */
	}
}

int conf_finish(struct conf *conf, char *error)
{
	uint64_t pages = 0;

	if (!conf->has_buddyinfo)
		return 0;
	for (unsigned order = 0; order < CONF_ORDERS; order++) {
		if (conf->free[order] && order > conf->max_order) {
			say_format(error, CONF_ERROR_SIZE,
				   "--buddyinfo has blocks of order %u but --max-order is %u",
				   order, conf->max_order);
			return -EINVAL;
		}
		pages += (uint64_t)conf->free[order] << order;
	}
	if (pages < MIN_RAM / NOMMU_PAGE_SIZE || pages > MAX_RAM / NOMMU_PAGE_SIZE) {
		say_format(error, CONF_ERROR_SIZE, "--buddyinfo adds up to %lu pages: out of range",
			   (unsigned long)pages);
		return -EINVAL;
	}
	conf->ram = pages << NOMMU_PAGE_SHIFT;
	return 0;
}
