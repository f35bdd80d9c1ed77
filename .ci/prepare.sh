# SPDX-License-Identifier: MIT
# prepare.sh - sourced by the scripts that build: installs what is missing of .ci/packages (Debian 12).
# The one list of packages is there. $top is the top of the source tree.

prepare_packages() {
	missing=
	for package in $(cat "$top/.ci/packages"); do
		dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -eq 0 ]; then
		as_root="env"
	elif command -v sudo >/dev/null; then
		as_root="sudo env"
	else
		echo "missing:$missing; install them as root with apt-get install" >&2
		return 1
	fi
	echo "installing with apt-get:$missing"
	$as_root apt-get update -qq &&
		$as_root DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
			--no-install-recommends $missing >/dev/null || {
		echo "apt-get could not install:$missing" >&2
		return 1
	}
}

# prepare_build FOLDER "TARGET..." [CMAKE-OPTION...]: configures and builds there, all or these targets;
# shows the log only if it fails.
prepare_build() {
	folder=$1 targets=$2
	shift 2
	mkdir -p "$folder" || return 1
	log=$folder/prepare.log
	if cmake -S "$top" -B "$folder" "$@" >"$log" 2>&1 &&
		cmake --build "$folder" -j "$(nproc)" ${targets:+--target $targets} >>"$log" 2>&1; then
		return 0
	fi
	tail -n 40 "$log" >&2
	echo "the build failed; all of it is in $log" >&2
	return 1
}
