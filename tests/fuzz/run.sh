#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh HARNESS SECONDS - builds the harnesses with clang and runs one (scan_elf, scan_package) on its seeds and
# on the corpus that earlier runs left in build-fuzz/corpus. What it finds is in build-fuzz/found.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
harness=$1 seconds=${2:-600}
build=$top/build-fuzz
cmake -S "$top" -B "$build" -DNOMMU_FUZZ=ON -DNOMMU_EXAMPLES=OFF -DCMAKE_C_COMPILER=clang >/dev/null
cmake --build "$build" --target "fuzz_$harness" -j 2 >/dev/null
mkdir -p "$build/corpus/$harness" "$build/found"
sh "$top/tests/fuzz/seeds.sh" "$build/seeds"
# Looking for leaks after every input is slow: they are looked for in the end, over the corpus.
export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=3
nice -n 19 "$build/tests/fuzz/fuzz_$harness" -detect_leaks=0 -max_len=4096 -max_total_time="$seconds" -timeout=20 \
	-artifact_prefix="$build/found/$harness-" "$build/corpus/$harness" "$build/seeds/$harness"
unset ASAN_OPTIONS
"$build/tests/fuzz/fuzz_$harness" -runs=0 "$build/corpus/$harness" 2>&1 | tail -n 1
