#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - sh tests/run.sh [CTEST-OPTION...]: installs what is missing, builds and runs the tests.
# The last line is ctest's summary. NOMMU_BUILD names another build folder than build/.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/.ci/prepare.sh"
build=${NOMMU_BUILD:-$top/build}

prepare_packages || exit 1
prepare_build "$build" "" -DNOMMU_TESTS=ON || exit 1
log=$build/tests.log
{
	ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" "$@"
	echo $? >"$build/tests.status"
} 2>&1 | tee "$log"
grep 'tests passed' "$log" | tail -n 1
exit "$(cat "$build/tests.status")"
