#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pressure.py SEED [--ram MIB] [--steps N] [--mixed]: print a random trace that keeps a small guest nearly full.

The trace maps, unmaps, trims and pierces anonymous memory of many sizes. What is refused depends on the page
allocator alone, so a trace shows how near a model of it comes to the kernel's. Sizes stay above order 3: below,
the kernel kills instead of refusing. With --mixed there are small sizes too, files on tmpfs, and other
values of vm.nr_trim_pages; it keeps so much free that nothing small is refused."""
import argparse
import random

KERNEL_KIB = 6976  # what the kernel, the probe and a margin take of a guest
SIZES_KIB = [64, 96, 128, 132, 200, 256, 320, 512, 768, 1024, 1500, 2048]


def trace(seed, ram_mib, steps):
    rng = random.Random(seed)
    live = {}
    used = 0
    free_kib = ram_mib * 1024 - KERNEL_KIB
    yield f"#! ram {ram_mib}M"
    yield f"# random trace {seed} of a nearly full guest"
    yield "cat /proc/buddyinfo Node"
    for number in range(1, steps + 1):
        roll = rng.random()
        if live and (used > free_kib or roll < 0.35):
            name = rng.choice(sorted(live))
            size = live.pop(name)
            used -= size
            yield f"munmap {name} {size}k"
            continue
        if live and roll < 0.45:
            name = rng.choice(sorted(live))
            half = live[name] // 8 * 4
            if half and name[0] == "p":
                yield f"munmap {name}+{half}k {live[name] - half}k"
                used -= live[name] - half
                live[name] = half
                continue
        name = f"p{number}"
        size = rng.choices(SIZES_KIB, weights=[12, 10, 10, 8, 8, 8, 6, 6, 4, 4, 2, 2])[0]
        live[name] = size
        used += size
        yield f"mmap {name} 0 {size}k rw private,anon"


SMALL_KIB = [4, 8, 12, 20, 28, 32, 36, 60, 64, 100, 128, 200, 256, 400, 512, 1024]
COSTLY_KIB = 32  # the largest that is killed for


def granted(size, trim):
    """KiB that a request keeps."""
    block = 4
    while block < size:
        block *= 2
    return size if trim and (block - size) // 4 >= trim else block


class Mixed:
    def __init__(self, seed, ram_mib):
        self.rng = random.Random(seed * 31 + 7)
        self.trim = self.rng.choice([1, 1, 0, 4, 64])
        part = 0.80 if self.trim == 0 or self.trim > 4 else 0.93
        self.most = (ram_mib * 1024 - KERNEL_KIB) * part
        self.used, self.live, self.files = 0, {}, {}

    def drop(self, table):
        name = self.rng.choice(sorted(table))
        size, kept = table.pop(name)
        self.used -= kept
        return name, size

    def file(self, name):
        size = self.rng.choice([4, 12, 20, 64, 128, 256, 300])
        if self.used + size > self.most:
            return []
        self.files[name] = (size, size)
        self.used += size
        return [f"open {name} /tmp/{name} rw,creat,trunc", f"ftruncate {name} {size}k", f"mmap m{name} 0 {size}k rw shared {name} 0"]

    def step(self, number):
        roll = self.rng.random()
        if self.live and (self.used > self.most or roll < 0.25):
            name, size = self.drop(self.live)
            return [f"munmap {name} {size}k"]
        if roll < 0.32:
            return self.file(f"f{number}")
        if self.files and roll < 0.40:
            name, size = self.drop(self.files)
            return [f"munmap m{name} {size}k", f"unlink /tmp/{name}", f"close {name}"]
        size = self.rng.choices(SMALL_KIB, weights=[10, 8, 8, 8, 6, 6, 6, 6, 6, 5, 5, 4, 4, 3, 2, 1])[0]
        kept = granted(size, self.trim)
        if self.used + kept > self.most and size <= COSTLY_KIB:
            return []
        self.live[f"p{number}"] = (size, kept)
        self.used += kept
        return [f"mmap p{number} 0 {size}k rw private,anon"]


def mixed(seed, ram_mib, steps):
    state = Mixed(seed, ram_mib)
    yield f"#! ram {ram_mib}M"
    yield f"write /proc/sys/vm/nr_trim_pages {state.trim}"
    yield "cat /proc/buddyinfo Node"
    for number in range(1, steps + 1):
        yield from state.step(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--ram", type=int, default=24, metavar="MIB", help="of the guest")
    parser.add_argument("--steps", type=int, default=230)
    parser.add_argument("--mixed", action="store_true")
    options = parser.parse_args()
    print("\n".join((mixed if options.mixed else trace)(options.seed, options.ram, options.steps)))


if __name__ == "__main__":
    main()
