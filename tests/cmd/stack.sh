#!/bin/sh
# SPDX-License-Identifier: MIT
# stack.sh - stacks that overflow.
. "$(dirname "$0")/lib.sh"

# In run a thread that goes beyond its block writes to whatever lies below: it is told when the thread ends.
case_thread_stack_overflow() {
	for how in thread beside; do
		works 0 '' "$nommu" audit --libc musl --report "$work/r.txt" "$child" $how 200
		grep -q 'stack 2[0-9][0-9] KiB deep, the target has 1[0-9][0-9] KiB' "$work/r.txt" ||
			fail "$how: audit does not tell it"
		try "$nommu" run --libc musl --report "$work/r.txt" "$child" $how 200
		grep -q 'stack used to the end of the 1[0-9][0-9] KiB' "$work/r.txt" ||
			fail "$how: run does not tell it"
		works 0 '' "$nommu" run --libc musl --report "$work/r.txt" --report "$work/r.json" \
			"$child" $how 64
		! grep -q stack-depth "$work/r.txt" || fail "$how: a thread that fits is reported"
		grep -q "thread's \(6[4-9]\|7[0-9]\)[.0-9]* KiB" "$work/r.txt" || fail "$how: how deep it was is not told"
		grep -q 'deepest_thread_stack_bytes": [67][0-9][0-9][0-9][0-9],' "$work/r.json" ||
			fail "$how: how deep it was is not in the JSON report"
	done
}
# An overflow of the main stack is one line and a finding with its place; another crash is neither.
case_stack_overflow() {
	works 139 '' "$nommu" run "$child" crash recursion
	grep -q '^nommu: .*: the main stack of 128 KiB is full' "$work/err" || fail 'it is not told'
	try env LD_PRELOAD="$(dirname "$nommu")/libnommu_preload.so" "$child" crash recursion
	grep -q '^nommu: .*: the main stack of 128 KiB is full' "$work/err" ||
		fail 'it is not told without the launcher'
	works 139 '' "$nommu" run --report "$work/r.txt" --stack 1M "$child" crash recursion
	grep -q '^nommu: .*: the main stack of 1024 KiB is full' "$work/err" || fail 'the size is wrong'
	grep -q '^error *stack-depth' "$work/r.txt" || fail 'there is no finding'
	grep -q '^ *recurse ' "$work/r.txt" || fail 'the finding has no place'
	works 139 '' "$nommu" run --report "$work/r.txt" "$child" crash pointer
	[ ! -s "$work/err" ] || fail 'another crash is told'
	! grep -q stack-depth "$work/r.txt" || fail 'another crash is a finding'
	works 139 '' "$nommu" run --report "$work/r.txt" "$child" die 11
	! grep -q stack-depth "$work/r.txt" || fail 'a signal is a finding'
}

"case_$case"
