/* SPDX-License-Identifier: MIT */
/*
 * programs.c - whole programs of this machine in audit, with a recording, against the same
 * without nommu: processor time of the program and its children, in turns, the median of the
 * ratios. The first process makes the machine; the report, which nommu audit makes afterwards,
 * does not count. Output must be the same.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

#define PAIRS 9

/* Of the work folder, which is the current one. */
#define TEXT "text"
#define SOURCE "source.c"

static const struct program {
	const char *name;
	const char *argv[8];
} programs[] = {
	{ "xz", { "/usr/bin/xz", "-c", "-T1", "-4", TEXT } },
	{ "gcc", { "/usr/bin/gcc", "-O1", "-c", "-o", "/dev/null", SOURCE } },
	{ "python3",
	  { "/usr/bin/python3", "-c",
	    "import json, re\n"
	    "t = open('text').read()\n"
	    "d = {}\n"
	    "for w in re.findall('[a-z]+[0-9]+', t): d[w] = d.get(w, 0) + 1\n"
	    "s = json.dumps(sorted(d.items()))\n"
	    "print(len(json.loads(s)))\n" } },
	{ "sort", { "/usr/bin/sort", "--parallel=1", TEXT } },
	{ "perl",
	  { "/usr/bin/perl", "-e",
	    "open F, 'text'; while (<F>) { $n{$_}++ for split } "
	    "print join(' ', map { \"$_ $n{$_}\" } (sort keys %n)[0 .. 99]), \"\\n\"" } },
	{ "sqlite3",
	  { "/usr/bin/sqlite3", ":memory:",
	    "create table t(a integer primary key, b text);"
	    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)"
	    " insert into t select i, hex(i * 7919 % 100003) from n;"
	    "create index u on t(b); select count(distinct b), sum(length(b)) from t;"
	    "select b, count(*) from t group by b order by 2 desc, 1 limit 20;" } },
};

#define PROGRAMS (sizeof programs / sizeof *programs)

static void write_text(void)
{
	uint32_t state = 1;
	FILE *file = fopen(TEXT, "w");

	for (int i = 0; file && i < 150000; i++) {
		state = state * 1664525u + 1013904223u;
		fprintf(file, "word%u other%u %x\n", state >> 18, (state >> 8) % 977, state % 7919);
	}
	if (file)
		fclose(file);
}

static void write_source(void)
{
	FILE *file = fopen(SOURCE, "w");

	for (int i = 0; file && i < 400; i++)
		fprintf(file,
			"static int table%d[64];\n"
			"int function%d(int a, int b)\n{\n"
			"\tfor (int i = 0; i < 64; i++)\n"
			"\t\tif ((a ^ i) & 1)\n\t\t\ttable%d[i] += a * b - i;\n"
			"\t\telse\n\t\t\tb -= table%d[63 - i] / (i + 1);\n"
			"\treturn a + b + table%d[a & 63];\n}\n",
			i, i, i, i, i);
	if (file)
		fclose(file);
}

static bool same_files(const char *one, const char *two)
{
	FILE *a = fopen(one, "r"), *b = fopen(two, "r");
	int c = 0, d = 0;

	while (a && b && c == d && c != EOF) {
		c = getc(a);
		d = getc(b);
	}
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	return a && b && c == d;
}

/* The median of the ratios, 0 if it failed. */
static double compare(const struct program *program)
{
	char *with[] = { "LD_PRELOAD=" BENCH_LIBRARY, "NOMMU_MODE=audit", "NOMMU_RECORD=recording",
			 NULL };
	double plain, ours, ratios[PAIRS];
	char **argv = (char **)(uintptr_t)program->argv;

	for (int i = 0; i < PAIRS; i++) {
		if (bench_child(argv, NULL, "out.plain", &plain) ||
		    bench_child(argv, with, "out", &ours) || !same_files("out.plain", "out")) {
			printf("%s: failed, or its output differs\n", program->name);
			return 0;
		}
		ratios[i] = ours / plain;
	}
	return bench_median(ratios, PAIRS);
}

static void in_work_folder(void)
{
	double product = 1;
	char what[64];
	int count = 0;

	write_text();
	write_source();
	for (unsigned i = 0; i < PROGRAMS; i++) {
		bool here = access(programs[i].argv[0], X_OK) == 0;
		double ratio = here ? compare(&programs[i]) : 0;

		if (!here)
			printf("%s is not here\n", programs[i].argv[0]);
		if (!(ratio > 0))
			continue;
		snprintf(what, sizeof what, "%s in audit, recorded", programs[i].name);
		bench_line(what, ratio, "x", 1.15);
		product *= ratio;
		count++;
	}
	if (count)
		bench_line("geometric mean of these", pow(product, 1.0 / count), "x", 1.05);
}

void bench_programs(void)
{
	static const char *const made[] = { TEXT, SOURCE, "out", "out.plain", "recording" };
	char folder[] = "/tmp/nommu-bench.XXXXXX", before[4096];

	if (!getcwd(before, sizeof before) || !mkdtemp(folder) || chdir(folder))
		return;
	in_work_folder();
	for (unsigned i = 0; i < sizeof made / sizeof *made; i++)
		unlink(made[i]);
	if (chdir(before) == 0)
		rmdir(folder);
}
