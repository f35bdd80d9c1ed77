#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pressure.py SEED [--ram MIB] [--steps N]: print a random trace that keeps a small guest nearly full.

The trace maps, unmaps, trims and pierces anonymous memory of many sizes. What is refused depends on the page
allocator alone, so a trace shows how near a model of it comes to the kernel's. Sizes stay above order 3: below,
the kernel kills instead of refusing."""
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--ram", type=int, default=24, metavar="MIB", help="of the guest")
    parser.add_argument("--steps", type=int, default=230)
    options = parser.parse_args()
    print("\n".join(trace(options.seed, options.ram, options.steps)))


if __name__ == "__main__":
    main()
