#!/bin/sh
# SPDX-License-Identifier: MIT
# first-audit.sh - from a fresh clone to the first report: installs what is missing, builds, and audits
# xz compressing a real file and checking it again. The report goes to stderr, as always.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/.ci/prepare.sh"

prepare_packages
echo "building in $top/build"
prepare_build "$top/build" "nommu nommu_preload"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat "$top"/lib/*/*.c "$top"/lib/*/*.def >"$folder/sources"

echo
echo '$ nommu audit xz -T2 sources'
"$top/build/nommu" audit xz -T2 --keep "$folder/sources"
echo
echo '$ nommu audit xz --test sources.xz'
"$top/build/nommu" audit xz --test "$folder/sources.xz"
xz -dc "$folder/sources.xz" | cmp - "$folder/sources"
echo
echo "The file is intact. Next: nommu explain RULE for any rule above."
