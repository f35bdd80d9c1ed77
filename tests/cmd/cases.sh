#!/bin/sh
# SPDX-License-Identifier: MIT
# cases.sh - what the launcher is for: the program's own output and status, reports, recordings, maps, help.
. "$(dirname "$0")/lib.sh"

case_empty_file() {
	: >"$work/empty" && chmod +x "$work/empty"
	works 0 '' "$nommu" audit "$work/empty"
}
case_explain_rule() {
	rules=$(dirname "$0")/../../lib/rules/rules.def
	try "$nommu" explain hole
	for words in 'strict  *EINVAL' 'linux-6.12  *goes through' '^  why ' '^  instead ' '^  since  *Linux 2.6.29' \
		'n1463$' '^  before:' '^  after:' 'examples/07_hole.c'; do
		grep -q -- "$words" "$work/out" || fail "no $words"
	done
	for rule in $(sed -n 's/^RULE([A-Z_0-9]*, "\([a-z-]*\)".*/\1/p' "$rules"); do
		try "$nommu" explain "$rule"
		grep -q '^  why ' "$work/out" || fail "explain $rule"
	done
}
# What README shows is what one gets.
case_explain_as_in_readme() {
	sed -n '/^    \$ nommu explain shared-file$/,/^      (examples/p' "$(dirname "$0")/../../README.md" |
		sed '1d; s/^    //' >"$work/shown"
	[ "$(wc -l <"$work/shown")" -gt 30 ] || fail 'README shows no rule'
	works 0 "$(cat "$work/shown")" "$nommu" explain shared-file
}
case_explain_manual() {
	works 0 "$("$nommu" explain same-address)" "$nommu" explain same-address
	grep -q '\[E179\] mmap(2)' "$work/out" || fail 'no page is named'
	! grep -q 'does not say' "$work/out" || fail 'it is said'
	try "$nommu" explain dontneed
	grep -q "manual does not say" "$work/out" || fail 'it is not said that nobody says'
	try "$nommu" explain fork
	grep -q 'hpux-11.31 *has no such rule' "$work/out" || fail 'fork is a rule of HP-UX'
}
case_fit_of_swap() {
	works 0 '' "$nommu" run --profile hpux-11.31 --record "$work/rec" "$child" exit 0
	refused 125 'reserves swap' "$nommu" fit "$work/rec"
	try "$nommu" report "$work/rec"
	grep -q '^swap  *at most .* of 1.1 GiB reserved' "$work/out" || fail 'no swap in the report'
}
case_swap_for_the_image() {
	works 139 '' "$nommu" run --profile hpux-11.31 --ram 64k --swap 0 "$child" exit 0
	grep -q '^nommu: .*of swap in reserve' "$work/err" || fail 'it does not say what is missing'
}
case_explain_unknown() { refused 125 "unknown rule 'x'" "$nommu" explain x; }
case_help() {
	for words in --help --version 'help options' 'help rules' 'help run' 'run --help' 'explain' 'maps --help'; do
		try "$nommu" $words
		[ "$status" -eq 0 ] && [ -s "$work/out" ] && [ ! -s "$work/err" ] || fail "nommu $words"
	done
}
case_exit_status() {
	for n in 0 1 7 125 255; do
		works $n '' "$nommu" run "$child" exit $n
		works $n '' "$nommu" audit "$child" exit $n
	done
}
case_signal_status() {
	works 137 '' "$nommu" run "$child" die 9
	works 143 '' "$nommu" audit "$child" die 15
	grep -q 'killed by SIGTERM:' "$work/err" || fail 'audit does not say that it saw a part only'
	works 0 '' "$nommu" audit "$child" exit 0
	! grep -q killed "$work/err" || fail 'an end of its own is called killed'
}
# Of many programs one must know which, and whose part of it.
case_image_too_large() {
	works 139 '' "$nommu" run --max-order 0 "$child" exit 0
	grep -q "^nommu: cmd_child: the [a-z]* of cmd_child needs one block of [0-9]* KiB" "$work/err" || fail 'run'
	works 0 '' "$nommu" audit --max-order 0 "$child" exit 0
	grep -q '\[program start\]  cmd_child' "$work/err" || fail 'the report does not name the program'
	grep -q " of cmd_child, [0-9]* KiB" "$work/err" || fail 'the report does not tell the size'
}
# Who ends by a signal after refusals seldom says why: then we do, of children in the report.
case_signal_after_refusal() {
	works 134 '' "$nommu" run "$child" despair
	grep -q "^nommu: '.*' was ended by SIGABRT after 1 refused call, the last by fork (ENOSYS)" "$work/err" ||
		fail 'run does not say what came before'
	works 134 '' "$nommu" run --report "$work/r.txt" "$child" despair
	tr -s '\n ' ' ' <"$work/r.txt" | grep -q 'killed by SIGABRT: [^ ]* despair (pid' || fail 'the report does not name it'
	works 0 '' "$nommu" run --report "$work/r.txt" "$child" start spawn "$child" despair
	tr -s '\n ' ' ' <"$work/r.txt" | grep -q 'killed by SIGABRT: [^ ]* despair (pid' ||
		fail 'the report does not name the child'
	works 137 '' "$nommu" run "$child" die 9
	[ ! -s "$work/err" ] || fail 'a signal without refusals is nobody else'"'"'s'
}
case_arguments() {
	works 0 '<--ram>
<a b>
<>' "$nommu" run -- "$child" arguments --ram 'a b' ''
	works 0 '<--ram>' "$nommu" run "$child" arguments --ram
}
case_stdin_and_stdout() {
	echo 'through and through' | "$nommu" run cat >"$work/out" 2>"$work/err"
	grep -q '^through and through$' "$work/out" || fail 'stdin did not reach the program'
	[ ! -s "$work/err" ] || fail 'run without findings to report says something'
}
case_script() {
	printf '#!/bin/sh\necho "$@"\nexit 4\n' >"$work/a script" && chmod +x "$work/a script"
	works 4 'x y z' "$nommu" run "$work/a script" 'x y' z
	printf 'echo plain "$@"\n' >"$work/plain" && chmod +x "$work/plain"
	works 0 'plain x' "$nommu" run "$work/plain" x
}
case_stack_limit() {
	works 0 131072 "$nommu" run "$child" stack
	works 0 1048576 "$nommu" run --stack 1M "$child" stack
	works 0 "$("$child" stack)" "$nommu" run --stack 8K "$child" stack
	grep -q 'cannot be enforced' "$work/err" || fail 'a small stack is not mentioned'
	works 0 "$("$child" stack)" "$nommu" audit "$child" stack
}
case_thread_stack_depth() {
	works 0 '' "$nommu" audit --libc musl "$child" thread 64
	! grep -q stack-depth "$work/err" || fail 'a thread that fits is reported'
	works 0 '' "$nommu" audit --libc musl "$child" thread 512
	grep -q 'stack 5[0-9][0-9] KiB deep, the target has 1[0-9][0-9] KiB' "$work/err" ||
		fail 'the depth and the limit are not told'
	works 0 '' "$nommu" audit --libc uclibc "$child" thread 512
	! grep -q stack-depth "$work/err" || fail 'a thread that fits is reported'
}
# Why a call has no name, and what would give it one: no symbols, or another file than was recorded.
case_names_that_lack() {
	strip -s -o "$work/shell" /bin/sh || exit 77
	works 0 '' "$nommu" audit --record "$work/r" "$work/shell" -c '(exit 0); exit 0'
	grep -q 'no names: shell has no symbols; build it with -g' "$work/err" || fail 'a stripped program'
	: >"$work/shell"
	works 0 "$("$nommu" report "$work/r")" "$nommu" report "$work/r"
	grep -q 'no names: shell is not here as it was recorded' "$work/out" || fail 'another file'
	works 0 '' "$nommu" audit "$child" exit 0
	! grep -q 'no names' "$work/err" || fail 'names lack where there are none'
}
# A library that does not fit is named, and audit goes on with the blocks behind it.
case_library_too_large() {
	try env LD_PRELOAD=liblzma.so.5 "$nommu" run --stack 16K --max-order 4 "$child" exit 0
	[ "$status" -eq 139 ] || fail "exit status $status, not 139"
	grep -q 'the text of liblzma.so.5 needs one block of 128 KiB; the largest hole is 64 KiB' "$work/err" ||
		fail 'the library is not named'
	works 0 '' env LD_PRELOAD=liblzma.so.5 "$nommu" audit --stack 16K --max-order 4 "$child" exit 0
	grep -q 'loading the text of liblzma.so.5, [0-9]* KiB' "$work/err" || fail 'audit does not name the library'
	works 0 '' env LD_PRELOAD=liblzma.so.5 "$nommu" audit --stack 16K --max-order 2 "$child" exit 0
	grep -Eq 'image-too-large +[2-9] times' "$work/err" || fail 'audit does not go on'
}
# The program's own depth and arguments: not the loader's, not the environment's, which are the host's.
case_main_stack_depth() {
	export LARGE="$(printf '%020000d' 0)"
	works 0 '' "$nommu" audit --board k210 "$child" deep 1
	! grep -q stack-depth "$work/err" || fail 'a stack that fits is reported'
	works 0 '' "$nommu" audit --board k210 "$child" deep 32
	grep -q 'main stack of cmd_child 3[2-9][0-9.]* KiB deep, the target has 4 KiB' "$work/err" ||
		fail 'the program or the depth is not told'
	works 0 '' "$nommu" audit --board k210 "$child" deep 1 "$LARGE"
	! grep -q stack-depth "$work/err" || fail 'a flat program has room for its arguments'
	works 0 '' "$nommu" audit --image pie --stack 8k "$child" deep 1 "$LARGE"
	grep -q 'stack of cmd_child 2[0-9][0-9.]* KiB deep, the target has 8 KiB' "$work/err" || fail 'arguments do not count'
}
case_signal_handed_on() {
	mkfifo "$work/fifo"
	"$nommu" run "$child" wait >"$work/fifo" 2>"$work/err" &
	launcher=$!
	exec 3<"$work/fifo"
	read -r line <&3
	kill -TERM $launcher
	cat <&3 >"$work/out"
	wait $launcher || fail "exit status $?"
	[ "$(cat "$work/out")" = 'signal 15' ] || fail 'SIGTERM did not arrive'
}
case_killed_launcher() {
	mkfifo "$work/fifo"
	"$nommu" run "$child" wait >"$work/fifo" 2>"$work/err" &
	exec 3<"$work/fifo"
	read -r line <&3
	kill -KILL $!
	cat <&3 >"$work/out" # ends when the program is gone
	[ ! -s "$work/out" ] || fail 'the program went on'
}
case_inherited_dispositions() {
	works 0 '0 0 0' "$nommu" run "$child" signals
	works 0 '0 0 1' nohup "$nommu" run "$child" signals
	(trap '' CHLD PIPE 2>/dev/null; "$nommu" run "$child" signals) >"$work/out" 2>"$work/err" ||
		fail "a parent that ignores SIGCHLD: $?"
	grep -q ' 1 0$' "$work/out" || fail 'SIGPIPE is not as it was'
}
case_refused_call() {
	works 1 '' "$nommu" run "$child" fork
	works 0 '' "$nommu" audit "$child" fork
	grep -q fork "$work/err" || fail 'the report does not name fork'
}
case_fail_on() {
	works 3 '' "$nommu" audit --fail-on error "$child" fork
	works 0 '' "$nommu" audit --fail-on never "$child" fork
	works 3 '' env NOMMU_FAIL_ON=error "$nommu" audit "$child" fork
	works 6 '' "$nommu" audit --fail-on note "$child" exit 6
	works 1 '' "$nommu" run --fail-on error "$child" fork
	grep -q 'findings of --fail-on error' "$work/err" || fail 'run does not say why'
}
case_reports() {
	for end in txt json sarif xml; do
		works 0 '' "$nommu" audit --report "$work/r.$end" "$child" fork
		grep -q fork "$work/r.$end" || fail "r.$end does not name fork"
	done
	for end in massif folded; do
		works 0 '' "$nommu" audit --report "$work/r.$end" "$child" fork
		[ -e "$work/r.$end" ] || fail "there is no r.$end"
	done
}
case_recording() {
	works 0 '' "$nommu" audit --record "$work/rec" "$child" fork
	[ "$(head -c 7 "$work/rec")" = nommrec ] || fail 'no recording was kept'
	try "$nommu" report "$work/rec"
	grep -q fork "$work/out" || fail 'the recording does not name fork'
}
case_nothing_left() {
	mkdir "$work/tmp"
	env TMPDIR="$work/tmp" "$nommu" audit "$child" fork >"$work/out" 2>"$work/err" &
	launcher=$!
	wait $launcher || fail "exit status $?"
	[ -z "$(ls -A "$work/tmp")" ] || fail 'something is left in TMPDIR'
	[ -z "$(ls /dev/shm | grep -e "-$launcher-")" ] || fail 'the ledger is left'
}
case_sanitizer() {
	sanitized=$(dirname "$child")/cmd_sanitized
	[ -x "$sanitized" ] || exit 77
	works 5 '' "$nommu" audit "$sanitized" exit 5
	works 5 '' "$nommu" run --image none "$sanitized" exit 5
}
# maps_of OPTION...: what maps says of a live run with these options.
maps_of() {
	mkfifo "$work/fifo"
	"$nommu" run "$@" "$child" wait >"$work/fifo" 2>"$work/err" &
	launcher=$!
	exec 3<"$work/fifo"
	read -r line <&3
	try "$nommu" maps "$(cat /proc/$launcher/task/$launcher/children | cut -d' ' -f1)"
	kill -TERM $launcher
	wait $launcher
	[ "$status" -eq 0 ] || fail "exit status $status"
}
case_maps_of_swap() {
	maps_of --profile hpux-11.31
	grep -q '^swap [0-9]*k free of ' "$work/out" || fail 'no swap is shown'
}
case_maps() {
	maps_of
	grep -q '^[0-9a-f]*-[0-9a-f]* rwxp ' "$work/out" || fail 'no mapping is shown'
	grep -q '^Node 0, zone ' "$work/out" || fail 'no free lists are shown'
}

"case_$case"
