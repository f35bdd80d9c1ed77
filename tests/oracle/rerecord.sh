#!/bin/sh
# SPDX-License-Identifier: MIT
#
# rerecord.sh [SCENARIO...]: record what the real kernel answers, all scenarios or the given ones, into
# golden/linux-6.12 and show what changed since the last commit. Installs, builds and boots what that takes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/golden/linux-6.12
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
	cache=${NOMMU_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nommu-oracle}
	{
		echo "recorded       $(date -u +%Y-%m-%d)"
		echo "kernel         $(strings "$cache/build-base/vmlinux" | grep -m 1 '^Linux version [0-9]' | cut -d' ' -f1-3)"
		echo "source         $(dpkg-query -W -f '${Package} ${Version}' linux-source-6.12)"
		echo "configuration  nommu_virt_defconfig and the options in build-kernel.sh (base; wide where a scenario says so)"
		echo "machine        $(qemu-system-riscv64 --version | head -n 1), -M virt -smp 1, 64 MiB where a scenario says nothing else"
	} > "$golden/PROVENANCE"
fi
git -C "$here" diff --stat -- "$golden" || true
