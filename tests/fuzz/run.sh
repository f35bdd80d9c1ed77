#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh HARNESS SECONDS - builds the harnesses with clang and runs one (scan_elf, scan_package, scan_archive) on
# its seeds and on the corpus that earlier runs left in build-fuzz/corpus. What it finds is in build-fuzz/found,
# and how many inputs each run tried is added to build-fuzz/runs.log. With LIBARCHIVE=FOLDER the packages are read by the
# libarchive.so.13 there, which may be built with -fsanitize=address,undefined,fuzzer-no-link; the system's is not.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
harness=$1 seconds=${2:-600}
build=$top/build-fuzz
cmake -S "$top" -B "$build" -DNOMMU_FUZZ=ON -DNOMMU_EXAMPLES=OFF -DCMAKE_C_COMPILER=clang >/dev/null
cmake --build "$build" --target "fuzz_$harness" -j 2 >/dev/null
mkdir -p "$build/corpus/$harness" "$build/found"
sh "$top/tests/fuzz/seeds.sh" "$build/seeds"
# Looking for leaks after every input is slow: they are looked for in the end, over the corpus. So is what ASan does
# to fill, keep and return memory.
status=0
kept=$top/tests/fuzz/corpus/$harness # minimised, of earlier runs
[ -d "$kept" ] || kept=
LD_LIBRARY_PATH=${LIBARCHIVE:-} ASAN_OPTIONS=detect_odr_violation=0:quarantine_size_mb=1:malloc_context_size=1:max_malloc_fill_size=0:allocator_release_to_os_interval_ms=-1 \
	nice -n 19 "$build/tests/fuzz/fuzz_$harness" -detect_leaks=0 -max_len=6144 -max_total_time="$seconds" \
	-timeout=20 -reduce_inputs=0 -dict="$top/tests/fuzz/scan.dict" -artifact_prefix="$build/found/$harness-" \
	"$build/corpus/$harness" "$build/seeds/$harness" $kept >"$build/last.log" 2>&1 || status=$?
[ $status = 0 ] || tail -n 60 "$build/last.log" >&2
sed -n "s/^Done/$harness/p" "$build/last.log" | tee -a "$build/runs.log"
[ $status = 0 ] || exit $status
"$build/tests/fuzz/fuzz_$harness" -runs=0 "$build/corpus/$harness" 2>&1 | tail -n 1
