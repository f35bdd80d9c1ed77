#!/bin/sh
# SPDX-License-Identifier: MIT
# memory.sh - running out of memory, as the profile has it.
. "$(dirname "$0")/lib.sh"

# finding RULE CALL: the text report has it, with what was free.
finding() {
	grep -q "^error *$1 .*1 time" "$work/r.txt" || fail "there is no finding $1"
	grep -q "^ *first: $2" "$work/r.txt" || fail "the finding does not name the call"
	grep -q '^ *free then: [0-9.]* [KM]iB, largest block [0-9.]* [KM]iB' "$work/r.txt" ||
		fail 'the finding does not say what was free'
}
# Where run refused something, the smallest RAM is a guess; in audit it is none.
case_guessed_ram() {
	works 1 '' "$nommu" run --ram 8M --record "$work/r" --report "$work/r.txt" "$child" eat 2
	grep -q 'smallest RAM that would do: perhaps' "$work/r.txt" || fail 'the report takes it for certain'
	works 0 "$("$nommu" fit "$work/r")" "$nommu" fit "$work/r"
	grep -q 'a guess: [0-9]* request' "$work/out" || fail 'fit takes it for certain'
	works 0 '' "$nommu" audit "$child" exit 0
	! grep -q 'perhaps\|a guess' "$work/err" || fail 'audit guesses'
}
case_out_of_memory_strict() {
	works 1 '' "$nommu" run --ram 8M --report "$work/r.txt" "$child" eat 2
	[ ! -s "$work/err" ] || fail 'something is said of a call that failed'
	finding out-of-memory mmap
	works 1 '' "$nommu" run --ram 8M --profile linux-6.12 --report "$work/r.txt" "$child" eat 16
	[ ! -s "$work/err" ] || fail 'something is said of a call that failed'
	finding '\(out-of-memory\|fragmented\)' mmap
}
# Up to order 3 the kernel kills: who, for whom, and what was free, on stderr and in the report.
case_out_of_memory_kills() {
	works 137 '' "$nommu" run --ram 8M --profile linux-6.12 --report "$work/r.txt" \
		--report "$work/r.json" "$child" eat 2
	grep -qE '^nommu: out of memory: killed process ([0-9]+) \(cmd_child\), [0-9]+ pages; 2 pages were asked for by process \1, [0-9]+ are free, the largest block has [0-9]+, free lists( [0-9]+){11}$' \
		"$work/err" || fail 'the line does not say who, why and what was free'
	finding out-of-memory mmap
	tr -s '\n ' ' ' <"$work/r.txt" | grep -q 'the OOM killer end process [0-9]* (cmd_child)' ||
		fail 'the finding does not say who was killed'
	grep -q '"verdict": "blocked"' "$work/r.json" || fail 'the verdict is not blocked'
}
# The newest goes, and who asked goes on.
case_out_of_memory_kills_another() {
	works 109 '' "$nommu" run --ram 8M --profile linux-6.12 --report "$work/r.txt" "$child" eat-beside
	tr -s '\n ' ' ' <"$work/err" | grep -qE 'killed process ([0-9]+) \(cmd_child\).* asked for by process [0-9]+' ||
		fail 'it is not told'
	grep -q '^BLOCKED' "$work/r.txt" || fail 'there is no finding'
}
case_out_of_memory_audit() {
	works 0 '' "$nommu" audit --ram 8M --profile linux-6.12 --report "$work/r.txt" "$child" eat 2
	[ ! -s "$work/err" ] || fail 'something is said'
	grep -q '^error *out-of-memory' "$work/r.txt" || fail 'there is no finding'
}
# Without the launcher the first process makes the machine, its children join it however they were made, and
# the last one removes it.
case_one_memory_without_launcher() {
	library="$(dirname "$nommu")/libnommu_preload.so"
	for mode in run audit; do
		try env LD_PRELOAD="$library" NOMMU_MODE=$mode NOMMU_RAM=8M NOMMU_IMAGE=none "$child" mebibytes
		alone=$(cat "$work/out")
		try env LD_PRELOAD="$library" NOMMU_MODE=$mode NOMMU_RAM=8M NOMMU_IMAGE=none "$child" share
		[ $status -eq 0 ] || fail "$mode: exit status $status"
		ledger=$(tail -n 1 "$work/out")
		[ -n "$ledger" ] && [ "$ledger" != none ] || fail "$mode: there is no machine"
		[ ! -e "$ledger" ] || fail "$mode: $ledger is left behind"
		[ $mode = run ] || continue
		[ "$alone" -ge 6 ] || fail "only $alone MiB of 8 for one process"
		for how in vfork spawn system popen; do
			got=$(sed -n "s/^$how //p" "$work/out")
			[ "$got" -le $((alone - 4)) ] && [ "$got" -ge $((alone - 5)) ] ||
				fail "$how: $got MiB for a child, $alone for one alone"
		done
	done
}

"case_$case"
