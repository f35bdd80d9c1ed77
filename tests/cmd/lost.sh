#!/bin/sh
# SPDX-License-Identifier: MIT
# lost.sh - whoever starts it and however: a child without the library is named, with the reason.
. "$(dirname "$0")/lib.sh"

case_dropped_privileges() {
	[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || exit 77
	works 0 65534 "$nommu" audit setpriv --reuid=65534 --clear-groups id -u
	grep -q 'lost: id (pid [0-9]*, cannot open the ledger' "$work/err" || fail 'the report does not say who was lost, and why'
}
# Whoever starts it and however: a child without the library is named, with the reason.
case_lost_static() {
	cp "$static" "$work/outside"
	for how in spawn exec; do
		works 0 '' env PATH="/no/such:$work:$PATH" "$nommu" audit "$child" start $how outside exit 0
		grep -q 'lost: outside (pid [0-9]*, static program)' "$work/err" || fail "$how"
	done
	works 0 '' "$nommu" audit "$child" start fexecve "$work/outside" exit 0
	grep -q 'lost: .*static program' "$work/err" || fail fexecve
	printf '#!%s exit\n' "$work/outside" >"$work/script" && chmod +x "$work/script"
	works 0 '' "$nommu" audit "$child" start system "$work/script; true"
	grep -q 'lost: script (pid [0-9]*, static program)' "$work/err" || fail 'a script'
	works 0 '' "$nommu" audit "$child" start exec "$child" exit 0
	grep -q ', none lost;' "$work/err" || fail 'a child with the library is lost'
}
case_lost_set_user_id() {
	[ "$(id -u)" -eq 0 ] || exit 77
	cp "$child" "$work/suid" && chown 65534 "$work/suid" && chmod u+s "$work/suid"
	works 0 '' "$nommu" audit "$child" start spawn "$work/suid" exit 0
	grep -q 'lost: suid (pid [0-9]*, set-user-ID' "$work/err" || exit 77 # mounted nosuid
}
# Readable or not: the kernel knows, and so must we.
case_lost_capabilities() {
	[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || exit 77
	cp "$child" "$work/capable"
	setcap cap_net_raw+ep "$work/capable" 2>/dev/null || exit 77
	works 0 '' "$nommu" audit "$child" start spawn "$work/capable" exit 0
	grep -q 'none lost' "$work/err" || fail 'to root they are nothing new'
	chmod 711 "$work/capable" && chmod 755 "$work"
	setpriv --reuid=65534 --clear-groups test -x "$work/capable" || exit 77 # below a closed folder
	works 0 '' setpriv --reuid=65534 --clear-groups "$nommu" audit "$child" start spawn "$work/capable" exit 0
	grep -q 'lost: capable (pid [0-9]*, given capabilities' "$work/err" || fail 'no reason'
}
case_lost_listing() {
	command -v ldd >/dev/null || exit 77
	try "$nommu" audit ldd "$child"
	[ "$status" -eq 0 ] && grep -q 'libc.so.6' "$work/out" || fail "ldd: $status"
	! grep -q 'unknown reason' "$work/err" || fail 'it is not known why the loader is lost'
}
case_lost_in_json() {
	works 0 '' "$nommu" audit --report "$work/r.json" "$child" start spawn "$static" exit 0
	grep -q '"reason": "static"' "$work/r.json" || fail 'no reason in JSON'
}
# A folder whose root has no ledger: the child runs, and is missed.
case_lost_behind_chroot() {
	[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || exit 77
	works 0 '' "$nommu" audit unshare -m sh -c 'mount -t tmpfs none /dev/shm && true'
	grep -q 'lost: mount (pid [0-9]*' "$work/err" && fail 'mount came before'
	works 0 '' "$nommu" audit unshare -m sh -c 'mount -t tmpfs none /dev/shm; /bin/true; :'
	grep -q 'lost: true (pid [0-9]*, cannot open the ledger' "$work/err" || fail 'nobody is missed'
}

"case_$case"
