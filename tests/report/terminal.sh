#!/bin/sh
# SPDX-License-Identifier: MIT
# terminal.sh BUILD - what a terminal gets and a log does not: colour, its width, a bar while it takes long.
set -u
build=$(cd "${1:?terminal.sh BUILD}" && pwd)
nommu=$build/nommu
command -v script >/dev/null && command -v stty >/dev/null || { echo "no script(1) here"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset NO_COLOR COLUMNS
export TERM=xterm LC_ALL=C.UTF-8
escape=$(printf '\033')
passed=0
failed=0

# on_terminal COLUMNS COMMAND: its standard output and error, from a terminal of that width.
on_terminal() {
	script -qec "stty cols $1 rows 24; $2" /dev/null </dev/null | tr -d '\r'
}

# expect WHAT COMMAND...: it succeeds.
expect() {
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
	fi
}
has() { grep -q -e "$1" out; }
has_not() { ! grep -q -e "$1" out; }
plain() { sed "s/$escape\[[0-9;]*[mK]//g" out; }
# The longest line has so many columns at most, and at least.
within() {
	longest=$(plain | wc -L)
	[ "$longest" -le "$1" ] && [ "$longest" -ge "$2" ]
}

"$build/tests/report/make_recording" typical typical.rec || exit 1
on_terminal 100 "$nommu report typical.rec" >out
expect "colour on a terminal" has "$escape\[1;31m"
expect "the terminal's width" within 100 81
on_terminal 100 "NO_COLOR=1 $nommu report typical.rec" >out
expect "NO_COLOR" has_not "$escape"
on_terminal 100 "NO_COLOR= $nommu report typical.rec" >out
expect "an empty NO_COLOR is none" has "$escape"
on_terminal 100 "TERM=dumb $nommu report typical.rec" >out
expect "TERM=dumb" has_not "$escape"
on_terminal 100 "COLUMNS=60 $nommu report typical.rec" >out
expect "COLUMNS" within 60 50
on_terminal 300 "$nommu report typical.rec" >out
expect "lines of 120 at most" within 120 81
for narrow in 44 10; do
	on_terminal $narrow "$nommu report -v typical.rec" >out
	expect "a terminal of $narrow columns" within 44 30
done
on_terminal 60 "$nommu fit typical.rec" >out
expect "fit on a terminal of 60 columns" within 60 50
on_terminal 80 "$nommu report typical.rec" >out
"$nommu" report typical.rec >log
expect "a log has the same words" test "$(plain)" = "$(cat log)"
on_terminal 80 "$nommu report -o file.txt typical.rec" >out
expect "a file has no colour" cmp -s file.txt log

# Long enough for a bar is a matter of the machine: more is read until one is there.
"$build/tests/report/make_recording" events-200000 long.rec || exit 1
list=
for copies in 1 2 4 8 16 32 64 128 256 512; do
	list="$list $(yes long.rec | head -n $copies | tr '\n' ' ')"
	on_terminal 80 "$nommu report $list" >out
	grep -q '\[#* *\] long.rec' out && break
done
expect "a bar on a terminal" has '\[#* *\] long.rec'
expect "the bar goes away" has "long.rec$escape\[K$escape\[K"
expect "the report is there" has BLOCKED
"$nommu" report $list >log 2>out
expect "no bar in a log" test ! -s out
on_terminal 80 "$nommu report -q $list" >out
expect "no bar with --quiet" has_not '\] long.rec'
"$nommu" fit $list >log 2>out
expect "no bar of fit in a log" test ! -s out
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
