#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""images.py record|compare [--nommu PATH]: what images of many shapes, their arguments and threads' stacks take.

record   builds a program of each shape, runs it on the real kernel and writes the blocks that it found itself in, and how it
         ended, to RECORDED.tsv; and which threads' stacks musl gives there, to THREADS
compare  charges a program of the same size (--image, --image-text, --image-data, --stack) and one of this host whose own
         segments have that shape, and makes the same threads; compares every block

The kernel of the recordings knows no FDPIC, which no compiler for riscv64 makes either."""
import argparse
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED, THREADS = HERE + "/RECORDED.tsv", HERE + "/THREADS"
COLUMNS = ["model", "text", "data", "bss", "align", "stack", "argument", "image_text", "image_data", "blocks", "ended"]
PAGE = 4096
K, M = 1024, 1024 * 1024

# model, text, data, bss, alignment of segments, stack (0: none said), bytes of argument
SHAPES = [
    ("pie", 0, 0, 0, PAGE, 0, 0), ("pie", 100 * K, 0, 0, PAGE, 0, 0), ("pie", 0, 100 * K, 0, PAGE, 0, 0),
    ("pie", 0, 0, 100 * K, PAGE, 0, 0), ("pie", 3500, 4000, 5000, PAGE, 0, 0), ("pie", 3000, 1000, 1, PAGE, 0, 0),
    ("pie", 1 * M, 300 * K, 700 * K, PAGE, 0, 0), ("pie", 0, 0, 1 * M, PAGE, 0, 0), ("pie", 0, 0, 3 * M, PAGE, 0, 0),
    ("pie", 0, 0, 4 * M - 16 * K, PAGE, 0, 0), ("pie", 0, 0, 4 * M, PAGE, 0, 0), ("pie", 4 * M, 0, 0, PAGE, 0, 0),
    ("pie", 0, 0, 5 * M, PAGE, 0, 0), ("pie", 2 * M, 1 * M, 2 * M, PAGE, 0, 0),
    ("pie", 0, 4000, 4000, 16 * K, 0, 0), ("pie", 0, 4000, 4000, 64 * K, 0, 0), ("pie", 100 * K, 4000, 4000, 64 * K, 0, 0),
    ("pie", 0, 4000, 4000, 1 * M, 0, 0), ("pie", 0, 0, 0, PAGE, 1, 0), ("pie", 0, 0, 0, PAGE, 4 * K, 0),
    ("pie", 0, 0, 0, PAGE, 8 * K, 0), ("pie", 0, 0, 0, PAGE, 8 * K + 1, 0), ("pie", 0, 0, 0, PAGE, 16 * K, 0),
    ("pie", 0, 0, 0, PAGE, 50000, 0), ("pie", 0, 0, 0, PAGE, 64 * K, 0), ("pie", 0, 0, 0, PAGE, 256 * K, 0),
    ("pie", 0, 0, 0, PAGE, 1 * M, 0), ("pie", 0, 0, 0, PAGE, 3 * M, 0), ("pie", 0, 0, 0, PAGE, 4 * M, 0),
    ("pie", 0, 0, 0, PAGE, 4 * M + 1, 0), ("pie", 0, 0, 0, PAGE, 6 * M, 0),
    ("pie", 0, 0, 0, PAGE, 64 * K, 60000), ("pie", 0, 0, 0, PAGE, 0, 100000), ("pie", 0, 0, 0, PAGE, 256 * K, 120000),
    ("pie", 0, 0, 0, PAGE, 16 * K, 60000), ("pie", 0, 0, 0, PAGE, 8 * K, 10000),
    ("flat-ram", 0, 0, 0, PAGE, 4 * K, 0), ("flat-ram", 100 * K, 0, 0, PAGE, 4 * K, 0), ("flat-ram", 0, 100 * K, 0, PAGE, 8 * K, 0),
    ("flat-ram", 0, 0, 100 * K, PAGE, 16 * K, 0), ("flat-ram", 3500, 4000, 5000, PAGE, 64 * K, 0),
    ("flat-ram", 1 * M, 300 * K, 700 * K, PAGE, 128 * K, 0), ("flat-ram", 0, 0, 3 * M, PAGE, 1 * M - 64 * K, 0),
    ("flat-ram", 0, 0, 3 * M, PAGE, 1 * M, 0), ("flat-ram", 0, 0, 0, PAGE, 4 * M, 0), ("flat-ram", 0, 0, 0, PAGE, 8 * K, 60000),
    ("flat", 0, 0, 0, PAGE, 4 * K, 0), ("flat", 100 * K, 0, 0, PAGE, 4 * K, 0), ("flat", 0, 100 * K, 0, PAGE, 8 * K, 0),
    ("flat", 0, 0, 100 * K, PAGE, 16 * K, 0), ("flat", 3500, 4000, 5000, PAGE, 64 * K, 0),
    ("flat", 1 * M, 300 * K, 700 * K, PAGE, 128 * K, 0), ("flat", 3 * M, 0, 3 * M, PAGE, 64 * K, 0),
    ("flat", 0, 0, 4 * M - 128 * K, PAGE, 64 * K, 0), ("flat", 0, 0, 4 * M - 128 * K, PAGE, 128 * K, 0),
    ("flat", 5 * M, 0, 0, PAGE, 4 * K, 0), ("flat", 0, 0, 0, PAGE, 8 * K, 60000),
]


def loads(path):
    """The PT_LOAD segments of an ELF file: (address, size in memory, flags), and the stack that it asks for."""
    with open(path, "rb") as file:
        elf = file.read()
    table, = struct.unpack_from("<Q", elf, 32)
    count, = struct.unpack_from("<H", elf, 56)
    found, stack = [], 0
    for number in range(count):
        kind, flags, _, addr, _, _, memory, _ = struct.unpack_from("<IIQQQQQQ", elf, table + 56 * number)
        if kind == 1:
            found.append((addr, memory, flags))
        elif kind == 0x6474e551:
            stack = memory
    return found, stack


def sizes(segments):
    """Bytes from the lowest address to the first that can be written, and from there to the end."""
    base, top = min(s[0] for s in segments), max(s[0] + s[1] for s in segments)
    data = min([s[0] for s in segments if s[2] & 2], default=top)
    return data - base, top - data


# ---- on the kernel ----

def build(compiler, shape, path):
    model, text, data, bss, align, stack, _ = shape
    name = path + ".elf"
    subprocess.run([compiler, "-Os", "-ffreestanding", "-nostdlib", "-static-pie", "-fPIE", "-mcmodel=medany", f"-DTEXT={text}",
                    f"-DDATA={data}", f"-DBSS={bss}", "-Wl,-z,norelro", "-Wl,--build-id=none", "-Wl,--no-dynamic-linker",
                    f"-Wl,-z,max-page-size={align}", *([f"-Wl,-z,stack-size={stack}"] if stack else []), "-o", name,
                    HERE + "/shape.c"], check=True)
    if model == "pie":
        shutil.copy(name, path)
    else:
        split = ["split"] if model == "flat" else []
        subprocess.run([sys.executable, HERE + "/../flat.py", name, path, str(stack), *split], check=True)
    os.chmod(path, 0o755)
    segments, _ = loads(name)
    os.unlink(name)
    return sizes(segments)


def blocks_of(lines):
    """Pages of each mapping; a main stack that is a mapping of its own has an s."""
    found = []
    for line in lines:
        mapping = re.match(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+\s*(.*)", line)
        if mapping:
            pages = (int(mapping[2], 16) - int(mapping[1], 16)) // PAGE
            found.append(f"{pages}{'s' if mapping[3] == '[stack]' else ''}")
    return found


class Guest:
    def __init__(self):
        self.work = tempfile.mkdtemp(prefix="nommu-images-", dir="/var/tmp")
        tool = [HERE + "/../build-kernel.sh"], [HERE + "/../programs/toolchain.sh"]
        self.kernel, self.musl = (subprocess.run(t, check=True, text=True, stdout=subprocess.PIPE).stdout.strip() for t in tool)
        for folder in ("root/proc", "root/dev", "root/disk", "disk"):
            os.makedirs(f"{self.work}/{folder}")
        subprocess.run([self.musl, "-O2", "-o", self.work + "/root/init", HERE + "/boot.c"], check=True)
        subprocess.run([self.musl, "-O2", "-DGUEST", "-o", self.work + "/disk/threads", HERE + "/threads.c"], check=True)

    def run(self, name, argument):
        with open(self.work + "/root/list", "w", encoding="ascii") as file:
            file.write(f"/disk/{name} {argument}\n")
        subprocess.run("find . | sort | cpio -o -H newc 2> /dev/null > ../initrd", shell=True, check=True, cwd=self.work + "/root")
        if os.path.exists(self.work + "/image"):
            os.unlink(self.work + "/image")
        subprocess.run(["/sbin/mke2fs", "-q", "-F", "-t", "ext2", "-d", self.work + "/disk", self.work + "/image", "32M"], check=True,
                       stdout=subprocess.DEVNULL)
        machine = ["qemu-system-riscv64", "-M", "virt", "-m", "64M", "-bios", "none", "-nographic", "-no-reboot", "-smp", "1",
                   "-kernel", self.kernel, "-initrd", self.work + "/initrd", "-append",
                   "console=ttyS0 earlycon=uart8250,mmio,0x10000000,115200n8 loglevel=0 panic=-1 rdinit=/init", "-drive",
                   f"file={self.work}/image,format=raw,id=d,if=none", "-device", "virtio-blk-device,drive=d"]
        try:
            log = subprocess.run(machine, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=180, check=False).stdout
        except subprocess.TimeoutExpired as late:
            log = late.stdout or b""
        lines = log.decode(errors="replace").replace("\r", "").split("\n")
        ended = [l for l in lines if re.match(r"(status|killed|refused) ", l)]
        return lines, ended[-1] if ended else "hung"


def record():
    guest = Guest()
    try:
        with open(RECORDED + ".new", "w", encoding="utf-8") as file:
            file.write("\t".join(COLUMNS) + "\n")
            for shape in SHAPES:
                path = guest.work + "/disk/shape"
                text, data = build("riscv64-linux-gnu-gcc", shape, path)
                lines, ended = guest.run("shape", shape[6])
                row = [*map(str, shape), str(text), str(data), ",".join(blocks_of(lines)), ended]
                print("\t".join(row), flush=True)
                file.write("\t".join(row) + "\n")
                os.unlink(path)
        os.rename(RECORDED + ".new", RECORDED)
        lines, ended = guest.run("threads", 0)
        with open(THREADS, "w", encoding="utf-8") as file:
            file.writelines(l + "\n" for l in lines if l.startswith("thread "))
        print(f"{sum(l.startswith('thread ') for l in lines)} threads' stacks, {ended}")
    finally:
        shutil.rmtree(guest.work, ignore_errors=True)
    return 0


# ---- on the model ----

class Model:
    def __init__(self, nommu, work):
        self.nommu, self.work = nommu, work

    def charge(self, options, *program):
        """Pages of image and stack, and the status."""
        recording = self.work + "/recording"
        if os.path.exists(recording):
            os.unlink(recording)
        ended = subprocess.run([self.nommu, "run", "--profile", "linux-6.12", "--libc", "musl", "--record", recording, *options, "--",
                                *program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        text = subprocess.run([self.nommu, "report", "--format", "json", recording], stdout=subprocess.PIPE, check=False).stdout
        kinds = json.loads(text)["memory"]["highest_by_kind"]
        return kinds["image"] // PAGE, kinds["stacks"] // PAGE, ended.returncode


def wanted(row):
    """Pages of image and stack that the kernel gave, or None where the program did not come to be."""
    if row["ended"] != "status 0":
        return None
    blocks = row["blocks"].split(",")
    stack = sum(int(b[:-1]) for b in blocks if b.endswith("s"))
    image = sum(int(b) for b in blocks if not b.endswith("s"))
    return (image, stack) if row["model"] == "pie" else (image + stack, 0)


def by_size(model, row):
    asked = int(row["stack"]) or 128 * K
    image, stack, status = model.charge(["--image", row["model"], "--image-text", row["image_text"], "--image-data",
                                         row["image_data"], "--stack", str(max(asked, PAGE))], "/bin/true",
                                        *(["x" * int(row["argument"])] if row["model"] != "pie" else []))
    return None if status == 128 + 11 else (image, stack)


def by_segments(model, row):
    """The same shape as a program of this host: how far its own segments reach, by the rule that the rows above confirm."""
    path = model.work + "/shape"
    source = (f"static char d[{row['data']} + 1] = {{ 1 }}; static char b[{row['bss']} + 1];"
              f"static const char t[{row['text']} + 1] = {{ 1 }}; int main(int c, char **v)"
              "{ (void)v; return c > 99 ? d[c] + b[c] + t[c] : 0; }")
    stack = [f"-Wl,-z,stack-size={row['stack']}"] if int(row["stack"]) else []
    subprocess.run(["cc", "-x", "c", "-O0", "-pie", "-fPIE", f"-Wl,-z,max-page-size={row['align']}", *stack, "-o", path, "-"],
                   input=source.encode(), check=True)
    segments, asked = loads(path)
    pages = (sum(sizes(segments)) + PAGE - 1) // PAGE
    expected = (pages, max((asked or 128 * K) + PAGE - 1, 2 * PAGE) // PAGE)
    image, stack, status = model.charge(["--image", "pie"], path)
    if pages > 1024 or expected[1] > 1024:
        return (None, None if status == 128 + 11 else (image, stack))
    return (expected, None if status == 128 + 11 else (image, stack))


def overwrites(row):
    """Arguments larger than the stack: the kernel writes below it, and who is hit is chance."""
    return row["model"] == "pie" and int(row["argument"]) > (int(row["stack"]) or 128 * K)


def warns(model, row):
    ended = subprocess.run([model.nommu, "run", "--image", "pie", "--stack", row["stack"], "--", "/bin/true",
                            "x" * int(row["argument"])], stderr=subprocess.PIPE, text=True, check=False)
    return "overwrite other memory" in ended.stderr


def threads(model):
    program = model.work + "/threads"
    subprocess.run(["cc", "-O2", "-o", program, HERE + "/threads.c", "-lpthread"], check=True)
    answer = subprocess.run([model.nommu, "run", "--profile", "linux-6.12", "--libc", "musl", "--image", "pie", "--", program],
                            text=True, stdout=subprocess.PIPE, check=False).stdout.splitlines()
    with open(THREADS, encoding="utf-8") as file:
        return [(real, ours) for real, ours in zip(file.read().splitlines(), answer + [""] * 1000)]


def compare(options):
    same = differ = odd = 0
    with open(RECORDED, encoding="utf-8") as file:
        names, *rows = (l.rstrip("\n").split("\t") for l in file)
    with tempfile.TemporaryDirectory() as work:
        model = Model(os.path.abspath(options.nommu), work)
        for row in (dict(zip(names, r)) for r in rows):
            shape = " ".join(row[c] for c in COLUMNS[:7])
            if overwrites(row):
                odd += 1
                if not warns(model, row):
                    differ += 1
                    print(f"{shape}: no warning")
                continue
            pairs = [(wanted(row), by_size(model, row))]
            if row["model"] == "pie" and not int(row["argument"]):
                pairs.append(by_segments(model, row))
            for real, ours in pairs:
                same, differ = same + (real == ours), differ + (real != ours)
                if real != ours:
                    print(f"{shape}: kernel {real} ({row['ended']}), model {ours}")
        for real, ours in threads(model):
            same, differ = same + (real == ours), differ + (real != ours)
            if real != ours:
                print(f"kernel: {real}\n model: {ours}")
    print(f"images and threads' stacks: {same} of {same + differ} agree, {odd} oddities not copied (arguments larger than the stack: only warned of)")
    return differ != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["record", "compare"])
    parser.add_argument("--nommu", default=HERE + "/../../../build/nommu")
    options = parser.parse_args()
    sys.exit(record() if options.what == "record" else compare(options))


if __name__ == "__main__":
    main()
