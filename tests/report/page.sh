#!/bin/sh
# SPDX-License-Identifier: MIT
# page.sh BUILD - the HTML report in a real browser, where there is one: the script runs without an error and
# shows what is in the data, with 0, 5 and 10 000 findings; keys do what they should; a phone shows all of it.
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

# browse NAME WIDTH: what NAME.html becomes, in NAME.dom; a message of the script is a failure.
browse() {
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking \
		--user-data-dir="$work/profile" --enable-logging=stderr --virtual-time-budget=3000 \
		--window-size="$2,900" --dump-dom "file://$work/$1.html" >"$1.dom" 2>"$1.log"
	grep CONSOLE "$1.log" && failed=$((failed + 1))
}

for shape in empty typical findings-10000; do
	"$build/tests/report/make_recording" $shape $shape.rec &&
		"$build/nommu" report -o $shape.html $shape.rec || exit 1
	browse $shape 1280
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

# Keys as a user would press them, and how wide the page is where the window is a phone's.
for shape in typical findings-10000; do
	sed '/<\/body>/,$d' $shape.html >keys-$shape.html
	cat >>keys-$shape.html <<-'END'
		<script>{
		const press = (node, key) => node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
		const told = [], at = () => [...document.querySelectorAll(".finding")].findIndex(
			(node) => node.contains(document.activeElement));
		press(document.body, "/");
		told.push("search " + document.activeElement.type);
		document.activeElement.value = "vfork";
		document.activeElement.dispatchEvent(new Event("input"));
		told.push("filtered " + [...document.querySelectorAll(".finding .what b")].every(
			(node) => node.textContent === "vfork-child"));
		press(document.activeElement, "Escape");
		told.push("all " + (document.querySelectorAll(".finding").length > 1));
		document.activeElement.blur();
		for (const key of "jjk") press(document.activeElement, key);
		told.push("finding " + at());
		const plot = document.querySelector("[role=img]"), map = document.querySelector("canvas");
		press(plot, "ArrowLeft");
		told.push("plot " + /=.*KiB/.test(plot.nextElementSibling.textContent));
		press(map, "ArrowRight");
		told.push("map " + /pages 0/.test(map.closest(".panel").querySelector(".readout").textContent));
		told.push("fits " + (document.documentElement.scrollWidth <= innerWidth));
		document.body.append(told.map((line) => "<" + line + ">").join(""));
		}</script>
		</body></html>
	END
	browse keys-$shape 390
	for line in 'search search' 'filtered true' 'all true' 'finding 0' 'plot true' 'map true' 'fits true'; do
		expect keys-$shape "&lt;$line&gt;" 1
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
