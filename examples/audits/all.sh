#!/bin/sh
# SPDX-License-Identifier: MIT
# all.sh [--update] [BUILD] - runs the audits beside it. Their output must have the verdicts and the errors of
# the reports that are kept here; --update keeps the new ones. An audit whose program is not here, or whose
# files would lie in RAM, is left out.
set -u
here=$(cd "$(dirname "$0")" && pwd)
update=
[ "${1:-}" = --update ] && { update=1; shift; }
build=${1:-$here/../../build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# What must not change with the version of a program: verdicts and rules, not addresses and counts.
essence() {
	grep -E -o '^(READY|NEEDS WORK|BLOCKED|error +[a-z-]+|warning +[a-z-]+)' "$1" | uniq
}

for audit in sqlite-wal:sqlite3 python-multiprocessing:/usr/bin/python3 xz-threads:xz; do
	name=${audit%%:*}
	command -v "${audit#*:}" >/dev/null || { echo "$name: no ${audit#*:} here, left out"; continue; }
	case $(stat -f -c %T "${TMPDIR:-/var/tmp}") in
	tmpfs | ramfs) [ $name != sqlite-wal ] || { echo "$name: ${TMPDIR:-/var/tmp} is RAM, left out"; continue; } ;;
	esac
	sh "$here/$name.sh" "$build" >"$work/$name.txt" 2>&1
	[ -z "$update" ] || cp "$work/$name.txt" "$here/$name.txt"
	essence "$here/$name.txt" >"$work/kept"
	essence "$work/$name.txt" >"$work/got"
	if [ -s "$work/kept" ] && diff "$work/kept" "$work/got"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		cat "$work/$name.txt"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
