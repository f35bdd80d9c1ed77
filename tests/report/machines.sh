#!/bin/sh
# SPDX-License-Identifier: MIT
# machines.sh BUILD - one program on several machines: at other addresses, built in another folder, stripped,
# of another version, as recordings and as JSON. What is the same is one finding, and unchanged.
set -u
build=$(cd "${1:?machines.sh BUILD}" && pwd)
nommu=$build/nommu
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# expect WHAT PATTERN COMMAND...: what it prints has the pattern.
expect() {
	what=$1 pattern=$2
	shift 2
	if "$@" >out 2>&1 && grep -q -e "$pattern" out; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what: $*"
		head -n 12 out
	fi
}

for machine in one two stripped newer; do
	mkdir $machine
	cp "$build/tests/report/machine-$machine/app" $machine/ || exit 1
	(cd $machine && "$nommu" audit --record ../$machine.rec --report ../$machine.json ./app) || exit 1
done
cp one.rec again.rec
(cd one && "$nommu" audit --record ../again.rec --report ../again.json ./app) || exit 1

for other in again two stripped newer; do
	for kind in rec json; do
		expect "nothing is new on $other" '0 new, 0 fixed, 2 unchanged' \
			"$nommu" report --fail-on note --compare one.$kind $other.json
		expect "nothing is new since $other" '0 new, 0 fixed, 2 unchanged' \
			"$nommu" report --fail-on note --compare $other.json one.$kind
	done
done
for other in again two stripped; do
	for first in one.rec one.json; do
		expect "merged with $other" '^BLOCKED   2 errors, 0 warnings, 0 notes in 4 processes' \
			"$nommu" report -q $first $other.rec
		expect "merged behind $other" '^BLOCKED   2 errors, 0 warnings, 0 notes in 4 processes' \
			"$nommu" report -q $other.json $first
		expect "counted with $other" '^error  *fork  *2 times' "$nommu" report $other.rec $first
		expect "names for $other" 'start_child  .*machine.c:' "$nommu" report $other.rec $first
	done
done
expect "all of them" '^error  *shared-file  *4 times' "$nommu" report one.rec two.json stripped.rec again.json
"$nommu" report --accept accepted one.rec
expect "accepted on one, accepted on all" 'READY' \
	"$nommu" report --suppress accepted --fail-on note one.rec two.rec newer.json
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
