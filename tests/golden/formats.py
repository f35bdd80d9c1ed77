#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""formats.py FILE...: whether a .junit, .massif or .folded file is one that its readers take.

JUnit as Jenkins' junit-10.xsd has it, which GitLab and CTest read too; massif as ms_print and massif-visualizer
parse it; folded stacks as flamegraph.pl and speedscope do. Says what is wrong, and exits 1.
"""
import re
import sys
import xml.etree.ElementTree as xml

ORDER = ["properties", "skipped", "error", "failure", "system-out", "system-err"]


def need(true, message):
    if not true:
        raise ValueError(message)


def attributes(node, required, optional):
    names = set(node.attrib)
    need(set(required) <= names, f"<{node.tag}> lacks {set(required) - names}")
    need(names <= set(required) | set(optional), f"<{node.tag}> has {names - set(required) - set(optional)}")


def junit_case(case):
    attributes(case, ["name", "classname"], ["time", "file", "line", "status", "assertions"])
    need(float(case.get("time", "0")) >= 0, "time")
    places = [ORDER.index(child.tag) for child in case]
    need(places == sorted(places), f"order of the children of {case.get('name')}")
    for child in case:
        need(len(child) == 0, f"<{child.tag}> has children")
        if child.tag in ("failure", "error"):
            attributes(child, [], ["type", "message"])


def junit(text):
    root = xml.fromstring(text)
    need(root.tag == "testsuites", "root")
    attributes(root, [], ["name", "time", "tests", "failures", "errors", "disabled"])
    need(len(root) > 0, "no suite")
    for suite in root:
        need(suite.tag == "testsuite", suite.tag)
        attributes(suite, ["name", "tests", "failures", "errors"],
                   ["time", "skipped", "timestamp", "hostname", "id", "package", "file"])
        cases = suite.findall("testcase")
        need(len(cases) == len(suite), "a suite has cases only")
        for case in cases:
            junit_case(case)
        names = [(case.get("classname"), case.get("name")) for case in cases]
        need(len(names) == len(set(names)), "two cases of one name")
        need(int(suite.get("tests")) == len(cases), "number of tests")
        for what in ("failure", "error"):
            found = sum(case.find(what) is not None for case in cases)
            need(int(suite.get(what + "s")) == found, f"number of {what}s")


def massif_tree(lines, depth):
    """One node with what is below it; returns its bytes."""
    match = re.fullmatch(r"( *)n(\d+): (\d+) (.*)", next(lines))
    need(match and len(match[1]) == depth, f"node at depth {depth}")
    children, size, label = int(match[2]), int(match[3]), match[4]
    if re.match(r"0x", label):
        need(re.fullmatch(r"0x[0-9A-Fa-f]+: .+ \((in )?.+\)", label), f"label {label}")
    else:
        need(re.match(r"\(.*\)|in \d+ places?, all below .* threshold", label), f"label {label}")
    need(sum(massif_tree(lines, depth + 1) for _ in range(children)) <= size, f"bytes below {label}")
    return size


def massif(text):
    lines = iter(text.split("\n")[:-1])
    for name in ("desc", "cmd", "time_unit"):
        need(re.fullmatch(name + ": .+", next(lines)), name)
    wanted, last, peaks = 0, -1, 0
    for line in lines:
        need(line == "#-----------", f"not between snapshots: {line}")
        need(next(lines) == f"snapshot={wanted}", f"snapshot {wanted}")
        need(next(lines) == "#-----------", f"behind snapshot {wanted}")
        figures = []
        for name in ("time", "mem_heap_B", "mem_heap_extra_B", "mem_stacks_B"):
            match = re.fullmatch(name + r"=(\d+)", next(lines))
            need(match, f"{name} of snapshot {wanted}")
            figures.append(int(match[1]))
        need(figures[0] >= last, f"time of snapshot {wanted}")
        last = figures[0]
        kind = re.fullmatch("heap_tree=(empty|detailed|peak)", next(lines))
        need(kind, f"heap_tree of snapshot {wanted}")
        peaks += kind[1] == "peak"
        if kind[1] != "empty":
            need(massif_tree(lines, 0) == figures[1], f"tree of snapshot {wanted} is not its mem_heap_B")
        wanted += 1
    need(peaks <= 1, "two peaks")
    return peaks


def folded(text):
    for line in text.split("\n")[:-1]:
        need(re.fullmatch(r"[^;\n]+(;[^;\n]+)* \d+", line), line)


def main():
    bad = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            {"junit": junit, "massif": massif, "folded": folded}[path.rsplit(".", 1)[1]](text)
        except (ValueError, StopIteration, xml.ParseError) as error:
            print(f"{path}: {error}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
