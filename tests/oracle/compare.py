#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py [-v] [--nommu PATH] [--probe PATH] [--library PATH] [--at-least PERCENT] [SCENARIO...]

Run scenarios on the model and compare every answer with the recorded one of the real kernel. Counts of exhaust and
swiss may differ by 2 % (or 2). What ODDITIES lists is deliberately not as on the kernel: it is counted, not compared.
Exit status: 0 all agree (or at least PERCENT of them), 1 not, 77 when this machine cannot tell."""
import argparse
import glob
import os
import re
import sys
import tempfile

import replay

NOT_COMPARED = ("cat", "write", "addr", "lowbit")
COUNTED = ("exhaust", "swiss")
SKIPPED = 77


def oddities(golden):
    """{(scenario, line number of the answer): reason}; a folder of another kernel's recordings may have more of its own."""
    found = {}
    for path in (os.path.join(replay.HERE, "ODDITIES"), os.path.join(golden, "ODDITIES")):
        with open(path) if os.path.exists(path) else open(os.devnull) as file:
            for line in file:
                match = re.match(r"(\S+):(\d+)\s+(.*)", line)
                if match:
                    found[match.group(1), int(match.group(2))] = match.group(3)
    return found


def near(wanted, got):
    """Same words, and numbers within 2 %."""
    if re.sub(r"\d+", "#", wanted) != re.sub(r"\d+", "#", got):
        return False
    pairs = zip(re.findall(r"\d+", wanted), re.findall(r"\d+", got))
    return all(abs(int(a) - int(b)) <= max(2, 0.02 * int(a)) for a, b in pairs)


def agrees(wanted, got):
    (operation, answer), (got_operation, got_answer) = wanted, got
    if operation != got_operation:
        return False
    if operation.split(" ")[0] in COUNTED:
        return near(answer, got_answer)
    return answer == got_answer


def options_of(text, recording, golden=os.path.join(replay.HERE, "golden", "linux-6.12")):
    trim = re.match(r"(?:#.*\n)*write /proc/sys/vm/nr_trim_pages (\d+)\n", text)
    options = ["--trim", trim.group(1)] if trim else []
    lists = replay.free_lists(recording)
    if lists is None:
        with open(os.path.join(golden, "capacity-64m.out")) as file:
            lists = replay.free_lists(file.read())
    return options + ["--buddyinfo", lists]


class Tally:
    def __init__(self, verbose):
        self.verbose = verbose
        self.total = self.good = self.odd = self.skipped = 0

    def skip(self, name, why):
        self.skipped += 1
        print(f"{name}: skipped: {why}")

    def compare(self, name, wanted, got, odd):
        for number, want in enumerate(wanted, 1):
            if want[0].split(" ")[0] in NOT_COMPARED:
                continue
            if (name, number) in odd:
                self.odd += 1
                continue
            self.total += 1
            have = got[number - 1] if number <= len(got) else ("(no answer)", "")
            if agrees(want, have):
                self.good += 1
            elif self.verbose:
                print(f"{name}:{number}: real: {' -> '.join(want)}\n{' ' * len(name)}  model: {' -> '.join(have)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", action="store_true", help="print what differs")
    parser.add_argument("--nommu", default="build/nommu")
    parser.add_argument("--probe")
    parser.add_argument("--library", help="a probe that is linked with the model, instead of nommu and a probe in front of it")
    parser.add_argument("--golden", default=os.path.join(replay.HERE, "golden", "linux-6.12"))
    parser.add_argument("--at-least", type=float, default=100.0, metavar="PERCENT")
    parser.add_argument("scenarios", nargs="*")
    options = parser.parse_args()
    chosen = options.scenarios or sorted(glob.glob(os.path.join(replay.HERE, "scenarios", "*.scn")))
    tally, odd = Tally(options.v), oddities(options.golden)
    with tempfile.TemporaryDirectory() as scratch:
        probe = options.library or options.probe or replay.build_probe(scratch)
        nommu = None if options.library else os.path.abspath(options.nommu)
        with replay.Host(nommu, os.path.abspath(probe)) as host:
            for path in chosen:
                one(host, path, options, tally, odd)
    percent = 100.0 * tally.good / max(tally.total, 1)
    print(f"agree {tally.good} of {tally.total} ({percent:.2f} %), {tally.odd} oddities not copied, "
          f"{tally.skipped} scenarios skipped")
    if tally.total == 0:
        sys.exit(SKIPPED if tally.skipped else 1)
    sys.exit(0 if percent >= options.at_least else 1)


def one(host, path, options, tally, odd):
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        with open(os.path.join(options.golden, name + ".out")) as file:
            recording = file.read()
    except FileNotFoundError:
        tally.skip(name, "not recorded yet")
        return
    text = host.place(path)
    prefix = ()
    if re.search(r"/(tmpx|diskx)/", text):
        prefix = host.noexec()
        if prefix is None:
            tally.skip(name, "needs noexec mounts, which only root in a mount namespace of its own can make")
            return
    output, status, errors = host.run(os.path.basename(path), options_of(text, recording, options.golden), prefix)
    if status not in (0, 137) and options.v:
        print(f"{name}: ended with {status}: {errors[-300:]}")
    tally.compare(name, replay.transcript(recording), replay.transcript(output), odd)


if __name__ == "__main__":
    main()
