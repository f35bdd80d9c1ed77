#!/bin/sh
# SPDX-License-Identifier: MIT
#
# toolchain.sh: build musl for riscv64 from Debian's source package, and a compiler around it that links static PIE,
# in the cache folder; print the compiler's path. Such a program is what the no-MMU kernel can load.
#
# riscv64 has no fork system call, and musl uses clone instead, which on a kernel without an MMU gives a child that
# runs in its parent's memory and on its stack. Architectures with a fork call get EINVAL: so does fork here (nofork.c).
#
# Missing packages are installed with apt-get, as root or through sudo, after saying so.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${NOMMU_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nommu-oracle}
prefix=$cache/musl
compiler=$prefix/bin/riscv64-nommu-gcc

say() { echo "toolchain: $*" >&2; }

if [ -x "$compiler" ] && [ "$compiler" -nt "$here/nofork.c" ] && [ -z "${REBUILD:-}" ]; then
	echo "$compiler"
	exit 0
fi
# shellcheck source=tests/oracle/packages.sh
. "$here/../packages.sh"
need_packages gcc-riscv64-linux-gnu linux-libc-dev-riscv64-cross gcc make dpkg-dev
mkdir -p "$prefix/bin"
exec 3>&1 > "$prefix/log" 2>&1
trap '[ $? = 0 ] || { tail -20 "$prefix/log"; echo "toolchain: the whole log is $prefix/log"; } >&3' EXIT

cd "$prefix"
[ -f lib/libc.a ] || source_of musl
[ -f lib/libc.a ] || ( cd musl-* && ./configure --target=riscv64-linux-gnu --prefix="$prefix" --disable-shared --disable-wrapper \
	CROSS_COMPILE=riscv64-linux-gnu- CFLAGS='-O2 -fPIE -mcmodel=medany' && make -j"${JOBS:-2}" && make install )
for headers in linux asm asm-generic mtd; do
	ln -sfn "/usr/riscv64-linux-gnu/include/$headers" "$prefix/include/$headers"
done

riscv64-linux-gnu-gcc -O2 -fPIE -mcmodel=medany -nostdinc -isystem "$prefix/include" -c "$here/nofork.c" -o nofork.o
for member in fork vfork _Fork; do
	riscv64-linux-gnu-ar d lib/libc.a "$member.o" "$member.lo"
done
riscv64-linux-gnu-ar r lib/libc.a nofork.o

internal=$(dirname "$(riscv64-linux-gnu-gcc -print-libgcc-file-name)")
# All symbols are local: the start code of a static PIE knows only relocations without a symbol.
echo '{ local: *; };' > local
cat > specs <<EOF
%rename cpp_options host_cpp_options

*cpp_options:
-nostdinc -isystem $prefix/include -isystem $internal/include %(host_cpp_options)

*cc1:
%(cc1_cpu) -nostdinc -isystem $prefix/include -isystem $internal/include

*startfile:
%{!r:$prefix/lib/rcrt1.o $prefix/lib/crti.o $internal/crtbeginS.o}

*endfile:
%{!r:$internal/crtendS.o $prefix/lib/crtn.o}

*libgcc:
%{!r:$internal/libgcc.a}

*lib:
%{!r:-lc}

*link:
%{!r:-static -pie --no-dynamic-linker --version-script=$prefix/local -z text -z norelro} -L$prefix/lib -nostdlib

EOF
cat > "$compiler" <<EOF
#!/bin/sh
exec riscv64-linux-gnu-gcc -specs $prefix/specs -fPIE -mcmodel=medany "\$@"
EOF
chmod +x "$compiler"
echo 'int main(void) { return 0; }' > try.c
"$compiler" -o try try.c
echo "$compiler" >&3
