/* SPDX-License-Identifier: MIT */
/*
 * check_suite.c - a Check test suite whose tests fail where a call would be refused without an MMU.
 * Run: build/examples/check_suite                          both pass: nobody looks
 *      nommu audit build/examples/check_suite              the second fails, with the rule
 *      CK_FORK=no nommu run build/examples/check_suite     the same, and its mmap really fails
 */
#include <check.h>
#include <nommu/testing.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1UL << 20)

/* Code under test: a buffer in one piece, or in pieces. */
static int buffer_of(unsigned pieces)
{
	for (unsigned i = 0; i < pieces; i++) {
		void *piece = mmap(NULL, 8 * MIB / pieces, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (piece == MAP_FAILED)
			return -1;
		munmap(piece, 8 * MIB / pieces);
	}
	return 0;
}

START_TEST(buffer_in_pieces)
{
	NOMMU_ASSERT_PORTABLE(ck_assert_int_eq(buffer_of(8), 0));
}
END_TEST

START_TEST(buffer_in_one_piece)
{
	NOMMU_ASSERT_PORTABLE(buffer_of(1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create(nommu_in_front() ? "with nommu in front" : "plain");
	TCase *tcase = tcase_create("buffers");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, buffer_in_pieces);
	tcase_add_test(tcase, buffer_in_one_piece);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
