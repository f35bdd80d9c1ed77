#!/bin/sh
# SPDX-License-Identifier: MIT
#
# build.sh [SOURCE-PACKAGE...]: build real programs for the no-MMU guest from Debian's sources (all of recipes.sh, or
# the given ones), with the compiler of toolchain.sh, as static PIE. They end up in the cache folder, under
# programs/bin; programs/versions says from which version. What is there already is not built again.
#
# Installs what is missing, as toolchain.sh does.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${NOMMU_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nommu-oracle}
root=$cache/programs
made=$root/made
host_triplet=riscv64-linux-gnu
CFLAGS='-O2 -w'

# shellcheck source=tests/oracle/packages.sh
. "$here/../packages.sh"
# shellcheck source=tests/oracle/programs/recipes.sh
. "$here/recipes.sh"
CC=$("$here/toolchain.sh")
need_packages bison autoconf automake autotools-dev libtool flex ed pkgconf tcl bzip2 gettext libc6-dev
mkdir -p "$root/bin" "$root/src" "$made"
touch "$root/versions"

take() {
	for program in "$@"; do
		riscv64-linux-gnu-strip -o "$root/bin/$(basename "$program")" "$program"
	done
}

# zlib first: others are linked with it.
[ $# -gt 0 ] || set -- zlib $(sed -n 's/^build_\([a-z0-9_]*\)().*/\1/p' "$here/recipes.sh" | grep -v zlib | sort |
	sed -e 's/make_dfsg/make-dfsg/' -e 's/original_awk/original-awk/' -e 's/xz_utils/xz-utils/' -e 's/lua5_4/lua5.4/' -e 's/tcl8_6/tcl8.6/')
failed=
for package in "$@"; do
	[ -z "$(grep "^$package	" "$root/versions")" ] || continue
	echo "build: $package" >&2
	recipe=build_$(echo "$package" | tr '.-' '__')
	if (
		cd "$root/src"
		rm -rf "$package"
		mkdir "$package"
		cd "$package"
		source_of "$package"
		cd ./*/
		set -e
		"$recipe"
	) > "$root/src/$package.log" 2>&1; then
		printf '%s\t%s\n' "$package" "$(sed -n 's/^Version: //p' "$root/src/$package"/*.dsc | head -1)" >> "$root/versions"
		rm -rf "${root:?}/src/$package"
	else
		failed="$failed $package"
		echo "build: $package failed, see $root/src/$package.log" >&2
	fi
done
[ -z "$failed" ]
