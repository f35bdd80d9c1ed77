#!/bin/sh
# SPDX-License-Identifier: MIT
# cases.sh NOMMU FIXTURES GOLDEN CASE - `nommu scan` from outside. --update as CASE writes the goldens anew.
set -u
nommu=$1 fixtures=$2 golden=$3
top=$golden/../../.. validate=$(dirname "$nommu")/tests/report/validate
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
	echo "$*" >&2
	exit 1
}

# Addresses, sizes and the place of the build differ from machine to machine.
same() {
	sed -e 's/0x[0-9a-f]*/0x.../g' -e '/^  image /d' -e 's/[^ "]*\/fixtures\//.../' \
		-e 's/, \(x86-64\|aarch64\)/, MACHINE/'
}

case_text() {
	(cd "$fixtures" && "$nommu" scan --root . exec_deep) | same >"$work/text"
	diff -u "$golden/exec_deep.txt" "$work/text" || fail "the text differs from golden/exec_deep.txt"
}

case_table() {
	(cd "$fixtures" && "$nommu" scan --root . plain works_on background exec_near fixed) | same >"$work/text"
	diff -u "$golden/table.txt" "$work/text" || fail "the table differs from golden/table.txt"
}

case_json() {
	(cd "$fixtures" && "$nommu" scan --root . -f json . -o "$work/all.json") || fail "status $?"
	"$validate" "$top/lib/scan/scan.schema.json" "$work/all.json" || fail "the JSON is not as its schema says"
	python3 - "$work/all.json" <<-'END' || fail "the JSON is not as the contract says"
	import json, sys
	result = json.load(open(sys.argv[1]))
	assert result["schema_version"] == 1
	verdicts = {"ready", "rebuild", "loses-feature", "cannot-run", "not-judged"}
	for file in result["files"]:
	    assert file["path"] and file["verdict"] in verdicts and file["reason"]
	    for finding in file["findings"]:
	        assert finding["rule"] and finding["count"] >= 1 and finding["evidence"]
	        assert finding["severity"] in ("note", "warning", "error")
	groups = result["groups"]
	assert any(group["path"] == "." and group["verdict"] == "cannot-run" for group in groups), groups
	END
}

# Whatever bytes a name has, the JSON parses and the text has no control characters.
case_names() {
	name=$(printf 'a"b\\c\n\033[31m\377d')
	cp "$fixtures/plain" "$work/$name" || exit 77
	"$nommu" scan -f json "$work" | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "no JSON"
	! "$nommu" scan "$work" | grep -q "$(printf '\033')" || fail "an escape sequence came through"
}

case_formats() {
	for format in sarif junit html; do
		"$nommu" scan -f "$format" -o "$work/out" "$fixtures/works_on" || fail "$format: status $?"
		grep -q works_on "$work/out" || fail "$format does not name the file"
		cp "$work/out" "$work/out.$format"
	done
	"$validate" "$top/tests/report/sarif.schema.json" "$work/out.sarif" || fail "the SARIF is not as its schema says"
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$work/out.junit" || fail "no XML"
	grep -q 'the child works on in a copy of the memory' "$work/out.html" || fail "the page does not say why"
	"$nommu" scan -f json -o "$work/scan.json" "$fixtures/works_on" &&
		"$nommu" report -f json -o "$work/report.json" "$work/scan.json" || fail "report of a scan: status $?"
	"$validate" "$top/lib/render/report.schema.json" "$work/report.json" || fail "the report is not as its schema says"
	grep -q '"reason"' "$work/report.json" || fail "the report has lost the reason"
	"$nommu" scan -o "$work/out.json" "$fixtures/works_on" && grep -q schema_version "$work/out.json" ||
		fail "the ending .json was not taken"
}

