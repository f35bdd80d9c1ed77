# SPDX-License-Identifier: MIT
# packages.sh: how the scripts beside it get Debian's packages; sourced by them.

need_packages() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	echo "installing$missing with apt-get${as_root:+ (sudo)}" >&2
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y \
		--no-install-recommends $missing >&2
}

# source_of PACKAGE: unpack its source, with Debian's patches, in the current folder.
source_of() {
	apt-get indextargets 'Created-By: Sources' | grep -q . || {
		echo "apt-get source has nothing to read: add deb-src (Types: deb deb-src) to the sources of apt" >&2
		return 1
	}
	rm -rf "./$1"-*/ 
	apt-get -q -o APT::Sandbox::User=root source "$1"
}
