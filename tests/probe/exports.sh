#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh LIBRARY FOLDER: what the library exports, its map and its list of hooks are the same names; and it
# needs libc alone.
set -u
shown=$(nm -D --defined-only "$1" | awk '{ print $3 }' | grep -v '^nommu_' | sort)
named=$(sed -n 's/^HOOK([^,]*, *\([A-Za-z_0-9]*\),.*/\1/p; s/^BARE(\(.*\)).*/\1/p' "$2/hooks.def" | sort)
mapped=$(sed -n '/global:/,/local:/p' "$2/nommu.map" | grep -o '[A-Za-z_0-9]*;' | tr -d ';' |
	grep -v '^nommu_' | sort)
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^ld-linux')
fail=0
[ "$shown" = "$named" ] || { echo "exported is not what hooks.def lists"; fail=1; }
[ "$mapped" = "$named" ] || { echo "nommu.map is not what hooks.def lists"; fail=1; }
[ "$needed" = libc.so.6 ] || { echo "needs more than libc: $needed"; fail=1; }
exit $fail