case_package() {
	command -v ar >/dev/null && command -v xz >/dev/null || exit 77
	mkdir -p "$work/data/usr/bin" && cp "$fixtures/stripped" "$fixtures/plain" "$fixtures/daemon" \
		"$fixtures/fixed" "$work/data/usr/bin" || exit 1
	(cd "$work" && echo 2.0 >debian-binary && tar cf - -C data . | xz -0 >data.tar.xz &&
		tar cf control.tar --files-from /dev/null && ar rc p.deb debian-binary control.tar data.tar.xz) || exit 1
	"$nommu" scan "$work/p.deb" >"$work/text" 2>&1
	grep -q 'libarchive' "$work/text" && exit 77
	grep -q '^cannot-run.*p.deb:/usr/bin/stripped' "$work/text" || fail "$(cat "$work/text")"
	head -c 900 "$work/p.deb" >"$work/cut.deb"
	"$nommu" scan "$work/cut.deb" | grep -q 'damaged' || fail "a package that is cut off is not told"
}

# What a scan found and a run did, or did not do, is told in each finding.
case_merge() {
	program=$fixtures/exec_deep
	"$nommu" scan -f json -o "$work/scan.json" "$program" || fail "scan: status $?"
	"$nommu" audit --record "$work/called.rec" "$program" true >/dev/null 2>&1
	[ -s "$work/called.rec" ] || exit 77 # a build with a sanitizer preloads into no program
	"$nommu" audit --record "$work/not.rec" "$program" >/dev/null 2>&1
	"$nommu" report "$work/called.rec" "$work/scan.json" >"$work/text" || fail "report: status $?"
	tr -s '\n ' ' ' <"$work/text" | grep -q 'a run called it, 1 time' || fail "not confirmed: $(cat "$work/text")"
	"$nommu" report "$work/not.rec" "$work/scan.json" >"$work/text" && tr -s '\n ' ' ' <"$work/text" |
		grep -q 'no recorded run reached it' || fail "not told as never reached: $(cat "$work/text")"
	"$nommu" report --format json "$work/not.rec" "$work/called.rec" "$work/scan.json" | grep -q '"called_by_runs": *1' ||
		fail "the JSON does not say it"
	"$nommu" report --format sarif "$work/called.rec" "$work/scan.json" | grep -q 'a run called it' || fail "nor SARIF"
	"$nommu" report "$work/scan.json" | grep -q 'run called\|run reached' && fail "a statement without a run"
	:
}

case_folder() {
	mkdir -p "$work/a/b" && ln -s ../.. "$work/a/b/loop" && ln -s nowhere "$work/a/dangling"
	cp "$fixtures/plain" "$work/a/b/" && mkfifo "$work/a/pipe" && : >"$work/a/empty"
	printf '#!/bin/sh\n' >"$work/a/script" && cp "$work/a/script" "$work/a/second" && head -c 100 "$fixtures/plain" >"$work/a/cut"
	head -c 65 /dev/zero >"$work/a/zeros"
	"$nommu" scan "$work/a" >"$work/text" || fail "status $?"
	[ "$(grep -c '/plain' "$work/text")" = 1 ] || fail "the loop of links was followed"
	grep -q 'not-judged.*script.*interpreter, /bin/sh' "$work/text" || fail "the script"
	grep -q 'not-judged.*cut.*damaged' "$work/text" || fail "the damaged file"
	"$nommu" scan "$work/missing" 2>/dev/null | grep -q 'No such file' || fail "a missing path is not told"
}

# Nothing of a tree is opened that is no file, and what cannot be read is told with the reason.
case_bad_tree() {
	mkdir -p "$work/t/closed" && cp "$fixtures/plain" "$work/t/closed/" && cp "$fixtures/plain" "$work/t/unread" &&
		mkfifo "$work/t/pipe" && ln -s pipe "$work/t/to-pipe" && ln -s one "$work/t/two" && ln -s two "$work/t/one" || exit 1
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$work/t/socket" || exit 1
	chmod 0 "$work/t/closed" "$work/t/unread"
	timeout 60 "$nommu" scan "$work/t" >"$work/text" || fail "status $?"
	if [ "$(id -u)" != 0 ]; then
		[ "$(grep -c 'Permission denied' "$work/text")" = 2 ] || fail "what cannot be read is not told: $(cat "$work/text")"
	fi
	chmod 700 "$work/t/closed"
	! grep -q 'pipe\|socket\|two' "$work/text" || fail "special files are no programs: $(cat "$work/text")"
	(cd "$work/t" && timeout 60 "$nommu" scan pipe socket to-pipe one /dev/zero missing '') >"$work/text" 2>"$work/err"
	[ $? -eq 125 ] || fail "a missing path is success"
	grep -q '^nommu: missing: No such file' "$work/err" || fail "a missing path is not told: $(cat "$work/err")"
	for path in pipe socket to-pipe /dev/zero; do
		grep -q "^not-judged *$path  not a program" "$work/text" || fail "$path: $(cat "$work/text")"
	done
	grep -q '^not-judged *one  Too many levels' "$work/text" || fail "a link to itself: $(cat "$work/text")"
	[ "$(grep -c 'No such file' "$work/text")" = 2 ] || fail "no name, and the name of nothing: $(cat "$work/text")"
}

