/* SPDX-License-Identifier: MIT */
/*
 * A million events: text in a second of processor time, HTML below 2 MiB, memory below 200 MiB, and
 * ten million requests a second in a replay. Only the sizes are checked where the sanitizers or a
 * debug build slow it down.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "render/render.h"
#include "support/suite.h"

#if defined(NOMMU_CHECK) || defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define FAST 0
#else
#define FAST 1
#endif

static const char path[] = "limits.rec";

/* In a process of its own: what it needs must not count. */
static void make(const char *shape)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		execl(MAKE_RECORDING, MAKE_RECORDING, shape, path, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static double processor_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

START_TEST(a_million_events_are_reported_at_once)
{
	FILE *text = fopen("/dev/null", "w"), *html = tmpfile();
	char error[REPORT_ERROR_SIZE];
	struct report *report;
	struct rusage usage;
	double start;

	make("events-1000000");
	start = processor_seconds();
	report = report_open();
	ck_assert_int_eq(report_add(report, path, error), 0);
	ck_assert_int_eq(render_report(report, REPORT_TEXT, text, NULL, error), 0);
	if (FAST)
		ck_assert_double_lt(processor_seconds() - start, 1.0);
	ck_assert_int_eq(render_report(report, REPORT_HTML, html, NULL, error), 0);
	ck_assert_int_lt(ftell(html), 2 << 20);
	report_close(report);
	getrusage(RUSAGE_SELF, &usage);
	if (FAST)
		ck_assert_int_lt(usage.ru_maxrss, 200 << 10); /* KiB */
	fclose(text);
	fclose(html);
	unlink(path);
}
END_TEST

START_TEST(a_replay_is_fast)
{
	FILE *null = fopen("/dev/null", "w");
	char error[REPORT_ERROR_SIZE];
	struct fit_found found;
	struct report *report = report_open();

	make("steps-1000000");
	ck_assert_int_eq(report_add(report, path, error), 0);
	ck_assert_int_eq(render_fit(report, REPORT_TEXT, null, NULL, &found, error), 0);
	if (FAST)
		ck_assert_double_gt((double)found.steps / found.seconds, 10e6);
	ck_assert_uint_gt(found.ram_bytes, 0);
	report_close(report);
	fclose(null);
	unlink(path);
}
END_TEST

SUITE("report/limits", ONE(a_million_events_are_reported_at_once), ONE(a_replay_is_fast))
