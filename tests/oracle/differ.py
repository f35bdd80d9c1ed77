#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""differ.py [--seeds FROM:TO] [--nommu PATH] [--keep FOLDER] [--recorded | --write]

Run random call sequences on the real kernel under QEMU and on the model, and compare every answer. A sequence that
differs is cut down to the lines that still differ and printed; with --keep it is written there as a scenario.
What the kernel answered is kept in the cache folder, so that only new sequences need QEMU; --cached never boots.
--write keeps the answers in golden/linux-6.12/random.tsv, --recorded compares with those and needs no kernel.
Without --nommu the kernel is compared with a second run of itself. Exit status: 0 all agree, 1 not, 77 no kernel."""
import argparse
import hashlib
import os
import subprocess
import sys
import tempfile

import generate
import replay

CACHE = os.environ.get("NOMMU_ORACLE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "nommu-oracle")
RAM = "512M"
BATCH = 150
SKIPPED = 77
SHRINK_ROUNDS = 12


class Kernel:
    """The real machine. Many sequences share one boot; answers are kept by the text they answer."""

    def __init__(self, image, cached_only, forget=False):
        self.image, self.cached_only, self.forget = image, cached_only, forget
        self.folder = os.path.join(CACHE, "differ")
        os.makedirs(self.folder, exist_ok=True)
        self.boots = 0

    def kept(self, text):
        return os.path.join(self.folder, hashlib.sha256(text.encode()).hexdigest()[:24])

    def answers(self, texts):
        """A transcript for each text, or None where the machine did not come that far."""
        missing = [text for text in texts if self.forget or not os.path.exists(self.kept(text))]
        for start in range(0, 0 if self.cached_only else len(missing), BATCH):
            self.boot(missing[start:start + BATCH])
        found = []
        for text in texts:
            try:
                with open(self.kept(text)) as file:
                    found.append(replay.transcript(file.read()))
            except FileNotFoundError:
                found.append(None)
        return found

    def boot(self, texts):
        self.boots += 1
        with tempfile.TemporaryDirectory() as folder:
            names = [f"{number}.scn" for number in range(len(texts))]
            for name, text in zip(names, texts):
                with open(os.path.join(folder, name), "w") as file:
                    file.write(text)
            record = os.path.join(replay.HERE, "record.sh")
            ran = subprocess.run([record, "-k", self.image, "-b", "-m", RAM] + [os.path.join(folder, name) for name in names],
                                 env=dict(os.environ, GUEST_SECONDS="240"), stdout=subprocess.PIPE, check=False)
        output = ran.stdout.decode("ascii", "replace")
        for part in output.split("== /s/")[1:]:
            name, _, answers = part.partition("\n")
            complete = len(replay.transcript(answers)) == len(texts[int(name[:-4])].splitlines())
            if complete and "!!" not in answers:
                with open(self.kept(texts[int(name[:-4])]), "w") as file:
                    file.write(answers)


class Recorded:
    """The kernel's answers as random.tsv has them: a sequence a line, its hash and its answers."""

    path = os.path.join(replay.HERE, "golden", "linux-6.12", "random.tsv")

    def __init__(self):
        with open(self.path) as file:
            self.known = dict(line.rstrip("\n").split("\t", 1) for line in file if not line.startswith("#"))

    @staticmethod
    def key(text):
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def answers(self, texts):
        found = []
        for text in texts:
            line = self.known.get(self.key(text))
            found.append(list(zip(text.splitlines(), line.split("\t"))) if line else None)
        return found

    @classmethod
    def write(cls, texts, kernel):
        with open(cls.path, "w") as file:
            file.write("# differ.py --write: the answers to generate.sequence(1), (2), ...; first the hash of the sequence\n")
            for text, answers in zip(texts, kernel.answers(texts)):
                if answers is not None:
                    file.write("\t".join([cls.key(text)] + [answer for _, answer in answers]) + "\n")


class Model:
    def __init__(self, host):
        self.host = host
        self.status, self.errors = 0, ""

    def answer(self, text):
        with open(os.path.join(self.host.scenarios, "random.scn"), "w") as file:
            file.write(text)
        try:
            output, self.status, self.errors = self.host.run("random.scn", ["--ram", "440M"], seconds=20)
        except subprocess.TimeoutExpired:
            self.status, self.errors = None, "20 seconds were not enough"
            return []
        return replay.transcript(output)


def first_difference(real, model):
    """The number of the first answer that differs, or None."""
    for number, answer in enumerate(real):
        if number >= len(model) or model[number] != answer:
            return number
    return None


