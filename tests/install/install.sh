#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh BUILD SOURCE: installs into a folder with a space in its name, and uses it from there as a user would:
# the launcher finds its library, the manual page is there, and a program builds with pkg-config alone.
set -eu
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/installed here"

fail() { echo "install: $*"; exit 1; }

cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
[ -s "$prefix/share/man/man1/nommu.1" ] || fail "no manual page"
out=$("$prefix/bin/nommu" run -- sh -c 'echo works' 2>&1) || fail "nommu run: $out"
[ "$out" = works ] || fail "nommu run says: $out"
"$prefix/bin/nommu" audit -- true 2>&1 | grep -q '^READY' || fail "no report"

# A prefix with a space is no word for pkg-config's output: a link stands for it.
ln -s "$prefix" "$work/prefix"
export PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix/" -name nommu.pc)")
flags=$(pkg-config --cflags --libs nommu) || fail "pkg-config"
"${CC:-cc}" -D_GNU_SOURCE -o "$work/machine" "$source/examples/machine.c" $flags || fail "does not build: $flags"
"$work/machine" | grep -q '^largest block left: ' || fail "examples/machine.c does not work"
echo "install: ok"
