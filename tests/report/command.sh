#!/bin/sh
# SPDX-License-Identifier: MIT
# command.sh BUILD - nommu report and nommu fit as users call them: exit codes, messages, accepting, comparing.
set -u
build=$(cd "${1:?command.sh BUILD}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
nommu=$build/nommu
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# expect STATUS PATTERN COMMAND...: exit status, and a pattern that its output must have.
expect() {
	status=$1 pattern=$2
	shift 2
	"$@" >out 2>&1
	got=$?
	if [ $got -eq "$status" ] && { [ -z "$pattern" ] || grep -q -e "$pattern" out; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED ($got): $*"
		head -n 20 out
	fi
}

for shape in empty typical worse; do
	"$build/tests/report/make_recording" $shape $shape.rec || exit 1
done
echo '{"schema_version": 99}' >newer.json
echo 'not json' >other.txt
: >nothing.rec

expect 0 BLOCKED "$nommu" report typical.rec
expect 0 READY "$nommu" report empty.rec
expect 3 BLOCKED "$nommu" report --fail-on error typical.rec
expect 3 shared-file "$nommu" report --fail-on note typical.rec
expect 0 READY "$nommu" report --fail-on note empty.rec
expect 0 BLOCKED "$nommu" report --fail-on never typical.rec
expect 125 'which recording' "$nommu" report
expect 125 'No such file' "$nommu" report missing.rec
expect 125 'neither a recording' "$nommu" report other.txt
expect 125 'neither a recording' "$nommu" report nothing.rec
expect 125 'newer nommu' "$nommu" report newer.json
expect 125 'not a regular file' "$nommu" report /dev/null
expect 125 'no format' "$nommu" report --format pdf typical.rec
expect 125 'fail-on' "$nommu" report --fail-on always typical.rec
expect 125 'ending' "$nommu" report -o report.pdf typical.rec
expect 125 'cannot be written' "$nommu" report -o /nonexistent/r.txt typical.rec
expect 125 '' "$nommu" report --format text -o /dev/full typical.rec

# what is accepted does not count, and what matches nothing is said
expect 0 '' "$nommu" report --accept accepted typical.rec
expect 0 '^shared-file sqlite3 +0x1234$' cat accepted
expect 0 'READY' "$nommu" report --suppress accepted --fail-on note typical.rec
expect 0 '5 findings by --suppress' "$nommu" report --suppress accepted typical.rec
echo 'fork * no_such_function*' >>accepted
expect 0 'matches nothing: fork' "$nommu" report --suppress accepted typical.rec
echo 'nonsense' >bad
expect 125 'bad:1' "$nommu" report --suppress bad typical.rec

# only what is new counts
expect 0 '' "$nommu" report -o old.json typical.rec
expect 0 '0 new, 0 fixed, 5 unchanged' "$nommu" report --compare old.json --fail-on note typical.rec
expect 3 '1 new, 1 fixed, 4 unchanged' "$nommu" report --compare old.json --fail-on error worse.rec
expect 0 '' "$nommu" report -o new.json worse.rec
expect 3 '1 new, 1 fixed, 4 unchanged' "$nommu" report --compare old.json --fail-on error new.json

# merging: the same finding of two runs is one
expect 0 'shared-file .* 6 times' "$nommu" report typical.rec typical.rec
expect 0 'shared-file .* 6 times' "$nommu" report old.json typical.rec
expect 0 'libnothing.so' "$nommu" report --format json "$here/scan.json"

# colour only on a terminal, text within 80 columns
expect 0 '^ok$' sh -c "\"$nommu\" report typical.rec | grep -q \"\$(printf '\\033')\" || echo ok"
expect 0 '^ok$' sh -c "\"$nommu\" report -v typical.rec | LC_ALL=C.UTF-8 grep -E '.{81}' || echo ok"

# the page without its script: verdict, findings, memory
sed '/<script/,$d' >plain.html <<END
$("$nommu" report --format html typical.rec)
END
expect 0 '<strong>Blocked</strong>' cat plain.html
expect 0 '^5$' grep -c '<article' plain.html
expect 0 'app.db-shm\|shared-file' cat plain.html
expect 0 'peak [0-9]* KiB of 65536 KiB' cat plain.html

expect 0 'smallest RAM' "$nommu" fit typical.rec
expect 0 '"ram_bytes"' "$nommu" fit --format json typical.rec
expect 125 'no memory was recorded' "$nommu" fit empty.rec
expect 125 'text or json' "$nommu" fit --format html typical.rec
expect 125 'which recording' "$nommu" fit
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
