#!/bin/sh
# SPDX-License-Identifier: MIT
# odd.sh - places where something is full, closed or oddly named.
. "$(dirname "$0")/lib.sh"

case_help_to_a_full_disk() {
	"$nommu" --help >/dev/full 2>"$work/err" && fail 'exit status 0'
	: >"$work/out"
	grep -q '^nommu: cannot write' "$work/err" || fail 'nothing was said'
}
case_preload_kept() {
	libm=$(ldd /usr/bin/awk | sed -n 's/.*=> \(.*libm\.so\.6\) .*/\1/p')
	[ -e "$libm" ] || exit 77
	works 0 "$libm:$(dirname "$nommu")/libnommu_preload.so" \
		env LD_PRELOAD="$libm" "$nommu" run "$child" variable LD_PRELOAD
	works 3 '' env LD_PRELOAD="$work/no such.so" "$nommu" audit "$child" exit 3
	grep -q 'none lost' "$work/err" || fail 'what cannot be preloaded is in the way'
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
case_path_with_space() {
	unfit_path 'a b'
	cp "$child" "$work/a b/my program"
	works 4 '' "$nommu" audit --record "$work/a b/my rec" --report "$work/a b/my.txt" "$work/a b/my program" exit 4
	[ -s "$work/a b/my rec" ] && grep -q '^nommu audit:' "$work/a b/my.txt" || fail 'no report'
}
case_path_with_colon() { unfit_path 'a:b'; }
case_path_with_dollar() { unfit_path 'a$ORIGIN'; }
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
	"$nommu" audit "$child" closed <&- >"$work/out" 2>"$work/err"
	[ $? -eq 1 ] || fail 'closed stdin'
	"$nommu" audit "$child" closed >&- 2>"$work/err"
	[ $? -eq 2 ] || fail 'closed stdout'
	grep -q '^covered' "$work/err" || fail 'no report without stdout'
	"$nommu" run "$child" closed <&- >&- 2>&-
	[ $? -eq 7 ] || fail 'all three closed'
}
case_full_shared_memory() {
	unshare -m true 2>/dev/null || exit 77
	for mount in '-o size=4k none /dev/shm && head -c 4096 /dev/zero >/dev/shm/full' '-o ro none /dev/shm' \
		'none /dev'; do
		works 3 '' unshare -m sh -c "mount -t tmpfs $mount && exec '$nommu' audit --fail-on error '$child' fork"
		works 1 '' unshare -m sh -c "mount -t tmpfs $mount && exec '$nommu' run '$child' fork"
	done
}
# Nobody can write there; what the program does stays its own.
case_outputs_to_a_full_disk() {
	: >"$work/out"
	"$nommu" audit "$child" exit 6 >/dev/full 2>/dev/full
	[ $? -eq 6 ] || fail 'both full'
	refused 125 'cannot write the recording /dev/full' "$nommu" run --record /dev/full "$child" exit 0
}
# small COMMAND: with a disk of 64 KiB on /mnt.
small() {
	unshare -m true 2>/dev/null || exit 77
	unshare -m sh -c "mount -t tmpfs -o size=64k none /mnt && $1"
}
case_full_disk() {
	refused 125 'no process could be recorded' small "TMPDIR=/mnt exec '$nommu' audit '$child' fork"
}
case_full_disk_for_the_recording() {
	refused 125 'no process could be recorded in /mnt/r' small "exec '$nommu' audit --record /mnt/r '$child' fork"
	works 1 '' small "exec '$nommu' run --record /mnt/r '$child' fork"
	grep -q '^nommu: [0-9]* records did not fit into /mnt/r' "$work/err" || fail 'nothing was said'
	refused 125 'cannot write the recording' small "head -c 65536 /dev/zero >/mnt/all
		exec '$nommu' run --record /mnt/r '$child' fork"
}
case_full_disk_for_the_report() {
	refused 125 "--report '/mnt/r.html'.*No space left" small "head -c 65536 /dev/zero >/mnt/all
		exec '$nommu' audit --report /mnt/r.html '$child' fork"
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
# The folder that one stands in may have been removed.
case_folder_is_gone() {
	mkdir "$work/gone" && cd "$work/gone" && rmdir "$work/gone"
	works 3 '' "$nommu" audit "$child" exit 3
	refused 125 'the current folder has no path' "$nommu" run --record r "$child" exit 3
}

"case_$case"