# Deeper than any path can name: the rest of the tree is told as unreadable, the part above is scanned.
case_deep_tree() {
	python3 - "$work" "$fixtures/plain" <<-'END' || exit 1
	import os, shutil, sys
	os.chdir(sys.argv[1])
	shutil.copy(sys.argv[2], "plain")
	for _ in range(30):
	    os.mkdir("d" * 200)
	    os.chdir("d" * 200)
	END
	timeout 60 "$nommu" scan "$work" >"$work.text" 2>&1
	status=$?
	mv "$work.text" "$work/text"
	[ $status = 0 ] && grep -q '/plain' "$work/text" && grep -q 'File name too long' "$work/text" || fail "status $status"
}

# Each header field that leads elsewhere, set to what cannot be: one line, whatever it says, and the program is named.
case_damaged() {
	python3 - "$fixtures/plain" "$work" <<-'END' || exit 1
	import struct, sys
	sound = open(sys.argv[1], "rb").read()
	def write(name, *changes):
	    data = bytearray(sound)
	    for form, at, value in changes:
	        struct.pack_into(form, data, at, value)
	    open(sys.argv[2] + "/" + name, "wb").write(data)
	sections, = struct.unpack_from("<Q", sound, 40)
	segments, = struct.unpack_from("<Q", sound, 32)
	write("class", ("B", 4, 9))
	write("order", ("B", 5, 2))
	write("segments-many", ("<H", 56, 0xffff))
	write("segments-far", ("<Q", 32, 1 << 63))
	write("segment-huge", *[("<Q", segments + 56 * i + 32, 1 << 62) for i in range(8)])
	write("sections-many", ("<H", 60, 0xffff))
	write("sections-far", ("<Q", 40, (1 << 64) - 16))
	write("sections-uncounted", ("<H", 60, 0), ("<Q", sections + 32, 1 << 62))
	write("section-names", ("<H", 62, 0xfffe))
	write("entry", ("<Q", 24, (1 << 64) - 1))
	write("machine", ("<H", 18, 0xfefe))
	for size in (4, 5, 16, 63, 64, 65, 120, 1000, len(sound) // 2):
	    open("%s/cut-%d" % (sys.argv[2], size), "wb").write(sound[:size])
	END
	timeout 60 "$nommu" scan "$work" >"$work/text" || fail "status $?"
	for name in class order segments-many segments-far segment-huge cut-4 cut-5 cut-16 cut-63 cut-64 cut-65 cut-120 cut-1000; do
		grep -q "^not-judged .*/$name  damaged" "$work/text" || fail "$name: $(cat "$work/text")"
	done
	for name in sections-many sections-far section-names entry machine; do # the loader needs none of these
		grep -q "^ready .*/$name  " "$work/text" || fail "$name: $(cat "$work/text")"
	done
	[ "$(grep -c "$work" "$work/text")" = 20 ] || fail "not each file has a line: $(cat "$work/text")"
}

# A file that another process cuts while it is read is told as such, or as damaged, and ends nothing.
case_shrinks() {
	mkdir "$work/t" && for i in 1 2 3 4 5 6 7 8; do cp "$fixtures/static" "$work/t/$i"; done || exit 1
	(
		while [ -d "$work/t" ]; do
			for i in 1 2 3 4 5 6 7 8; do
				: >"$work/t/$i" && cp "$fixtures/static" "$work/t/$i"
			done 2>/dev/null
		done
	) &
	for try in 1 2 3 4 5; do
		# A file that shrank keeps what its reading had allocated: no leak to look for.
		ASAN_OPTIONS=detect_leaks=0 timeout 60 "$nommu" scan "$work/t" >"$work/text"
		status=$?
		[ $status = 0 ] || break
	done
	mv "$work/t" "$work/gone"
	wait
	[ $status = 0 ] || fail "status $status"
}

case_compressed_debug_information() {
	"$nommu" scan "$fixtures/compressed" >"$work/text" || fail "status $?"
	grep -q 'exec_near\.c:[0-9]' "$work/text" || fail "no lines: $(cat "$work/text")"
}

case_end_of_heap() {
	"$nommu" scan "$fixtures/heap_end" >"$work/text" || fail "status $?"
	grep -q '^  note *no-brk *sbrk: asks only' "$work/text" || fail "$(cat "$work/text")"
	grep -q '^ready' "$work/text" || fail "not ready: $(cat "$work/text")"
}

# /usr and /usr/local may have them too. A library's path is told as from its root.
case_etc_and_lib_are_no_root() {
	mkdir "$work/app" "$work/app/etc" "$work/app/lib" "$work/app/bin" &&
		cp -r "$fixtures/uses_add" "$fixtures/own" "$work/app/bin" || exit 1
	"$nommu" scan -f json "$work/app/bin/uses_add" >"$work/text" || fail "status $?"
	grep -q '"[^"]*/app/bin/own/liblibrary' "$work/text" || fail "app is a root: $(cat "$work/text")"
	mkdir "$work/app/proc" && "$nommu" scan -f json "$work/app/bin/uses_add" >"$work/text" || fail "status $?"
	grep -q '"/bin/own/liblibrary' "$work/text" || fail "app is no root: $(cat "$work/text")"
}

case_nested_package() {
	command -v ar >/dev/null && command -v xz >/dev/null || exit 77
	mkdir -p "$work/data/usr" && cp "$fixtures/plain" "$work/data/usr/" || exit 1
	pack() {
		(cd "$work" && echo 2.0 >debian-binary && tar cf data.tar -C data . && ar rc "$1" debian-binary data.tar)
	}
	pack inner.deb && cp "$work/inner.deb" "$work/data/usr/" && (cd "$work/data/usr" && ar rc lib.a plain) && pack outer.deb || exit 1
	"$nommu" scan "$work/outer.deb" >"$work/text" || fail "status $?"
	grep -q libarchive "$work/text" && exit 77
	grep -q 'outer.deb:/usr/inner.deb' "$work/text" && grep -q 'a package inside a package' "$work/text" ||
		fail "the inner package is not told: $(cat "$work/text")"
	grep -q 'outer.deb:/usr/plain' "$work/text" || fail "the program beside it: $(cat "$work/text")"
}

case_bad_calls() {
	for call in '' '--format xml x' '-j 0 x' '--libc glibc x' '--max-order 99 x' '--nonsense x' '-o'; do
		"$nommu" scan $call >"$work/out" 2>"$work/err"
		[ $? = 125 ] || fail "nommu scan $call: status is not 125"
		[ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ] || fail "nommu scan $call: not one line"
	done
	"$nommu" scan -o /nonexistent/x "$fixtures/plain" 2>/dev/null && fail "unwritable output is success"
	"$nommu" scan --fail-on error "$fixtures/works_on" >/dev/null
	[ $? = 3 ] || fail "--fail-on error is not 3"
	"$nommu" scan --fail-on error "$fixtures/plain" >/dev/null || fail "--fail-on error without errors"
}

case_full_disk() {
	[ -c /dev/full ] || exit 77
	"$nommu" scan "$fixtures/plain" >/dev/full 2>"$work/err"
	[ $? = 125 ] && grep -q 'cannot write' "$work/err" || fail "a full disk is not told"
}

if [ "$4" = --update ]; then
	(cd "$fixtures" && "$nommu" scan --root . exec_deep) | same >"$golden/exec_deep.txt"
	(cd "$fixtures" && "$nommu" scan --root . plain works_on background exec_near fixed) | same >"$golden/table.txt"
else
	"case_$4"
fi
