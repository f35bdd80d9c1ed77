#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""differ.py [--kind generate|wander] [--seeds FROM:TO] [--nommu PATH] [--library PATH] [--keep FOLDER] [--recorded | --write]

Run random call sequences on the real kernel under QEMU and on the model, and compare every answer. A sequence that
differs is cut down to the lines that still differ and printed; with --keep it is written there as a scenario.
--library is the model without preloading, asked too. What the kernel answered is kept in the cache folder, so that only new sequences need QEMU; --cached never boots.
--write keeps the answers in golden/linux-6.12/KIND.tsv, --recorded compares with those and needs no kernel.
Without --nommu the kernel is compared with a second run of itself. Exit status: 0 all agree, 1 not, 77 no kernel."""
import argparse
import contextlib
import hashlib
import os
import re
import subprocess
import sys
import tempfile

import generate
import replay
import wander

CACHE = os.environ.get("NOMMU_ORACLE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "nommu-oracle")
RAM = "512M"
BATCH = 150
SKIPPED = 77
SHRINK_ROUNDS = 12


# A sequence is a text: the program, and behind lines like this one the programs that it starts.
PART = re.compile(r"^#@ (\S+)\n", re.M)


def parts(text, number=None):
    """(the program, {name: a program that it starts}); with a number, none of its paths are another sequence's."""
    if number is not None:
        text = re.sub(r"/([gw]\d+)(?=[fp])", rf"/\1n{number}", text)
        text = re.sub(r"^#@ (w\d+)(?=p)", rf"#@ \1n{number}", text, flags=re.M)
    first, *rest = PART.split(text)
    return first, dict(zip(rest[::2], rest[1::2]))


class Kernel:
    """The real machine. Many sequences share one boot; answers are kept by the text they answer."""

    def __init__(self, image, cached_only, forget=False):
        self.image, self.cached_only, self.forget = image, cached_only, forget
        self.folder = os.path.join(CACHE, "differ")
        os.makedirs(self.folder, exist_ok=True)

    def kept(self, text):
        return os.path.join(self.folder, hashlib.sha256(text.encode()).hexdigest()[:24])

    def answers(self, texts):
        """A transcript for each text, or None where the machine did not survive it."""
        missing = [text for text in dict.fromkeys(texts) if self.forget or not os.path.exists(self.kept(text))]
        while missing and not self.cached_only:
            done = self.boot(missing[:BATCH])
            missing = missing[done:]
        found = []
        for text in texts:
            try:
                with open(self.kept(text)) as file:
                    found.append(replay.transcript(file.read()) or None)
            except FileNotFoundError:
                found.append(None)
        return found

    def boot(self, texts):
        """Asks as far as the machine lives, keeps the answers, and returns how many are settled by that."""
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, f"{number}.scn") for number in range(len(texts))]
            for number, (name, text) in enumerate(zip(names, texts)):
                main, others = parts(text, number)
                for path, content in [(name, main)] + [(os.path.join(folder, sub), content) for sub, content in others.items()]:
                    with open(path, "w") as file:
                        file.write(content)
            record = os.path.join(replay.HERE, "record.sh")
            ran = subprocess.run([record, "-k", self.image, "-b", "-m", RAM] + names,
                                 env=dict(os.environ, GUEST_SECONDS="240"), stdout=subprocess.PIPE, check=False)
        output = re.sub(r"/([gw]\d+)n\d+(?=[fp])", r"/\1", ran.stdout.decode("ascii", "replace"))
        answered = re.split(r"^== /s/(\d+)\.scn\n", output, flags=re.M)[1:]
        for number, answers in zip(map(int, answered[::2]), answered[1::2]):
            died = "!! the kernel died or hung" in answers
            with open(self.kept(texts[number]), "w") as file:
                file.write("" if died else answers)
        return len(answered) // 2 if answered else len(texts)


class Recorded:
    """The kernel's answers as generate.tsv and wander.tsv have them: a sequence a line, its hash and its answers."""

    def __init__(self, kind):
        with open(self.path(kind)) as file:
            self.known = dict(line.rstrip("\n").split("\t", 1) for line in file if not line.startswith("#"))

    @staticmethod
    def path(kind):
        return os.path.join(replay.HERE, "golden", "linux-6.12", kind + ".tsv")

    @staticmethod
    def key(text):
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def answers(self, texts):
        """What was asked is not kept: it stands as None."""
        found = []
        for text in texts:
            line = self.known.get(self.key(text))
            found.append([(None, answer) for answer in line.split("\t")] if line else None)
        return found

    @classmethod
    def write(cls, kind, texts, kernel):
        with open(cls.path(kind), "w") as file:
            file.write("# differ.py --write: the answers to a seed's sequence in each line; first the hash of the sequence\n")
            for text, answers in zip(texts, kernel.answers(texts)):
                if answers is not None:
                    file.write("\t".join([cls.key(text)] + [answer for _, answer in answers]) + "\n")


