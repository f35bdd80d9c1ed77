#!/bin/sh
# SPDX-License-Identifier: MIT
# cases.sh - cases.sh NOMMU CHILD STATIC CASE: one case of the launcher; exit 77 where it cannot be tried here.
# A bad call is one line on stderr that begins with "nommu: ", nothing on stdout, and the right exit status.
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

case_unknown_option() { refused 125 '--bogus' "$nommu" run --bogus "$child"; }
case_unknown_command() { refused 125 "'frobnicate'" "$nommu" frobnicate; }
case_no_command() { refused 125 'nommu --help' "$nommu"; }
case_missing_value() { refused 125 '--ram needs a value' "$nommu" run --ram; }
case_value_for_switch() { refused 125 'takes no value' "$nommu" run --record-heap=1 "$child"; }
case_no_program() { refused 125 'which program' "$nommu" run --ram 8M; }
case_unknown_profile() { refused 125 'strict linux-6.12 hpux-11.31' "$nommu" run --profile foo "$child"; }
case_unknown_board() { refused 125 'k210' "$nommu" run --board foo "$child"; }
case_unknown_libc() { refused 125 'uclibc-simple' "$nommu" audit --libc glibc "$child"; }
case_unknown_fail_on() { refused 125 'note warning error never' "$nommu" run --fail-on x "$child"; }
case_ram_zero() { refused 125 '--ram 0 is out of range' "$nommu" run --ram 0 "$child"; }
case_ram_suffix() { refused 125 "'12Q' is not a size" "$nommu" run --ram 12Q "$child"; }
case_ram_negative() { refused 125 "'-1' is not a size" "$nommu" run --ram -1 "$child"; }
case_ram_overflow() { refused 125 'is not a size' "$nommu" run --ram 99999999999999999999 "$child"; }
case_ram_above_host() { refused 125 'more than this machine has' "$nommu" run --ram 255G "$child"; }
case_ram_of_environment() { refused 125 'NOMMU_RAM' env NOMMU_RAM=12Q "$nommu" run "$child"; }
case_buddyinfo_words() { refused 125 'counts of free blocks' "$nommu" run --buddyinfo "1 x" "$child"; }
case_buddyinfo_empty() { refused 125 'counts of free blocks' "$nommu" run --buddyinfo "" "$child"; }
case_buddyinfo_order() {
	refused 125 'max-order' "$nommu" run --max-order 3 --buddyinfo "0 0 0 0 99" "$child"
}
case_max_order() { refused 125 'from 0 to 19' "$nommu" run --max-order 20 "$child"; }
case_device() { refused 125 'ADDR,SIZE,FILE' "$nommu" run --device 0x10 "$child"; }
case_device_missing() { refused 125 'No such file' "$nommu" run --device 0,4k,/no/such "$child"; }
case_xip_missing() { refused 125 'No such file' "$nommu" run --xip /no/such "$child"; }
case_suppress_missing() { refused 125 'No such file' "$nommu" audit --suppress /no/such "$child"; }
case_program_missing() { refused 127 'not found in PATH' "$nommu" run no-such-program; }
case_program_missing_path() { refused 127 'not found' "$nommu" audit ./no/such; }
case_program_empty() { refused 127 'not found' "$nommu" run ''; }
case_directory() { refused 126 'is a directory' "$nommu" run "$work"; }
case_not_executable() {
	cp "$child" "$work/plain" && chmod a-x "$work/plain"
	refused 126 'not executable' "$nommu" run "$work/plain"
}
case_static() { refused 125 'nommu scan' "$nommu" audit "$static"; }
case_set_user_id() {
	cp "$child" "$work/suid" && chmod u+s "$work/suid"
	refused 125 'set-user-ID' "$nommu" run "$work/suid"
}
case_set_group_id() {
	cp "$child" "$work/sgid" && chmod g+s "$work/sgid"
	[ -g "$work/sgid" ] || exit 77
	refused 125 'set-group-ID' "$nommu" run "$work/sgid"
}
case_capabilities() {
	cp "$child" "$work/capable"
	setcap cap_net_raw+ep "$work/capable" 2>/dev/null || exit 77
	refused 125 'capabilities' "$nommu" run "$work/capable"
}
case_32_bit() {
	cp "$child" "$work/small" && patch "$work/small" 4 001 && patch "$work/small" 18 003
	patch "$work/small" 19 000
	refused 126 '32-bit program' "$nommu" run "$work/small"
}
case_other_machine() {
	cp "$child" "$work/other" && patch "$work/other" 18 363
	refused 126 'for riscv' "$nommu" run "$work/other"
}
case_damaged_elf() {
	head -c 80 "$child" >"$work/damaged" && chmod +x "$work/damaged"
	refused 126 'damaged' "$nommu" run "$work/damaged"
}
case_neither_elf_nor_text() {
	printf 'a\000b' >"$work/data" && chmod +x "$work/data"
	refused 126 'neither an ELF file nor a script' "$nommu" run "$work/data"
}
case_empty_file() {
	: >"$work/empty" && chmod +x "$work/empty"
	works 0 '' "$nommu" audit "$work/empty"
}
case_busy() {
	cp "$child" "$work/busy"
	exec 3>>"$work/busy"
	refused 126 'Text file busy' "$nommu" run "$work/busy"
}
case_script_without_interpreter() {
	printf '#!/no/such\n' >"$work/script" && chmod +x "$work/script"
	refused 127 "'/no/such'" "$nommu" run "$work/script"
}
case_script_of_static() {
	printf '#!%s\n' "$static" >"$work/script" && chmod +x "$work/script"
	refused 125 'statically linked' "$nommu" run "$work/script"
}
case_script_of_itself() {
	printf '#!%s\n' "$work/script" >"$work/script" && chmod +x "$work/script"
	refused 126 'no usable interpreter' "$nommu" run "$work/script"
}
case_report_unwritable() { refused 125 'cannot be written' "$nommu" audit --report /no/such/r.txt "$child"; }
case_report_ending() { refused 125 "'r.doc'" "$nommu" audit --report r.doc "$child"; }
case_record_unwritable() { refused 125 'cannot be written' "$nommu" run --record /no/such/r "$child"; }
case_nested() {
	refused 125 'cannot be nested' env NOMMU_LEDGER=/dev/shm/x "$nommu" run "$child"
	refused 125 'cannot be nested' "$nommu" run "$nommu" run "$child"
}
case_no_library() {
	cp "$nommu" "$work/nommu"
	refused 125 'cannot find libnommu_preload.so' "$work/nommu" run "$child"
}
case_maps_no_such_process() { refused 125 'no process' "$nommu" maps 2147483646; }
case_maps_no_run() { refused 125 'not in a run' "$nommu" maps $$; }
case_maps_no_ledger() { refused 125 '/no/such' "$nommu" maps /no/such; }
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
case_help_to_a_full_disk() {
	"$nommu" --help >/dev/full 2>"$work/err" && fail 'exit status 0'
	: >"$work/out"
	grep -q '^nommu: cannot write' "$work/err" || fail 'nothing was said'
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
case_preload_kept() {
	libm=$(ldd /usr/bin/awk | sed -n 's/.*=> \(.*libm\.so\.6\) .*/\1/p')
	[ -e "$libm" ] || exit 77
	works 0 "$libm:$(dirname "$nommu")/libnommu_preload.so" \
		env LD_PRELOAD="$libm" "$nommu" run "$child" variable LD_PRELOAD
}
# The installation is below a path that LD_PRELOAD cannot hold.
unfit_path() {
	mkdir "$work/$1" "$work/tmp"
	cp "$nommu" "$(dirname "$nommu")/libnommu_preload.so" "$work/$1"
	works 5 '' env TMPDIR="$work/tmp" "$work/$1/nommu" run "$child" exit 5
	[ ! -s "$work/err" ] || fail 'something was said'
	[ -z "$(ls -A "$work/tmp")" ] || fail 'something is left behind'
	works 1 '' env TMPDIR="$work/tmp" "$work/$1/nommu" run "$child" fork
}
case_path_with_space() { unfit_path 'a b'; }
case_path_with_colon() { unfit_path 'a:b'; }
case_path_with_dollar() { unfit_path 'a$ORIGIN'; }
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
case_arguments_too_large() {
	long=$(printf '%0100000d' 0)
	refused 125 'main stack of 64k' "$nommu" run --stack 64K "$child" exit 0 "$long"
	works 0 '' "$nommu" audit --stack 64K "$child" exit 0 "$long"
	grep -q 'main stack of 64k' "$work/err" || fail 'audit does not say it'
}
case_closed_descriptors() {
	"$nommu" run "$child" closed >"$work/out" 2>&-
	[ $? -eq 4 ] || fail 'closed stderr'
	"$nommu" audit "$child" closed >"$work/out" 2>&-
	[ $? -eq 4 ] || fail 'closed stderr, audit'
	"$nommu" run "$child" closed <&- >&- 2>&-
	[ $? -eq 7 ] || fail 'all three closed'
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
case_full_shared_memory() {
	unshare -m true 2>/dev/null || exit 77
	works 3 '' unshare -m sh -c "mount -t tmpfs -o size=4k none /dev/shm &&
		head -c 4096 /dev/zero >/dev/shm/full && exec '$nommu' audit --fail-on error '$child' fork"
}
case_sanitizer() {
	sanitized=$(dirname "$child")/cmd_sanitized
	[ -x "$sanitized" ] || exit 77
	works 5 '' "$nommu" audit "$sanitized" exit 5
	works 5 '' "$nommu" run --image none "$sanitized" exit 5
}
case_dropped_privileges() {
	[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || exit 77
	works 0 65534 "$nommu" audit setpriv --reuid=65534 --clear-groups id -u
	grep -q 'lost: id (pid [0-9]*, cannot open the ledger' "$work/err" || fail 'the report does not say who was lost, and why'
}
# Whoever starts it and however: a child without the library is named, with the reason.
case_lost_static() {
	cp "$static" "$work/outside"
	for how in spawn exec; do
		works 0 '' env PATH="/no/such:$work:$PATH" "$nommu" audit "$child" start $how outside exit 0
		grep -q 'lost: outside (pid [0-9]*, static program)' "$work/err" || fail "$how"
	done
	works 0 '' "$nommu" audit "$child" start fexecve "$work/outside" exit 0
	grep -q 'lost: .*static program' "$work/err" || fail fexecve
	printf '#!%s exit\n' "$work/outside" >"$work/script" && chmod +x "$work/script"
	works 0 '' "$nommu" audit "$child" start system "$work/script; true"
	grep -q 'lost: script (pid [0-9]*, static program)' "$work/err" || fail 'a script'
	works 0 '' "$nommu" audit "$child" start exec "$child" exit 0
	grep -q ', none lost;' "$work/err" || fail 'a child with the library is lost'
}
case_lost_set_user_id() {
	[ "$(id -u)" -eq 0 ] || exit 77
	cp "$child" "$work/suid" && chown 65534 "$work/suid" && chmod u+s "$work/suid"
	works 0 '' "$nommu" audit "$child" start spawn "$work/suid" exit 0
	grep -q 'lost: suid (pid [0-9]*, set-user-ID' "$work/err" || exit 77 # mounted nosuid
}
case_lost_in_json() {
	works 0 '' "$nommu" audit --report "$work/r.json" "$child" start spawn "$static" exit 0
	grep -q '"reason": "static"' "$work/r.json" || fail 'no reason in JSON'
}
# A folder whose root has no ledger: the child runs, and is missed.
case_lost_behind_chroot() {
	[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || exit 77
	works 0 '' "$nommu" audit unshare -m sh -c 'mount -t tmpfs none /dev/shm && true'
	grep -q 'lost: mount (pid [0-9]*' "$work/err" && fail 'mount came before'
	works 0 '' "$nommu" audit unshare -m sh -c 'mount -t tmpfs none /dev/shm; /bin/true; :'
	grep -q 'lost: true (pid [0-9]*, cannot open the ledger' "$work/err" || fail 'nobody is missed'
}
case_full_disk() {
	unshare -m true 2>/dev/null || exit 77
	works 125 '' unshare -m sh -c "mount -t tmpfs -o size=64k none /mnt &&
		TMPDIR=/mnt exec '$nommu' audit '$child' fork"
	grep -q '^nommu: no process could be recorded' "$work/err" || fail 'nothing was said'
}
case_file_size_limit() {
	(ulimit -f 1 && refused 125 'cannot make the ledger' "$nommu" run "$child")
}
# A file of ours that may not grow costs the program nothing, whoever would have made it grow.
case_file_size_limit_inside() {
	works 5 '' sh -c "ulimit -f 1; NOMMU_RAM=8M LD_PRELOAD='$(dirname "$nommu")/libnommu_preload.so' '$child' exit 5"
	grep -q '^nommu: ' "$work/err" || fail 'nothing was said'
	works 1 '' "$nommu" run --record "$work/rec" sh -c "ulimit -f 1; exec '$child' fork"
}
case_maps_of_swap() {
	mkfifo "$work/fifo"
	"$nommu" run --profile hpux-11.31 "$child" wait >"$work/fifo" 2>"$work/err" &
	launcher=$!
	exec 3<"$work/fifo"
	read -r line <&3
	try "$nommu" maps "$(cat /proc/$launcher/task/$launcher/children | cut -d' ' -f1)"
	kill -TERM $launcher
	wait $launcher
	[ "$status" -eq 0 ] || fail "exit status $status"
	grep -q '^swap [0-9]*k free of ' "$work/out" || fail 'no swap is shown'
}
case_maps() {
	mkfifo "$work/fifo"
	"$nommu" run "$child" wait >"$work/fifo" 2>"$work/err" &
	launcher=$!
	exec 3<"$work/fifo"
	read -r line <&3
	try "$nommu" maps "$(cat /proc/$launcher/task/$launcher/children | cut -d' ' -f1)"
	kill -TERM $launcher
	wait $launcher
	[ "$status" -eq 0 ] || fail "exit status $status"
	grep -q '^[0-9a-f]*-[0-9a-f]* rwxp ' "$work/out" || fail 'no mapping is shown'
	grep -q '^Node 0, zone ' "$work/out" || fail 'no free lists are shown'
}

"case_$case"
