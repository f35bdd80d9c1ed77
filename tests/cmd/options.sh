#!/bin/sh
# SPDX-License-Identifier: MIT
# options.sh - every option is a variable too: both give the same answers and the same complaint, and the
# library alone reads what is not the launcher's own.
. "$(dirname "$0")/lib.sh"

library=$(dirname "$nommu")/libnommu_preload.so
answers=$(dirname "$child")/cmd_answers
echo window >"$work/window"
files="$work/made.rec $work/made.txt $work/made.heap"

variable_of() { echo "NOMMU_$1" | tr a-z- A-Z_; }

# answer NAME COMMAND...: what it says, how it ends and which files it makes, in a file of that name. How deep
# a stack was depends on where the host put it.
answer() {
	to=$work/$1
	shift
	rm -f $files
	"$@" >"$to" 2>&1 </dev/null
	echo "status $?" >>"$to"
	sed -i '/stacks* at most/d' "$to"
	ls $files >>"$to" 2>/dev/null
	[ ! -e "$work/made.heap" ] || "$nommu" fit "$work/made.heap" >>"$to"
}

# same NAME NAME WHY, other NAME NAME WHY: of two answers.
same() {
	cmp -s "$work/$1" "$work/$2" && return
	diff -u "$work/$1" "$work/$2"
	echo "$case: --$option: $3"
	exit 1
}
other() {
	! cmp -s "$work/$1" "$work/$2" || fail "--$option: $3"
}

# alike COMMAND "OTHER OPTIONS" OPTION VALUE PROGRAM...: a switch has no value and is 1 as a variable.
alike() {
	command=$1 others=$2 option=$3 value=$4
	shift 4
	variable=$(variable_of "$option")
	answer none "$nommu" "$command" $others -- "$@"
	answer option "$nommu" "$command" $others "--$option${value:+=$value}" -- "$@"
	answer variable env "$variable=${value:-1}" "$nommu" "$command" $others -- "$@"
	same option variable 'the variable says something else'
	other none option 'makes no difference'
}

# alone OPTION VALUE [VARIABLE...]: the library without the launcher answers as with it (the last `alike`).
alone() {
	option=$1 value=$2
	shift 2
	answer alone env "$@" "$(variable_of "$option")=$value" LD_PRELOAD="$library" \
		"$answers" 0x40000000 "$work/window"
	same option alone 'the library alone says something else'
}

case_option_is_variable_machine() {
	for row in 'profile linux-6.12' 'profile hpux-11.31' 'ram 8M' 'buddyinfo 2 7 5 4 2 6 3 2 3 3 11' \
		'board qemu-riscv-virt' 'max-order 8' 'trim 0' 'libc musl' 'image none' 'image-text 1M' \
		'image-data 1M' 'stack 1M' 'uninitialized zero' "xip $work"; do
		alike run '' "${row%% *}" "${row#* }" "$answers" 0x40000000 "$work/window"
		alone "${row%% *}" "${row#* }"
	done
	alike run '--profile hpux-11.31 --ram 1M' swap 0 "$answers" 0x40000000 "$work/window"
	alone swap 0 NOMMU_PROFILE=hpux-11.31 NOMMU_RAM=1M
}
case_option_is_variable_device() {
	alike run '' device "0x40000000,4k,$work/window" "$answers" 0x40000000 "$work/window"
	alone device "0x40000000,4k,$work/window"
}
case_option_is_variable_launcher() {
	echo 'fork * *' >"$work/accepted"
	alike audit '' suppress "$work/accepted" "$child" fork
	alike audit '' record "$work/made.rec" "$child" fork
	alike audit "--record $work/made.heap" record-heap '' "$child" arguments printed
	alike audit '' report "$work/made.txt" "$child" fork
	alike audit '' fail-on error "$child" fork
}

# What is wrong is wrong on both sides, in the same words; the variable is named.
case_option_and_variable_refuse_alike() {
	for row in 'profile x' 'ram 12Q' 'swap x' 'buddyinfo x' 'board x' 'device x' 'suppress /no/such' \
		'max-order 99' 'trim x' 'libc x' 'image x' 'image-text x' 'image-data x' 'stack x' \
		'uninitialized x' 'xip /no/such' 'record /no/such/r' 'record-heap x' 'report r.doc' 'fail-on x'; do
		option=${row%% *} value=${row#* }
		refused 125 '' env "$(variable_of "$option")=$value" "$nommu" audit "$child" exit 0
		sed "s/ (from $(variable_of "$option"))\$//" "$work/err" >"$work/variable"
		[ "$option" != record-heap ] || continue # a switch
		refused 125 '' "$nommu" audit "--$option=$value" "$child" exit 0
		same err variable 'the variable complains in other words'
	done
}
# The library alone refuses what the launcher would; of its files it finds out later.
case_variable_refused_by_the_library() {
	for row in 'profile x' 'ram 12Q' 'swap x' 'buddyinfo x' 'board x' 'device x' 'max-order 99' 'trim x' \
		'libc x' 'image x' 'image-text x' 'image-data x' 'stack x' 'uninitialized x' 'record-heap x'; do
		variable=$(variable_of "${row%% *}")
		refused 125 "from $variable" env "$variable=${row#* }" LD_PRELOAD="$library" "$child" exit 0
	done
}
# A new option has its rows above.
case_option_has_its_rows() {
	list=$(dirname "$0")/../../lib/base/conf.def
	: >"$work/err"
	for option in $(sed -n 's/^OPTION([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$list"); do
		[ "$(grep -c "['\" ]$option ['\"\$/0-9a-z]" "$0")" -ge 2 ] || fail "no row tries --$option"
	done
}

"case_$case"
