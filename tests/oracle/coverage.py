#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""coverage.py --nommu PATH --probe PATH: does each rule have a scenario that meets it?

Runs every scenario, reads from its recording which rules were met, and prints how many scenarios each rule has. Exit status 1 if
a rule of Linux has none and UNRECORDED does not say why, or if it says so of a rule that has one; 77 without noexec mounts."""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import compare
import replay

RULES = os.path.join(replay.HERE, "..", "..", "lib", "rules", "rules.def")


def reasons():
    """{rule: why no scenario meets it}"""
    with open(os.path.join(replay.HERE, "UNRECORDED")) as file:
        return dict(re.findall(r"^([a-z-]+)  +(\S.*)$", file.read(), re.M))


def met(host, path, record):
    """The rules that the scenario's calls met."""
    name = os.path.splitext(os.path.basename(path))[0]
    with open(os.path.join(replay.HERE, "golden", "linux-6.12", name + ".out")) as file:
        recording = file.read()
    text = host.place(path)
    prefix = host.noexec() if re.search(r"/(tmpx|diskx)/", text) else ()
    if prefix is None:
        sys.exit(compare.SKIPPED)
    host.run(os.path.basename(path), compare.options_of(text, recording) + ["--record", record], prefix)
    report = subprocess.run([host.nommu, "report", "--format", "json", record], stdout=subprocess.PIPE, check=False).stdout
    os.unlink(record)
    return {finding["rule"] for finding in json.loads(report)["findings"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nommu", required=True)
    parser.add_argument("--probe", required=True)
    options = parser.parse_args()
    with open(RULES) as file:
        count = dict.fromkeys(re.findall(r'^RULE\(\w+, "([a-z-]+)", \w+, (?!HPUX)', file.read(), re.M), 0)
    with tempfile.TemporaryDirectory() as scratch, replay.Host(os.path.abspath(options.nommu), os.path.abspath(options.probe)) as host:
        for path in sorted(glob.glob(os.path.join(replay.HERE, "scenarios", "*.scn"))):
            for rule in met(host, path, os.path.join(scratch, "recording")):
                count[rule] += 1
    why, wrong = reasons(), 0
    for rule, scenarios in count.items():
        told = why.pop(rule, None)
        bad = (scenarios == 0) != (told is not None)
        wrong += bad
        print(f"{'WRONG ' if bad else ''}{rule:24}{scenarios:4} scenarios{'; ' + told if told else ''}")
    for rule in why:
        print(f"WRONG {rule}: UNRECORDED names it, rules.def does not")
    sys.exit(1 if wrong or why else 0)


if __name__ == "__main__":
    main()
