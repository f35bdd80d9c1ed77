#!/bin/sh
# SPDX-License-Identifier: MIT
#
# record.sh [-k IMAGE] [-m RAM] [-o FOLDER] [-b] [-f] [-l LOGLEVEL] SCENARIO...: ask the real kernel.
#
# Boots the no-MMU Linux of build-kernel.sh under QEMU, runs the scenarios and writes what it answered to
# FOLDER/NAME.out (default: standard output). A scenario has a guest of its own, of 64 MiB or as its first
# lines say ("#! ram 24M"); -b runs all of them one after another in a single guest.
# -f makes a flat program of the probe: riscv64 6.1 loads no ELF file without an MMU.
# Without -k the kernel is built when it is not there yet; missing packages are installed, as build-kernel.sh says.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kernel=
ram=
folder=
batch=
flat=
loglevel=0
while getopts k:m:o:bfl: option; do
	case $option in
	k) kernel=$OPTARG ;;
	m) ram=$OPTARG ;;
	o) folder=$OPTARG ;;
	b) batch=yes ;;
	f) flat=yes ;;
	l) loglevel=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$kernel" ] || kernel=$("$here/build-kernel.sh")
# shellcheck source=tests/oracle/packages.sh
. "$here/packages.sh"
need_packages qemu-system-misc gcc-riscv64-linux-gnu libc6-dev-riscv64-cross cpio e2fsprogs ${flat:+python3}

work=$(mktemp -d "${TMPDIR:-/tmp}/oracle-XXXXXX")
trap 'rm -rf "$work"' EXIT
riscv64-linux-gnu-gcc -std=gnu11 -D_GNU_SOURCE -Os -ffreestanding -fno-builtin -fno-stack-protector -nostdlib -static-pie \
	-fPIE -mcmodel=medany -Wl,-z,norelro -Wl,--build-id=none -Wl,--no-dynamic-linker \
	-o "$work/probe" "$here/probe.c" "$here"/ops*.c "$here/calls_guest.c" "$here/guest_init.c"
if [ -n "$flat" ]; then
	python3 "$here/flat.py" "$work/probe" "$work/flat"
	chmod +x "$work/flat"
	mv "$work/flat" "$work/probe"
fi
/sbin/mke2fs -q -F -t ext2 "$work/empty-disk" 32M > /dev/null

# boot RAM SCENARIO...: prints what the probe printed; what QEMU said goes to $work/log
boot() {
	memory=$1
	shift
	rm -rf "$work/root" "$work/disk"
	mkdir -p "$work/root/s" "$work/root/dev"
	cp "$work/probe" "$work/root/probe"
	ln -s probe "$work/root/init"
	for scenario in "$@"; do
		folder_of=$(dirname "$scenario")
		cp "$scenario" "$work/root/s/"
		echo "/s/$(basename "$scenario")"
		cat "$scenario" | sed -n 's/^child \/s\/\([^ ]*\).*/\1/p; s/^start [^ ]* \/s\/\([^ ]*\).*/\1/p' | while read -r sub; do
			cp "$folder_of/$sub" "$work/root/s/"
		done
	done > "$work/list"
	mv "$work/list" "$work/root/list"
	(cd "$work/root" && find . | sort | cpio -o -H newc 2> /dev/null) > "$work/initrd"
	cp "$work/empty-disk" "$work/disk"
	timeout "${GUEST_SECONDS:-60}" qemu-system-riscv64 -M virt -m "$memory" -bios none -nographic -no-reboot -smp 1 -icount shift=1,sleep=off \
		-kernel "$kernel" -initrd "$work/initrd" \
		-append "console=ttyS0 earlycon=uart8250,mmio,0x10000000,115200n8 loglevel=$loglevel panic=-1 rdinit=/init" \
		-drive "file=$work/disk,format=raw,id=d,if=none" -device virtio-blk-device,drive=d \
		< /dev/null > "$work/log" 2>&1 || true
	if ! grep -q PROBE-BEGIN "$work/log"; then
		cat "$work/log" >&2
		echo "record: the guest did not come up" >&2
		return 1
	fi
	tr -d '\r' < "$work/log" | sed -n '/PROBE-BEGIN/,/PROBE-END/p' | sed '/PROBE-BEGIN/d; /PROBE-END/d'
	grep -q PROBE-END "$work/log" || echo '!! the kernel died or hung'
}

[ -z "$folder" ] || mkdir -p "$folder"
if [ -n "$batch" ]; then
	boot "${ram:-512M}" "$@"
	exit
fi
for scenario in "$@"; do
	wanted=$(sed -n 's/^#! ram \([0-9]*[kMG]\).*/\1/p' "$scenario")
	if [ -n "$folder" ]; then
		boot "${ram:-${wanted:-64M}}" "$scenario" > "$work/out"
		mv "$work/out" "$folder/$(basename "$scenario" .scn).out"
	else
		boot "${ram:-${wanted:-64M}}" "$scenario"
	fi
done
