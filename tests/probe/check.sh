#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh BUILD PROBE EXPECT [ARGUMENT...]: EXPECT holds sections "== COMMAND", each followed by what the
# probe writes to stdout under that command and how it ends ("exit N"). COMMAND is
#   run ... or audit ...        the launcher with these options
#   preload NAME=VALUE...       the library alone, with these variables
#   findings run|audit ...      the launcher, and instead of the output what its report found
# where $other is the first ARGUMENT and $second the next. UPDATE=1 writes what came out into EXPECT.
# A probe that ends with 77 cannot be tried on this host.
set -u
build=$1 probe=$2 expect=$3
shift 3
other=${1-} second=${2-}
library=$build/libnommu_preload.so
work=$(mktemp -d "${TMPDIR:-.}/check-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
unset LD_PRELOAD NOMMU_LEDGER

# One line a finding, by its place in the report: severity, rule, count, call.
findings() {
	sed -n 's/^      "\(rule\|severity\|count\|call\)": "\{0,1\}\([^"(,]*\).*/\1 \2/p' |
		awk '{ now[$1] = $2 } $1 == "call" { print now["severity"], now["rule"], now["count"], now["call"] }' | sort
}

play() {
	command=$1
	shift
	{
		case $command in
		findings*)
			eval "\"\$build/nommu\" ${command#findings} --report \"\$work/report.json\"" \
				"-- \"\$@\" >/dev/null"
			;;
		preload*) eval "env LD_PRELOAD=\$library ${command#preload} \"\$@\"" ;;
		*) eval "\"\$build/nommu\" $command -- \"\$@\"" ;;
		esac </dev/null 2>"$work/stderr"
		echo $? >"$work/status"
		[ "$(cat "$work/status")" -ne 77 ] || : >"$work/skip"
	} | cat # ends with the last process that holds stdout
	[ ! -s "$work/report.json" ] || findings <"$work/report.json"
	rm -f "$work/report.json"
	echo "exit $(cat "$work/status")"
}

grep '^== ' "$expect" | while read -r _ command; do
	echo "== $command"
	play "$command" "$probe" "$@"
	[ ! -s "$work/stderr" ] || { echo "# $command"; cat "$work/stderr"; } >>"$work/errors"
done >"$work/out"
[ ! -e "$work/skip" ] || exit 77
[ "${UPDATE:-}" != 1 ] || cp "$work/out" "$expect"
diff -u "$expect" "$work/out" && exit 0
[ ! -e "$work/errors" ] || { echo "stderr:"; cat "$work/errors"; }
exit 1
