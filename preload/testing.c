/* SPDX-License-Identifier: MIT */
/* testing.c - nommu/testing.h: what a test suite may ask of the library in front of it. */
#include <nommu/testing.h>

#include "guard.h"

nommu_export void nommu_findings(struct nommu_findings *findings)
{
	struct sys_findings f;

	sys_findings(&f);
	findings->notes = f.count[SEVERITY_NOTE];
	findings->warnings = f.count[SEVERITY_WARNING];
	findings->errors = f.count[SEVERITY_ERROR];
	findings->rule = rule_get(f.rule)->name;
	findings->title = rule_get(f.rule)->title;
	findings->error = f.error;
}
