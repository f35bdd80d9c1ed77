#!/bin/sh
# SPDX-License-Identifier: MIT
# seeds.sh FOLDER - makes small inputs for the harnesses: ELF files from assembly and C of our own, linked
# without padding so that they stay small, and packages around them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
mkdir -p "$out/scan_elf" "$out/scan_package" "$out/scan_archive"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small="-Os -s -nostartfiles -Wl,-z,noseparate-code,-z,norelro,--build-id=none,-z,max-page-size=4096 -Wl,--hash-style=both"

for source in "$here"/seeds/*.c; do
	name=$(basename "$source" .c)
	gcc $small -fPIE -pie -o "$out/scan_elf/$name" "$source"
	gcc $small -no-pie -fno-plt -o "$out/scan_elf/$name-fixed" "$source"
	gcc $small -shared -fPIC -Wl,-soname,lib$name.so -o "$out/scan_elf/$name.so" "$source"
	gcc -Os -g -nostartfiles -fPIE -pie -Wl,-z,noseparate-code -o "$out/scan_elf/$name-debug" "$source"
	gcc -c -Os -o "$out/scan_elf/$name.o" "$source"
	for cross in aarch64-linux-gnu riscv64-linux-gnu arm-linux-gnueabi; do
		if command -v $cross-gcc >/dev/null; then
			$cross-gcc -c -Os -ffreestanding -fPIC -o "$work/$name.o" "$source" &&
				$cross-ld -shared -s -o "$out/scan_elf/$name.$cross" "$work/$name.o" || :
		fi
	done
done
printf 'bFLT\0\0\0\4%056d' 0 >"$out/scan_elf/flat"
for flags in 0 1 4; do # entry, ends of text, data and bss, stack, relocations, flags
	printf 'bFLT\0\0\0\4\0\0\0\100\0\0\0\200\0\0\0\240\0\0\2\0\0\0\020\0\0\0\0\240\0\0\0\1\0\0\0\'$flags'%0128d' 0 \
		>"$out/scan_elf/flat-$flags"
done
printf '#!/bin/sh\n' >"$out/scan_elf/script"

mkdir -p "$work/data/usr/bin"
cp "$out/scan_elf/forks" "$work/data/usr/bin/"
printf '2.0\n' >"$work/debian-binary"
(cd "$work" && tar -b1 -cf control.tar --files-from /dev/null)
for pack in cat gzip xz zstd bzip2; do
	command -v $pack >/dev/null || continue
	end=$(case $pack in cat) ;; gzip) echo .gz ;; xz) echo .xz ;; zstd) echo .zst ;; bzip2) echo .bz2 ;; esac)
	(cd "$work" && tar -b1 -cf - --sort=name --mtime=@0 --owner=0 --group=0 -C data . | $pack >"data.tar$end" &&
		ar rcD "$out/scan_package/$pack.deb" debian-binary control.tar "data.tar$end" &&
		mv "data.tar$end" "$out/scan_archive/$pack")
done
