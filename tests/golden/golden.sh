#!/bin/sh
# SPDX-License-Identifier: MIT
# golden.sh - sh tests/golden/golden.sh [--update] BUILD: renders the recordings that the tests make in every
# format and compares with the files here; --update writes them anew. JSON and SARIF are held against their
# schemas, JUnit, massif and folded stacks against the rules of their readers.
set -u
here=$(cd "$(dirname "$0")" && pwd)
update=
[ "${1:-}" = --update ] && { update=1; shift; }
build=$(cd "${1:?golden.sh [--update] BUILD}" && pwd)
nommu=$build/nommu
make_recording=$build/tests/report/make_recording
validate=$build/tests/report/validate
schema=$here/../../lib/render/report.schema.json
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check NAME: the file $work/NAME against the golden one.
check() {
	if [ -n "$update" ]; then
		cp "$work/$1" "$here/$1"
	fi
	if diff -u "$here/$1" "$work/$1"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1"
	fi
}

# must WHAT COMMAND...: runs it, counts it.
must() {
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
	fi
}

cd "$work" || exit 1
for shape in empty typical worse; do
	"$make_recording" "$shape" "$shape.rec" || exit 1
	for format in text json sarif junit massif folded; do
		"$nommu" report --format "$format" -o "$shape.$format" "$shape.rec" || failed=$((failed + 1))
		check "$shape.$format"
	done
	must "$shape.json" "$validate" "$schema" "$shape.json"
	must "$shape.sarif" "$validate" "$here/../report/sarif.schema.json" "$shape.sarif"
done
"$nommu" report --verbose -o typical-verbose.text --format text typical.rec
check typical-verbose.text
"$nommu" report --compare typical.json -o compare.text --format text worse.rec
check compare.text
for format in json sarif; do
	"$nommu" report --compare typical.rec --format $format -o compare.$format worse.rec
done
must compare.json "$validate" "$schema" compare.json
must compare.sarif "$validate" "$here/../report/sarif.schema.json" compare.sarif
"$nommu" report -o merged.text --format text empty.rec typical.rec worse.rec
check merged.text
for view in waste refusals; do
	"$nommu" report --format folded --view $view -o typical-$view.folded typical.rec
	check typical-$view.folded
done
"$nommu" fit typical.rec >fit.text
check fit.text
"$make_recording" board board.rec && "$nommu" fit board.rec >fit-board.text
check fit-board.text
"$make_recording" findings-10000 many.rec && "$nommu" report -o many.sarif many.rec
must many.sarif "$validate" "$here/../report/sarif.schema.json" many.sarif
must "html is small" test "$("$nommu" report --format html many.rec | wc -c)" -lt 2097152
"$nommu" report --format massif -o many.massif many.rec
"$nommu" report --format junit -o many.junit many.rec
must "readers take junit, massif and folded" python3 "$here/formats.py" *.junit *.massif *.folded
if command -v ms_print >/dev/null; then
	must "massif opens" sh -c 'ms_print typical.massif >ms_print.text && grep -q "peak" ms_print.text'
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
