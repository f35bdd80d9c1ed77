#!/bin/sh
# SPDX-License-Identifier: MIT
# xz-threads.sh [BUILD] - a compressor with two threads wants blocks of up to 64 MiB, and the largest there is
# has 4 MiB. Its smallest dictionary is enough for the same file.
. "$(dirname "$0")/prepare.sh"

seq 1 200000 >numbers

shown nommu audit xz -T2 --keep numbers
shown nommu audit xz -T1 -0 --force --keep numbers
shown nommu audit --ram 8M xz --test --verbose numbers.xz
