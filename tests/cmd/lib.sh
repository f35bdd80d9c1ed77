# SPDX-License-Identifier: MIT
# lib.sh - for every file of cases here, which is called FILE NOMMU CHILD STATIC CASE: one case of the
# launcher, in a folder of its own; exit 77 where it cannot be tried here.
set -u
nommu=$1 child=$2 static=$3 case=$4
work=$(mktemp -d ./cmd-XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
unset LD_PRELOAD
for name in $(env | sed -n 's/^\(NOMMU_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done

fail() {
	echo "$case: $*"
	echo "--- stdout"; cat "$work/out"
	echo "--- stderr"; cat "$work/err"
	exit 1
}

# try COMMAND...: runs it, keeps what it says.
try() {
	"$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
}

# refused STATUS PATTERN COMMAND...: one clear line, nothing else.
refused() {
	want=$1 pattern=$2
	shift 2
	try "$@"
	[ "$status" -eq "$want" ] || fail "exit status $status, not $want"
	[ ! -s "$work/out" ] || fail "something on stdout"
	[ "$(wc -l <"$work/err")" -eq 1 ] || fail "not one line on stderr"
	grep -q "^nommu: .*$pattern" "$work/err" || fail "the line does not say: $pattern"
}

# works STATUS OUTPUT COMMAND...: the program's own status and stdout.
works() {
	want=$1 output=$2
	shift 2
	try "$@"
	[ "$status" -eq "$want" ] || fail "exit status $status, not $want"
	[ "$(cat "$work/out")" = "$output" ] || fail "stdout is not: $output"
}

# patch FILE OFFSET OCTAL: one byte.
patch() {
	printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
