/* SPDX-License-Identifier: MIT */
/*
 * Every option with values that are taken and values
 * that are refused, from both sides of each limit.
 */
#include <errno.h>
#include <string.h>

#include "base/conf.h"
#include "support/suite.h"

struct row {
	enum conf_option option;
	const char *value;
	int result;
	const char *says; /* a part of the error */
};

static const struct row rows[] = {
	{ CONF_PROFILE, "strict", 0, NULL },
	{ CONF_PROFILE, "linux-6.12", 0, NULL },
	{ CONF_PROFILE, "hpux-11.31", 0, NULL },
	{ CONF_PROFILE, "hpux", -EINVAL, "strict linux-6.12 hpux-11.31" },
	{ CONF_PROFILE, "Strict", -EINVAL, "unknown --profile 'Strict'" },
	{ CONF_PROFILE, "", -EINVAL, "unknown --profile" },
	{ CONF_RAM, "64M", 0, NULL },
	{ CONF_RAM, "57248k", 0, NULL },
	{ CONF_RAM, "1G", 0, NULL },
	{ CONF_RAM, "65536", 0, NULL },
	{ CONF_RAM, "65535", -EINVAL, "out of range" },
	{ CONF_RAM, "256G", 0, NULL },
	{ CONF_RAM, "257G", -EINVAL, "out of range" },
	{ CONF_RAM, "18446744073709551615G", -EINVAL, "not a size" },
	{ CONF_RAM, "99999999999999999999", -EINVAL, "not a size" },
	{ CONF_RAM, "64MB", -EINVAL, "such as 64M" },
	{ CONF_RAM, "-1", -EINVAL, "not a size" },
	{ CONF_RAM, "", -EINVAL, "not a size" },
	{ CONF_RAM, "M", -EINVAL, "not a size" },
	{ CONF_RAM, " 64M", -EINVAL, "not a size" },
	{ CONF_SWAP, "0", 0, NULL },
	{ CONF_SWAP, "8192G", 0, NULL },
	{ CONF_SWAP, "8193G", -EINVAL, "out of range" },
	{ CONF_SWAP, "much", -EINVAL, "not a size" },
	{ CONF_BUDDYINFO, "2 7 5 4 2 6 3 2 3 3 11", 0, NULL },
	{ CONF_BUDDYINFO, "  2\t7  ", 0, NULL },
	{ CONF_BUDDYINFO, "Node 0, zone   Normal      2      7      5 ", 0, NULL },
	{ CONF_BUDDYINFO, "Node 0, zone   Normal", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "Node 0", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "  ", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "2,7,5", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "2 x", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "4294967296", -EINVAL, "write the counts" },
	{ CONF_BUDDYINFO, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", 0, NULL },
	{ CONF_BUDDYINFO, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", -EINVAL,
	  "write the counts" },
	{ CONF_BOARD, "qemu-riscv-virt", 0, NULL },
	{ CONF_BOARD, "k210", 0, NULL },
	{ CONF_BOARD, "pdp-11", -EINVAL, "qemu-riscv-virt" },
	{ CONF_DEVICE, "0x40000000,64k,/tmp/window.bin", 0, NULL },
	{ CONF_DEVICE, "1073741824,4096,w", 0, NULL },
	{ CONF_DEVICE, "0x40000001,64k,w", -EINVAL, "page-aligned" },
	{ CONF_DEVICE, "0x40000000,0,w", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_DEVICE, "0x40000000,64k,", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_DEVICE, "0x40000000,64k", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_DEVICE, "0xfffffffffffff000,8k,w", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_DEVICE, "0x1000,18446744073709551615,w", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_DEVICE, "0x,64k,w", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_DEVICE, "0x10000000000000000,64k,w", -EINVAL, "ADDR,SIZE,FILE" },
	{ CONF_SUPPRESS, "anything", 0, NULL },
	{ CONF_MAX_ORDER, "0", 0, NULL },
	{ CONF_MAX_ORDER, "19", 0, NULL },
	{ CONF_MAX_ORDER, "20", -EINVAL, "from 0 to 19" },
	{ CONF_MAX_ORDER, "ten", -EINVAL, "not a number" },
	{ CONF_TRIM, "0", 0, NULL },
	{ CONF_TRIM, "4294967295", 0, NULL },
	{ CONF_TRIM, "4294967296", -EINVAL, "not a number" },
	{ CONF_TRIM, "1k", -EINVAL, "not a number" },
	{ CONF_LIBC, "uclibc", 0, NULL },
	{ CONF_LIBC, "uclibc-simple", 0, NULL },
	{ CONF_LIBC, "musl", 0, NULL },
	{ CONF_LIBC, "host", 0, NULL },
	{ CONF_LIBC, "glibc", -EINVAL, "uclibc uclibc-simple musl host" },
	{ CONF_IMAGE, "none", 0, NULL },
	{ CONF_IMAGE, "fdpic", 0, NULL },
	{ CONF_IMAGE, "pie", 0, NULL },
	{ CONF_IMAGE, "flat", 0, NULL },
	{ CONF_IMAGE, "flat-ram", 0, NULL },
	{ CONF_IMAGE, "elf", -EINVAL, "flat-ram" },
	{ CONF_IMAGE_TEXT, "120k", 0, NULL },
	{ CONF_IMAGE_TEXT, "2G", -EINVAL, "out of range" },
	{ CONF_IMAGE_DATA, "0", 0, NULL },
	{ CONF_IMAGE_DATA, "many", -EINVAL, "not a size" },
	{ CONF_STACK, "1k", 0, NULL },
	{ CONF_STACK, "1023", -EINVAL, "out of range" },
	{ CONF_STACK, "1G", 0, NULL },
	{ CONF_STACK, "1025M", -EINVAL, "out of range" },
	{ CONF_UNINITIALIZED, "stale", 0, NULL },
	{ CONF_UNINITIALIZED, "poison", 0, NULL },
	{ CONF_UNINITIALIZED, "zero", 0, NULL },
	{ CONF_UNINITIALIZED, "0", -EINVAL, "stale poison zero" },
	{ CONF_XIP, "/rom", 0, NULL },
	{ CONF_RECORD, "run.rec", 0, NULL },
	{ CONF_RECORD, "", -EINVAL, "names nothing" },
	{ CONF_XIP, "", -EINVAL, "names nothing" },
	{ CONF_RECORD_HEAP, NULL, 0, NULL },
	{ CONF_RECORD_HEAP, "1", 0, NULL },
	{ CONF_RECORD_HEAP, "0", 0, NULL },
	{ CONF_RECORD_HEAP, "no", -EINVAL, "neither 1 nor 0" },
	{ CONF_REPORT, "r.txt", 0, NULL },
	{ CONF_FAIL_ON, "error", 0, NULL },
};

START_TEST(value_is_taken_or_refused_with_one_line)
{
	const struct row *row = &rows[_i];
	char error[CONF_ERROR_SIZE] = "";
	struct conf conf;

	conf_defaults(&conf);
	ck_assert_msg(conf_set(&conf, row->option, row->value, error) == row->result,
		      "--%s '%s': %s", conf_options[row->option].name, row->value, error);
	if (row->says)
		ck_assert_msg(strstr(error, row->says), "--%s '%s' says: %s",
			      conf_options[row->option].name, row->value, error);
	ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

START_TEST(every_option_has_a_row)
{
	for (unsigned option = 0; option < CONF_OPTIONS; option++) {
		bool found = false;

		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			found |= rows[i].option == option;
		ck_assert_msg(found, "--%s has no row", conf_options[option].name);
	}
}
END_TEST

START_TEST(every_option_is_named_alike_on_both_sides)
{
	for (unsigned option = 0; option < CONF_OPTIONS; option++) {
		const struct conf_option_info *info = &conf_options[option];

		ck_assert_int_eq(strncmp(info->env, "NOMMU_", 6), 0);
		ck_assert_uint_eq(strlen(info->env + 6), strlen(info->name));
		for (size_t i = 0; info->name[i]; i++)
			ck_assert_int_eq(info->env[6 + i] | 32,
					 info->name[i] == '-' ? '_' | 32 : info->name[i]);
		ck_assert(info->help[0] && info->fallback[0]);
	}
}
END_TEST

START_TEST(values_arrive)
{
	char error[CONF_ERROR_SIZE];
	struct conf conf;

	conf_defaults(&conf);
	ck_assert_uint_eq(conf.ram, 64ULL << 20);
	ck_assert_uint_eq(conf.max_order, 10);
	ck_assert_uint_eq(conf.trim, 1);
	ck_assert_uint_eq(conf.uninitialized, UNINIT_POISON);
	ck_assert_int_eq(conf_set(&conf, CONF_RAM, "57248k", error), 0);
	ck_assert_int_eq(conf_set(&conf, CONF_PROFILE, "linux-6.12", error), 0);
	ck_assert_int_eq(conf_set(&conf, CONF_LIBC, "musl", error), 0);
	ck_assert_int_eq(conf_set(&conf, CONF_IMAGE, "flat-ram", error), 0);
	ck_assert_int_eq(conf_set(&conf, CONF_XIP, "/rom", error), 0);
	ck_assert_int_eq(conf_set(&conf, CONF_DEVICE, "0x40000000,5000,w", error), 0);
	ck_assert_uint_eq(conf.ram, 57248ULL << 10);
	ck_assert_uint_eq(conf.profile, PROFILE_LINUX_6_12);
	ck_assert_uint_eq(conf.libc, LIBC_MUSL);
	ck_assert_uint_eq(conf.image, IMAGE_FLAT_RAM);
	ck_assert_str_eq(conf.xip, "/rom");
	ck_assert_uint_eq(conf.devices, 1);
	ck_assert_uint_eq(conf.device[0].addr, 0x40000000);
	ck_assert_uint_eq(conf.device[0].len, 8192);
	ck_assert_str_eq(conf.device[0].path, "w");
}
END_TEST

START_TEST(ninth_device_is_refused)
{
	char error[CONF_ERROR_SIZE];
	struct conf conf;

	conf_defaults(&conf);
	for (unsigned i = 0; i < CONF_DEVICES; i++)
		ck_assert_int_eq(conf_set(&conf, CONF_DEVICE, "0,4k,w", error), 0);
	ck_assert_int_eq(conf_set(&conf, CONF_DEVICE, "0,4k,w", error), -EINVAL);
	ck_assert(strstr(error, "at most 8"));
}
END_TEST

START_TEST(path_is_never_cut)
{
	char error[CONF_ERROR_SIZE], path[CONF_PATH + 1];
	struct conf conf;

	conf_defaults(&conf);
	memset(path, 'x', CONF_PATH);
	path[CONF_PATH] = '\0';
	ck_assert_int_eq(conf_set(&conf, CONF_RECORD, path, error), -EINVAL);
	path[CONF_PATH - 1] = '\0';
	ck_assert_int_eq(conf_set(&conf, CONF_RECORD, path, error), 0);
	ck_assert_str_eq(conf.record, path);
}
END_TEST

START_TEST(long_nonsense_fits_the_error)
{
	char error[CONF_ERROR_SIZE], value[4096];
	struct conf conf;

	conf_defaults(&conf);
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (unsigned option = 0; option < CONF_OPTIONS; option++) {
		memset(error, '#', sizeof error);
		if (conf_set(&conf, (enum conf_option)option, value, error))
			ck_assert_ptr_nonnull(memchr(error, '\0', sizeof error));
	}
}
END_TEST

START_TEST(environment_sets_the_board_first)
{
	char *envp[] = { "NOMMU_RAM=8M",   "HOME=/",	     "NOMMU_BOARD=k210",
			 "NOMMU_LEDGER=x", "NOMMU_PROFILE=", NULL };
	char error[CONF_ERROR_SIZE] = "";
	struct conf conf;

	conf_defaults(&conf);
	ck_assert_int_eq(conf_from_environment(&conf, envp, error), 0);
	ck_assert_uint_eq(conf.ram, 8ULL << 20);
	ck_assert_uint_eq(conf.image, IMAGE_FLAT);
	ck_assert_str_eq(conf.board, "k210");
}
END_TEST

START_TEST(environment_names_the_variable_at_fault)
{
	char *envp[] = { "NOMMU_RAM=lots", NULL };
	char error[CONF_ERROR_SIZE] = "";
	struct conf conf;

	conf_defaults(&conf);
	ck_assert_int_eq(conf_from_environment(&conf, envp, error), -EINVAL);
	ck_assert(strstr(error, "NOMMU_RAM"));
	ck_assert_ptr_null(conf_env(envp, "NOMMU_RA"));
	ck_assert_str_eq(conf_env(envp, "NOMMU_RAM"), "lots");
	ck_assert_ptr_null(conf_env(NULL, "NOMMU_RAM"));
}
END_TEST

START_TEST(every_board_is_a_machine)
{
	for (const struct conf_board *b = conf_boards; b->name; b++) {
		char error[CONF_ERROR_SIZE] = "";
		struct conf conf;

		conf_defaults(&conf);
		ck_assert_msg(conf_set(&conf, CONF_BOARD, b->name, error) == 0, "%s", error);
		ck_assert_int_eq(conf_finish(&conf, error), 0);
		ck_assert_str_eq(conf.board, b->name);
		ck_assert(b->source[0]);
	}
}
END_TEST

START_TEST(ram_follows_from_the_free_lists)
{
	char error[CONF_ERROR_SIZE] = "";
	struct conf conf;

	conf_defaults(&conf);
	ck_assert_int_eq(conf_set(&conf, CONF_BUDDYINFO, "0 0 0 0 4 2", error), 0);
	ck_assert_int_eq(conf_finish(&conf, error), 0);
	ck_assert_uint_eq(conf.ram, (4 * 16 + 2 * 32) * 4096);
	ck_assert_int_eq(conf_set(&conf, CONF_BUDDYINFO,
				  "Node 0, zone      DMA      0      0     0   0    4     1",
				  error),
			 0);
	ck_assert_int_eq(conf_finish(&conf, error), 0);
	ck_assert_uint_eq(conf.ram, (4 * 16 + 32) * 4096);
	ck_assert_int_eq(conf_set(&conf, CONF_RAM, "8M", error), 0);
	ck_assert_int_eq(conf_finish(&conf, error), 0);
	ck_assert_uint_eq(conf.ram, 8 << 20);
}
END_TEST

START_TEST(free_lists_must_fit_max_order_and_hold_a_program)
{
	char error[CONF_ERROR_SIZE] = "";
	struct conf conf;

	conf_defaults(&conf);
	conf_set(&conf, CONF_BUDDYINFO, "0 0 0 0 4 2", error);
	conf_set(&conf, CONF_MAX_ORDER, "4", error);
	ck_assert_int_eq(conf_finish(&conf, error), -EINVAL);
	ck_assert(strstr(error, "order 5"));
	conf_set(&conf, CONF_BUDDYINFO, "1 1", error);
	ck_assert_int_eq(conf_finish(&conf, error), -EINVAL);
	ck_assert(strstr(error, "3 pages"));
}
END_TEST

START_TEST(unknown_values_have_a_name)
{
	ck_assert_str_eq(conf_profile_name(PROFILES), "unknown");
	ck_assert_str_eq(conf_libc_name((enum conf_libc)99), "unknown");
	ck_assert_str_eq(conf_image_name((enum conf_image)99), "unknown");
	ck_assert_str_eq(conf_profile_name(PROFILE_LINUX_6_12), "linux-6.12");
}
END_TEST

SUITE("base/conf", LOOP(value_is_taken_or_refused_with_one_line, ARRAY_SIZE(rows)),
      ONE(every_option_has_a_row), ONE(every_option_is_named_alike_on_both_sides),
      ONE(values_arrive), ONE(ninth_device_is_refused), ONE(path_is_never_cut),
      ONE(long_nonsense_fits_the_error), ONE(environment_sets_the_board_first),
      ONE(environment_names_the_variable_at_fault), ONE(every_board_is_a_machine),
      ONE(ram_follows_from_the_free_lists), ONE(free_lists_must_fit_max_order_and_hold_a_program),
      ONE(unknown_values_have_a_name))
