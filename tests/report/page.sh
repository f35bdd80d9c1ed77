#!/bin/sh
# SPDX-License-Identifier: MIT
# page.sh BUILD - the HTML report in a real browser, where there is one: the script runs without an error and
# shows what is in the data, with 0, 5 and 10 000 findings.
set -u
build=$(cd "${1:?page.sh BUILD}" && pwd)
browser=$(command -v chromium || command -v chromium-browser) || { echo "no chromium here"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
passed=0

# expect SHAPE PATTERN COUNT: so many matches in the page as the browser has it.
expect() {
	got=$(grep -o -e "$2" "$1.dom" | wc -l)
	if [ "$got" -eq "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1 has $got of $2, not $3"
	fi
}

for shape in empty typical findings-10000; do
	"$build/tests/report/make_recording" $shape $shape.rec &&
		"$build/nommu" report -o $shape.html $shape.rec || exit 1
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
		--enable-logging=stderr --virtual-time-budget=3000 --dump-dom "file://$work/$shape.html" \
		>$shape.dom 2>$shape.log
	grep CONSOLE $shape.log && failed=$((failed + 1))
done
expect empty '<details class="finding"' 0
expect empty '<p class="panel empty">Nothing' 1
expect typical '<details class="finding"' 5
expect typical '<canvas' 2
expect typical '<polygon' 7
expect typical '<h3>The arena at the first refusal' 1
expect findings-10000 '<details class="finding"' 50
expect findings-10000 'Show more (9950 left)' 1
expect typical 'https\?://' 1 # the namespace of SVG, which nobody fetches
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
