#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh VALGRIND LIBRARY APP CASE PATTERN...: `valgrind APP` with the library in front of it. memcheck finds
# what the PATTERNs say, in the function that does it, and without a PATTERN nothing at all.
set -u
valgrind=$1 library=$2 app=$3 case=$4
shift 4
work=$(mktemp -d ./memcheck-XXXXXX) || exit 99
trap 'rm -rf "$work"' EXIT
unset NOMMU_LEDGER

NOMMU_RAM=32M LD_PRELOAD="$library" "$valgrind" -q --error-exitcode=99 --trace-children=no "$app" "$case" \
	>"$work/out" 2>"$work/err"
status=$?
cat "$work/err"
[ $# -gt 0 ] && want=99 || want=0
[ $status -eq $want ] || { echo "$case: exit status $status, not $want"; exit 1; }
[ $# -gt 0 ] || [ ! -s "$work/err" ] || { echo "$case: something was said of a clean program"; exit 1; }
for pattern; do
	grep -q "$pattern" "$work/err" || { echo "$case: memcheck does not say: $pattern"; exit 1; }
done
