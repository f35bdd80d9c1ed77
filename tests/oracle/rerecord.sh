#!/bin/sh
# SPDX-License-Identifier: MIT
#
# rerecord.sh [-v VERSION] [SCENARIO...]: record what the real kernel answers, all scenarios or the given ones, into
# golden/linux-VERSION (6.12, or 6.1) and show what changed since the last commit. Installs, builds and boots what
# that takes.
# rerecord.sh --check: record into a temporary folder instead, only with a kernel that is there, and fail (1) if an
# answer changed that does not depend on what is free at the start; 77 without a kernel.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${NOMMU_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nommu-oracle}
check=
if [ "${1:-}" = --check ]; then
	golden=$here/golden/linux-6.12
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
# shellcheck source=tests/oracle/packages.sh
. "$here/packages.sh"
need_packages python3 binutils git
version=6.12
if [ "${1:-}" = -v ]; then
	version=$2
	shift 2
fi
golden=$here/golden/linux-$version
flat=
[ "$version" = 6.12 ] || flat=-f
all=
if [ $# = 0 ]; then
	all=yes
	set -- "$here"/scenarios/*.scn "$here"/pressure/*.scn
fi
for scenario in "$@"; do
	[ -f "$scenario" ] || { echo "rerecord: there is no $scenario" >&2; exit 2; }
done
for flavour in base wide; do
	recorded=
	for scenario in "$@"; do
		wanted=$(sed -n 's/^#! kernel \([a-z]*\).*/\1/p' "$scenario")
		[ "${wanted:-base}" = "$flavour" ] || continue
		[ -n "$recorded" ] || kernel=$("$here/build-kernel.sh" "$flavour" "$version")
		"$here/record.sh" $flat -k "$kernel" -o "$golden" "$scenario"
		recorded=yes
	done
done
if [ -n "$all" ]; then
	suffix=
	[ "$version" = 6.12 ] || suffix=-$version
	{
		echo "recorded       $(date -u +%Y-%m-%d)"
		echo "kernel         $(strings "$cache/build-base$suffix/vmlinux" | grep -m 1 '^Linux version [0-9]' | cut -d' ' -f1-3)"
		echo "source         $(dpkg-query -W -f '${Package} ${Version}' "linux-source-$version")"
		echo "configuration  nommu_virt_defconfig and the options in build-kernel.sh (base; wide where a scenario says so)"
		echo "machine        $(qemu-system-riscv64 --version | head -n 1), -M virt -smp 1, 64 MiB where a scenario says nothing else"
	} > "$golden/PROVENANCE"
	if [ "$version" = 6.12 ]; then
		"$here/differ.py" --write --seeds 1:120
		"$here/differ.py" --write --kind wander --seeds 1:60
	fi
fi
git -C "$here" status --short -- "$golden" || true
git -C "$here" diff --stat -- "$golden" || true
