# SPDX-License-Identifier: MIT
# packages.sh: how the scripts of this folder get Debian's packages, as root or through sudo; sourced by them.

need_packages() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	echo "installing$missing with apt-get${as_root:+ (sudo)}" >&2
	# A fresh system knows no packages yet.
	install_packages $missing >&2 || { $as_root apt-get -q update && install_packages $missing; } >&2
}

install_packages() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

# source_of PACKAGE: unpack its source, with Debian's patches, in the current folder. Where apt's own sources name no
# source packages, as in most containers, the same archives are asked for them with lists of their own in the cache.
source_of() {
	lists=${cache:?}/apt
	if apt-get indextargets 'Created-By: Sources' | grep -q .; then
		set -- "$1"
	else
		set -- "$1" -o "Dir::Etc::sourcelist=$lists/sources.list" -o "Dir::Etc::sourceparts=$lists/sources.list.d" \
			-o "Dir::State::lists=$lists/lists"
		[ -d "$lists" ] || source_lists "$@"
	fi
	rm -rf "./$1"-*/
	wanted=$1
	shift
	apt-get -q -o APT::Sandbox::User=root "$@" source "$wanted"
}

source_lists() {
	shift
	mkdir -p "$lists/sources.list.d" "$lists/lists/partial"
	cat /etc/apt/sources.list 2> /dev/null | sed -n 's/^deb /deb-src /p' > "$lists/sources.list"
	for file in /etc/apt/sources.list.d/*.list; do
		[ ! -f "$file" ] || sed -n 's/^deb /deb-src /p' "$file" >> "$lists/sources.list"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" > "$lists/sources.list.d/${file##*/}"
	done
	apt-get -q -o APT::Sandbox::User=root "$@" update
}
