#!/bin/sh
# SPDX-License-Identifier: MIT
#
# build-kernel.sh [FLAVOUR [VERSION]]: build the no-MMU riscv64 Linux that answers the scenarios, from Debian's
# linux-source-VERSION (6.12, the recordings' own, or 6.1), in the cache folder, and print the path of its Image.
#
#   base   the configuration of the recordings (default)
#   wide   base plus sockets, event descriptors, /dev/mem, romfs: for questions about descriptors. It takes
#          more memory itself, so capacity is never measured with it.
#
# Missing packages are installed with apt-get, as root or through sudo, after saying so.
set -eu

flavour=${1:-base}
version=${2:-6.12}
cache=${NOMMU_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nommu-oracle}
tarball=/usr/src/linux-source-$version.tar.xz
source=$cache/linux-source-$version
build=$cache/build-$flavour
[ "$version" = 6.12 ] || build=$build-$version

say() { echo "build-kernel: $*" >&2; }

options_of() {
	echo "-e BINFMT_ELF_FDPIC -e SYSVIPC -e MMAP_ALLOW_UNINITIALIZED -e PROC_FS -e TMPFS -e SHMEM -e MEMFD_CREATE
		-e DEVTMPFS -e EXT2_FS -e POSIX_MQUEUE -e FUTEX -d CMDLINE_FORCE"
	[ "$1" = wide ] || return 0
	echo "-e NET -e UNIX -e INET -e EPOLL -e SIGNALFD -e TIMERFD -e EVENTFD -e INOTIFY_USER -e DEVMEM
		-e MISC_FILESYSTEMS -e ROMFS_FS -e ROMFS_BACKED_BY_BLOCK -e KALLSYMS"
}

case $flavour in
base | wide) ;;
*) say "no flavour '$flavour': base or wide"; exit 2 ;;
esac
case $version in
6.12 | 6.1) ;;
*) say "no version '$version': 6.12 or 6.1"; exit 2 ;;
esac
if [ -f "$build/arch/riscv/boot/Image" ] && [ -z "${REBUILD:-}" ]; then
	echo "$build/arch/riscv/boot/Image"
	exit 0
fi
# shellcheck source=tests/oracle/packages.sh
. "$(dirname "$0")/packages.sh"
need_packages "linux-source-$version" gcc-riscv64-linux-gnu gcc make bc bison flex xz-utils libc6-dev
mkdir -p "$build"
if [ ! -f "$source/Makefile" ]; then
	say "unpacking $tarball"
	tar -C "$cache" -xf "$tarball"
fi
compile() { make -C "$source" O="$build" ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- "$@" >> "$build/log" 2>&1; }
fail() { tail -20 "$build/log" >&2; say "failed; the whole log is $build/log"; exit 1; }
: > "$build/log"
say "building the $flavour kernel $version in $build (minutes)"
compile nommu_virt_defconfig || fail
# shellcheck disable=SC2046
"$source/scripts/config" --file "$build/.config" $(options_of "$flavour")
compile olddefconfig || fail
compile -j"${JOBS:-2}" Image || fail
echo "$build/arch/riscv/boot/Image"
