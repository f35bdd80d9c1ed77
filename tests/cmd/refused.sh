#!/bin/sh
# SPDX-License-Identifier: MIT
# refused.sh - bad calls: one line on stderr that begins with "nommu: ", nothing on stdout, and the right exit status.
. "$(dirname "$0")/lib.sh"

case_unknown_option() { refused 125 '--bogus' "$nommu" run --bogus "$child"; }
case_unknown_command() { refused 125 "'frobnicate'" "$nommu" frobnicate; }
case_no_command() { refused 125 'nommu --help' "$nommu"; }
case_missing_value() { refused 125 '--ram needs a value' "$nommu" run --ram; }
case_value_for_switch() { refused 125 'takes no value' "$nommu" run --record-heap=1 "$child"; }
case_report_options() {
	for command in report fit scan; do
		refused 125 "unknown option --bogus; see nommu $command --help" "$nommu" $command --bogus
		refused 125 "unknown option -Z; see nommu $command --help" "$nommu" $command -Zo
		refused 125 "option -o needs a value; see nommu $command --help" "$nommu" $command -o
	done
	refused 125 'No such file' "$nommu" report -f json /nonexistent
	refused 125 'No such file' "$nommu" fit -f json /nonexistent
}
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
case_report_is_a_folder() {
	mkdir "$work/r.txt"
	refused 125 'Is a directory' "$nommu" audit --report "$work/r.txt" "$child"
	refused 125 'Is a directory' "$nommu" run --record "$work" "$child"
}
case_file_without_a_name() {
	refused 125 "--record ''" "$nommu" run --record '' "$child"
	refused 125 "--report ''" "$nommu" run --report '' "$child"
	refused 125 "--xip ''" "$nommu" run --xip= "$child"
	refused 125 "--suppress ''" "$nommu" audit --suppress= "$child"
}
case_report_ending() { refused 125 "'r.doc'" "$nommu" audit --report r.doc "$child"; }
case_report_to_a_device() {
	"$nommu" audit --report /dev/fd/3 "$child" fork 3>"$work/text" 2>"$work/err" >"$work/out"
	grep -q '^nommu audit: ' "$work/text" || fail "no report on descriptor 3: $(cat "$work/text" "$work/err")"
	grep -q 'nommu audit:' "$work/out" "$work/err" && fail 'it is elsewhere too'
	true
}
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

"case_$case"