def shrink(lines, kernel, model):
    """The fewest lines that still differ in an answer to the same operation as before; all tries of a round share a boot."""
    real = kernel.answers(["\n".join(lines) + "\n"])[0]
    if isinstance(kernel, Recorded):
        return ["(boot a kernel to cut it down: without --recorded)"]
    place = first_difference(real, model.answer("\n".join(lines) + "\n"))
    if place is None:
        return ["(not again: the second run agrees)"]
    lines = lines[:place + 1]
    wanted = lines[-1]
    step = max(len(lines) // 2, 1)
    for _ in range(SHRINK_ROUNDS):
        tries = [lines[:at] + lines[at + step:] for at in range(0, len(lines) - 1, step)]
        tries = [candidate for candidate in tries if candidate and candidate[-1] == wanted]
        texts = ["\n".join(candidate) + "\n" for candidate in tries]
        smaller = None
        for candidate, text, answers in zip(tries, texts, kernel.answers(texts)):
            if answers is None:
                continue
            place = first_difference(answers, model.answer(text))
            if place is not None and candidate[place] == wanted:
                smaller = candidate[:place + 1]
                break
        if smaller is not None:
            lines = smaller
        elif step == 1:
            break
        if smaller is None or step >= len(lines):
            step = max(step // 2, 1)
    return lines


def report(seed, lines, real, model, place):
    have = model[place] if place < len(model) else ("(no answer)", "")
    print(f"seed {seed}: {lines[place]}\n   real  {real[place][1]}\n   model {have[1] or have[0]}")


def compare(seeds, length, kernel, model, keep, most):
    sequences = {seed: generate.sequence(seed, length) for seed in seeds}
    texts = ["\n".join(lines) + "\n" for lines in sequences.values()]
    calls = unknown = different = 0
    for (seed, lines), text, real in zip(sequences.items(), texts, kernel.answers(texts)):
        if real is None:
            unknown += 1
            continue
        got = model.answer(text)
        place = first_difference(real, got)
        calls += len(real) if place is None else place
        if place is None:
            continue
        different += 1
        report(seed, lines, real, got, place)
        if model.status:
            print(f"   ended with {model.status}: {model.errors[-500:]}")
        if different <= most:
            least = shrink(lines, kernel, model)
            print("   least " + "\n         ".join(least))
            if keep:
                with open(os.path.join(keep, f"found-{seed}.scn"), "w") as file:
                    file.write("\n".join(least) + "\n")
        sys.stdout.flush()
    print(f"{calls} calls of {len(sequences)} sequences agree, {different} sequences differ, {unknown} the kernel did not answer")
    return different == 0 and unknown < len(sequences)


class Again:
    """The kernel as its own model: does it say the same twice?"""

    def __init__(self, kernel):
        self.kernel = kernel
        self.status = 0

    def answer(self, text):
        return self.kernel.answers([text])[0] or []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1:100", help="first and last")
    parser.add_argument("--length", type=int, default=60, help="lines of a sequence")
    parser.add_argument("--nommu")
    parser.add_argument("--probe")
    parser.add_argument("--kernel", default=os.path.join(CACHE, "build-base/arch/riscv/boot/Image"))
    parser.add_argument("--cached", action="store_true", help="never boot, leave out what was not asked before")
    parser.add_argument("--recorded", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("--shrink", type=int, default=5, help="how many differing sequences to cut down")
    options = parser.parse_args()
    if not options.cached and not options.recorded and not os.path.exists(options.kernel):
        print(f"no kernel at {options.kernel}: run build-kernel.sh")
        sys.exit(SKIPPED)
    first, _, last = options.seeds.partition(":")
    seeds = range(int(first), int(last or first) + 1)
    texts = ["\n".join(generate.sequence(seed, options.length)) + "\n" for seed in seeds]
    kernel = Recorded() if options.recorded else Kernel(options.kernel, options.cached)
    if options.write:
        Recorded.write(texts, kernel)
        return
    if not options.nommu:
        kernel.answers(texts)
        sys.exit(0 if compare(seeds, options.length, kernel, Again(Kernel(options.kernel, False, True)), None, 0) else 1)
    with tempfile.TemporaryDirectory() as scratch:
        probe = options.probe or replay.build_probe(scratch)
        with replay.Host(os.path.abspath(options.nommu), os.path.abspath(probe)) as host:
            good = compare(seeds, options.length, kernel, Model(host), options.keep, options.shrink)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
