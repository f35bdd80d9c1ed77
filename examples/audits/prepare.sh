# SPDX-License-Identifier: MIT
# prepare.sh - sourced by the audits beside it: the build (first argument, else build/ of the source tree), a
# folder to work in, and `shown`, which prints a command as it would be typed and runs it.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build}" && pwd) || exit 1
[ -x "$build/nommu" ] || { echo "no nommu in $build: sh tests/run.sh builds it" >&2; exit 1; }
PATH=$build:$PATH
export PATH
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/nommu-audit.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

shown() {
	printf '$'
	for word; do
		case $word in
		*[!A-Za-z0-9_./=+-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	"$@" 2>&1
	printf '\n'
}
