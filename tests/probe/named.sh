#!/bin/sh
# SPDX-License-Identifier: MIT
# named.sh HOOKS FOLDER: every name that hooks.def puts in front of programs is called by a probe in FOLDER.
set -u
missing=$(sed -n 's/^HOOK([^,]*, *\([A-Za-z_0-9]*\),.*/\1/p; s/^BARE(\(.*\)).*/\1/p' "$1" | while read -r name; do
	cat "$2"/*.c | grep -qE "(^|[^A-Za-z_0-9])$name[(]" || echo "$name"
done)
[ -z "$missing" ] && exit 0
echo "no probe calls:" $missing
exit 1
