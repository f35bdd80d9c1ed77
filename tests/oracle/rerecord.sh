#!/bin/sh
# SPDX-License-Identifier: MIT
#
# rerecord.sh [SCENARIO...]: record what the real kernel answers, all scenarios or the given ones, into
# golden/linux-6.12 and show what changed since the last commit. Installs, builds and boots what that takes.
# rerecord.sh --check: record into a temporary folder instead, only with a kernel that is there, and fail (1) if an
# answer changed that does not depend on what is free at the start; 77 without a kernel.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/golden/linux-6.12
cache=${NOMMU_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nommu-oracle}
check=
if [ "${1:-}" = --check ]; then
	image=$cache/build-base/arch/riscv/boot/Image
	[ -f "$image" ] || { echo "no kernel at $image: run build-kernel.sh"; exit 77; }
	check=$(mktemp -d "${TMPDIR:-/tmp}/oracle-check-XXXXXX")
	trap 'rm -rf "$check"' EXIT
	cd "$here"
	chosen=$(grep -L -e '^#! kernel wide' -e '^exhaust' -e '^swiss' scenarios/*.scn)
	# shellcheck disable=SC2086
	"$here/record.sh" -k "$image" -o "$check" $chosen
	failed=0
	for answer in "$check"/*.out; do
		grep -v '^cat ' "$answer" > "$check/new" || true
		grep -v '^cat ' "$golden/$(basename "$answer")" | diff -u - "$check/new" || failed=1
	done
	exit $failed
fi
cd "$here"
all=
[ $# -gt 0 ] || all=yes
[ -z "$all" ] || set -- scenarios/*.scn pressure/*.scn
for flavour in base wide; do
	chosen=
	for scenario in "$@"; do
		wanted=$(sed -n 's/^#! kernel \([a-z]*\).*/\1/p' "$scenario")
		[ "${wanted:-base}" != "$flavour" ] || chosen="$chosen $scenario"
	done
	[ -n "$chosen" ] || continue
	kernel=$("$here/build-kernel.sh" "$flavour")
	# shellcheck disable=SC2086
	"$here/record.sh" -k "$kernel" -o "$golden" $chosen
done
if [ -n "$all" ]; then
	{
		echo "recorded       $(date -u +%Y-%m-%d)"
		echo "kernel         $(strings "$cache/build-base/vmlinux" | grep -m 1 '^Linux version [0-9]' | cut -d' ' -f1-3)"
		echo "source         $(dpkg-query -W -f '${Package} ${Version}' linux-source-6.12)"
		echo "configuration  nommu_virt_defconfig and the options in build-kernel.sh (base; wide where a scenario says so)"
		echo "machine        $(qemu-system-riscv64 --version | head -n 1), -M virt -smp 1, 64 MiB where a scenario says nothing else"
	} > "$golden/PROVENANCE"
	"$here/differ.py" --write --seeds 1:120
fi
git -C "$here" diff --stat -- "$golden" || true