class Model:
    def __init__(self, host, name):
        self.host, self.name = host, name
        self.noexec = host.noexec()
        self.status, self.errors = 0, ""

    def answer(self, text):
        main, others = parts(text)
        for name, content in [("random.scn", main)] + list(others.items()):
            with open(os.path.join(self.host.scenarios, name), "w") as file:
                file.write(content)
        prefix = self.noexec if re.search(r"/(tmp|disk)x/", text) else ()
        if prefix is None:
            return None
        try:
            output, self.status, self.errors = self.host.run("random.scn", ["--ram", "440M"], prefix, seconds=20)
        except subprocess.TimeoutExpired:
            self.status, self.errors = None, "20 seconds were not enough"
            return []
        return replay.transcript(output)


def compared(answers):
    """What must agree: a fork "works" there on a shared stack."""
    return [answer for answer in answers if answer[0] != "fork"]


def first_difference(real, model):
    """The number of the first answer that differs, or None."""
    real, model = compared(real), compared(model)
    for number, answer in enumerate(real):
        if number >= len(model) or model[number][1] != answer[1] or answer[0] not in (None, model[number][0]):
            return number
    return None


def shrink(lines, kernel, model, wanted):
    """The fewest lines that still differ in an answer to this operation first; all tries of a round share a boot."""
    if isinstance(kernel, Recorded):
        return ["(boot a kernel to cut it down: without --recorded)"]
    step = max(len(lines) // 2, 1)
    for _ in range(SHRINK_ROUNDS):
        tries = [lines[:at] + [line for line in lines[at:at + step] if line.startswith("#@") or line == wanted] + lines[at + step:]
                 for at in range(0, len(lines), step)]
        tries = [candidate for candidate in tries if len(candidate) < len(lines)]
        texts = ["\n".join(candidate) + "\n" for candidate in tries]
        smaller = None
        for candidate, text, answers in zip(tries, texts, kernel.answers(texts)):
            place = first_difference(answers, model.answer(text)) if answers else None
            if place is not None and compared(answers)[place][0] == wanted:
                smaller = candidate
                break
        if smaller is not None:
            lines = smaller
        elif step == 1:
            break
        if smaller is None or step >= len(lines):
            step = max(step // 2, 1)
    return lines


def report(seed, real, model, place, name):
    real, got = compared(real), compared(model)
    asked, answer = real[place]
    have = got[place] if place < len(got) else ("(no answer)", "")
    print(f"seed {seed} ({name}): {asked or have[0]}\n   real  {answer}\n   model {have[1] if asked in (None, have[0]) else have}")


def compare(texts, kernel, models, keep, most):
    calls = unknown = different = 0
    for (seed, text), real in zip(texts.items(), kernel.answers(list(texts.values()))):
        if real is None:
            unknown += 1
            continue
        for model in models:
            got = model.answer(text)
            if got is None:
                unknown += 1
                continue
            place = first_difference(real, got)
            calls += len(real) if place is None else place
            if place is None:
                continue
            different += 1
            report(seed, real, got, place, model.name)
            if model.status:
                print(f"   ended with {model.status}: {model.errors[-500:]}")
            if different <= most:
                least = shrink(text.splitlines(), kernel, model, compared(real)[place][0])
                print("   least " + "\n         ".join(least))
                if keep:
                    with open(os.path.join(keep, f"found-{seed}.scn"), "w") as file:
                        file.write("\n".join(least) + "\n")
            break
        sys.stdout.flush()
    print(f"{calls} calls of {len(texts)} sequences agree, {different} sequences differ, {unknown} were not answered")
    return different == 0 and unknown < len(texts)


class Again:
    """The kernel as its own model: does it say the same twice?"""

    name, status = "again", 0

    def __init__(self, kernel):
        self.kernel = kernel

    def answer(self, text):
        return self.kernel.answers([text])[0]


def sequences(kind, seeds, length):
    """{seed: text}"""
    if kind == "generate":
        return {seed: "\n".join(generate.sequence(seed, length)) + "\n" for seed in seeds}
    texts = {}
    for seed in seeds:
        texts[seed] = "".join((f"#@ {name}\n" if name else "") + "\n".join(lines) + "\n"
                              for name, lines in wander.program(seed, length))
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1:100", help="first and last")
    parser.add_argument("--length", type=int, default=60, help="lines of a sequence")
    parser.add_argument("--kind", choices=("generate", "wander"), default="generate")
    parser.add_argument("--nommu")
    parser.add_argument("--library")
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
    texts = sequences(options.kind, seeds, options.length)
    kernel = Recorded(options.kind) if options.recorded else Kernel(options.kernel, options.cached)
    if options.write:
        Recorded.write(options.kind, list(texts.values()), kernel)
        return
    if not options.nommu and not options.library:
        sys.exit(0 if compare(texts, kernel, [Again(Kernel(options.kernel, False, True))], None, 0) else 1)
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        models = []
        if options.nommu:
            probe = options.probe or replay.build_probe(scratch)
            host = replay.Host(os.path.abspath(options.nommu), os.path.abspath(probe))
            models.append(Model(stack.enter_context(host), "nommu run"))
        if options.library:
            host = replay.Host(None, os.path.abspath(options.library))
            models.append(Model(stack.enter_context(host), "library"))
        good = compare(texts, kernel, models, options.keep, options.shrink)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
