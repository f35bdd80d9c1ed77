#!/bin/sh
# SPDX-License-Identifier: MIT
# fit_programs.sh BUILD - what nommu fit names, on real programs: the run at that RAM and at that max-order
# succeeds and prints what it printed before, and 64 KiB and one order below it fails. With threads and
# children, both profiles, three heaps, and a board's free lists. Programs that are not here are left out.
#
# An audit gives a program other addresses than a run, and python is another program with each address and with
# each text in its environment: its recording is of a run, without random addresses, and it gets some slack,
# as does what has threads that race.
set -u
build=$(cd "${1:?fit_programs.sh BUILD}" && pwd)
nommu=$build/nommu
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0
programs=0
fixed=
setarch -R true 2>/dev/null && fixed="setarch -R"
PYTHONHASHSEED=0 PERL_HASH_SEED=0 # or each run is another
export PYTHONHASHSEED PERL_HASH_SEED

# number NAME: of the JSON that fit wrote.
number() {
	sed -n "s/^  \"$1\": \([0-9]*\),*\$/\1/p" fit.json
}

# at WHAT WANTED OPTION...: the program on such a machine; WANTED is works or fails. Some programs cope with
# a refusal (python takes its memory elsewhere), so one counts as a failure.
at() {
	what=$1 wanted=$2
	shift 2
	$fixed "$nommu" run $options "$@" --report at.txt -- $program >out 2>err </dev/null
	status=$?
	got=fails
	[ $status -eq "$expected" ] && cmp -s out out.audit &&
		! grep -q -E '^error +(out-of-memory|fragmented|contiguous-limit)' at.txt && got=works
	if [ $got = "$wanted" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $program ($options): $what $got (status $status)"
		head -n 3 err
	fi
}

# fit MODE "OPTION..." "PROGRAM ARG...": what fit says of a recording; no quotes inside, words are split.
fit() {
	options=$2 program=$3
	command -v ${program%% *} >/dev/null || return 1
	programs=$((programs + 1))
	$fixed "$nommu" "$1" $options --ram 256M --max-order 14 --record fit.rec --report fit.txt -- $program \
		>out.audit 2>err </dev/null
	expected=$?
	"$nommu" fit --format json fit.rec >fit.json || failed=$((failed + 1))
	ram=$(($(number ram_bytes) / 1024))
	order=$(number max_order)
}

exactly() {
	fit "$@" || return
	at "RAM ${ram}k" works --ram ${ram}k --max-order 14
	at "RAM $((ram - 64))k" fails --ram $((ram - 64))k --max-order 14
	at "max-order $order" works --ram $(($(number ram_at_max_order_bytes) / 1024))k --max-order "$order"
	at "max-order $((order - 1))" fails --ram 256M --max-order $((order - 1))
}

about() {
	fit "$@" || return
	at "RAM ${ram}k and a tenth" works --ram $((ram + ram / 10))k --max-order 14
	at "RAM ${ram}k less a tenth" fails --ram $((ram - ram / 10))k --max-order 14
}

seq 1 4000 >numbers
cat >work.py <<'END'
texts = [str(i) * 3 for i in range(5000)]
print(len("".join([text.upper() for text in texts])))
END
echo 'int main(void) { return __LINE__; }' >work.c
cat >threads.py <<'END'
import threading
texts = [str(i) * 3 for i in range(5000)]
done = []
def work():
    done.append(len([text.upper() for text in texts]))
for i in range(3):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(done)
END
cat >work.pl <<'END'
my @texts = map { $_ x 10 } 1 .. 5000;
print scalar(@texts), " ", length(join "", @texts), "\n";
END
cat >work.sql <<'END'
create table t(a, b);
with recursive c(x) as (select 1 union all select x + 1 from c where x < 2000)
insert into t select x, hex(x * 7919) from c;
create index i on t(b);
select count(*), max(b) from t;
END
cat >work.awk <<'END'
{ n[$1 % 97] += $1 }
END { for (k in n) s += n[k]; print s }
END

exactly audit "" "xz -0 -c numbers"
exactly audit "--profile linux-6.12 --libc musl" "xz -0 -c numbers"
exactly audit "" "perl work.pl"
exactly audit "--libc musl" "perl work.pl"
exactly audit "--libc uclibc-simple" "sqlite3 -bail -init work.sql :memory: .quit"
exactly audit "--profile linux-6.12" "sqlite3 -bail -init work.sql :memory: .quit"
exactly audit "--profile linux-6.12" "gawk -f work.awk numbers"
exactly audit "" "mawk -f work.awk numbers"
exactly audit "" "jq -s add numbers"
exactly audit "" "git hash-object numbers"
exactly audit "" "gzip -c numbers"
exactly audit "--libc musl" "gcc -E work.c" # with a child
about run "" "/usr/bin/python3 -S work.py"
about run "--profile linux-6.12" "/usr/bin/python3 -S threads.py"
about audit "" "/usr/bin/python3 -S threads.py"

# A board's free lists: those that fit names are what --buddyinfo takes.
if command -v xz >/dev/null; then
	lists="2 7 5 4 2 6 3 2 3 3 11"
	program="xz -0 -c numbers" options= expected=0
	"$nommu" audit --buddyinfo "$lists" --record fit.rec --report fit.txt -- $program >out.audit 2>err
	"$nommu" fit --format json fit.rec >fit.json || failed=$((failed + 1))
	named=$(sed -n 's/^  "ram_buddyinfo": "\(.*\)",*$/\1/p' fit.json)
	at "free lists $named" works --buddyinfo "$named"
fi
[ $programs -ge 6 ] || { echo "FAILED: only $programs programs are here"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
