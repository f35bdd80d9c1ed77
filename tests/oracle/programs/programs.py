#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""programs.py record|compare: real programs on a real no-MMU kernel and under `nommu run`.

record   runs the workloads in the guest (static PIE, musl: build.sh) and on this host without nommu, and writes RESULTS.tsv
compare  runs them on this host with and without nommu and compares with RESULTS.tsv: does it work, and if not, why

A workload works if the exit statuses of its commands and what they wrote to stdout are as without nommu. Why one fails
is the kind of the refusal: see reasons_of_guest and reasons_of_model, which say it in the same words."""
import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.environ.get("NOMMU_ORACLE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "nommu-oracle")
RESULTS = os.path.join(HERE, "RESULTS.tsv")
COLUMNS = ["workload", "kind", "folder", "host", "guest", "verdict", "reason", "refused"]
MODEL = ["run", "--profile", "linux-6.12", "--libc", "musl", "--image", "pie", "--stack", "128K", "--ram", "57248k"]
SETTINGS = {"HOME": "/tmp", "LC_ALL": "C", "TZ": "UTC0", "TMPDIR": "/tmp", "USER": "root", "SHELL": "/bin/sh", "TERM": "dumb"}
ERRNO = {1: "EPERM", 2: "ENOENT", 11: "EAGAIN", 12: "ENOMEM", 13: "EACCES", 16: "EBUSY", 19: "ENODEV", 22: "EINVAL",
         26: "ETXTBSY", 27: "EFBIG", 38: "ENOSYS", 95: "EOPNOTSUPP"}


class Workload:
    """One section of the file `workloads`: `[name] kind folder`, then one command a line."""

    def __init__(self, name, kind, folder):
        self.name, self.kind, self.folder, self.commands, self.limit = name, kind, folder, [], 60

    def programs(self):
        return {parse(c)["argv"][0] for c in self.commands} - {"mkdir"}


def workloads(path, only=None):
    found = []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        head = re.fullmatch(r"\[(\S+)\] (\S+) (tmpfs|ext2)", line)
        if head:
            found.append(Workload(*head.groups()))
        elif line and not line.startswith("#"):
            found[-1].commands.append(line)
    return [w for w in found if not only or re.search(only, w.name)]


def parse(command):
    """Words and redirections of one plain command, as sh would see them."""
    words = shlex.shlex(command, posix=True, punctuation_chars="<>&")
    words.whitespace_split, words.commenters = True, ""
    plan, todo = {"argv": [], "input": None, "output": None, "errors": None, "append": False, "background": False}, None
    for word in words:
        if todo:
            plan[todo], todo = word, None
        elif word in ("<", ">", ">>") and plan["argv"]:
            todo = "input" if word == "<" else "output"
            plan["append"] |= word == ">>"
        elif word == "&":
            plan["background"] = True
        else:
            plan["argv"].append(word)
    return plan


# ---- inputs ----

def text(lines, seed):
    """Words of a language that does not exist, the same on every machine."""
    state, out = seed, []
    for _ in range(lines):
        row = []
        for _ in range(9):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
            value = (state >> 33) % (40 + (state >> 20) % 3000)
            row.append("".join("bcdfghklmnprstvz"[value >> s & 15] + "aeiou"[(value >> s) % 5] for s in (0, 4, 8)))
        out.append(" ".join(row))
    return "\n".join(out) + "\n"


def make_inputs(folder):
    os.makedirs(folder + "/tree/a/b", exist_ok=True)
    files = {"small.txt": text(20, 1), "small2.txt": text(20, 1).replace("a", "o", 3), "text256k.txt": text(4300, 2),
             "text1m.txt": text(17000, 3), "text3m.txt": text(52000, 4), "few.txt": "one\ntwo\nthree\nfour\n",
             "big.csv": "".join(f"{i},{i * 7919 % 1009},name{i % 97}\n" for i in range(20000)),
             "kv.txt": "".join(f"key{i:05}\nvalue {i * 31 % 997}\n" for i in range(4000))}
    files.update({f"tree/a/f{i}.txt": text(i + 1, i) for i in range(6)})
    files.update({f"tree/a/b/g{i}.txt": text(40, 90 + i) for i in range(4)})
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as f:
            f.write(content)
    for name in os.listdir(HERE + "/inputs") if os.path.isdir(HERE + "/inputs") else []:
        shutil.copy(os.path.join(HERE, "inputs", name), folder)


# ---- in the guest ----

class Guest:
    """The kernel under QEMU, with a disk that holds the programs and the inputs; one boot for each workload."""

    def __init__(self, args):
        self.work = tempfile.mkdtemp(prefix="oracle-programs-")
        self.kernel = args.kernel or subprocess.run([HERE + "/../build-kernel.sh", args.flavour], check=True, text=True,
                                                    stdout=subprocess.PIPE).stdout.strip()
        compiler = subprocess.run([HERE + "/toolchain.sh"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
        root, disk = self.work + "/root", self.work + "/disk"
        for folder in ("dev", "proc", "tmp", "disk"):
            os.makedirs(os.path.join(root, folder))
        os.symlink("/disk/bin", root + "/bin")
        subprocess.run([compiler, "-std=gnu11", "-Os", "-o", root + "/init", HERE + "/guest.c"], check=True)
        shutil.copytree(CACHE + "/programs/bin", disk + "/bin")
        if os.path.exists(disk + "/bin/dash"):
            shutil.copy(disk + "/bin/dash", disk + "/bin/sh")
        os.makedirs(disk + "/in")
        if args.inputs:
            shutil.copytree(args.inputs, disk + "/in", dirs_exist_ok=True)
        else:
            make_inputs(disk + "/in")
        self.image = self.work + "/image"
        subprocess.run(["/sbin/mke2fs", "-q", "-F", "-t", "ext2", "-d", disk, self.image, "192M"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(disk)
        self.ram = args.ram

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def plan(self, w):
        def line(letter, word=""):
            return letter + word.encode().hex() + "\n"
        out = line("d", ("/tmp" if w.folder == "tmpfs" else "/disk") + "/work")
        out += "".join(line("e", f"{k}={v}") for k, v in {**SETTINGS, "PATH": "/bin", **getattr(w, "env", {})}.items())
        for command in w.commands:
            p = parse(command)
            out += "".join(line("a", word) for word in p["argv"])
            out += "".join(line(letter, p[key]) for letter, key in (("<", "input"), (">", "output"), ("2", "errors")) if p[key])
            out += ("+\n" if p["append"] else "") + ("&\n" if p["background"] else "") + ".\n"
        return out

    def run(self, w):
        with open(self.work + "/root/plan", "w", encoding="ascii") as f:
            f.write(self.plan(w))
        subprocess.run("find . | sort | cpio -o -H newc 2> /dev/null > ../initrd", shell=True, check=True, cwd=self.work + "/root")
        machine = ["qemu-system-riscv64", "-M", "virt", "-m", self.ram, "-bios", "none", "-nographic", "-no-reboot", "-smp", "1",
                   "-kernel", self.kernel, "-initrd", self.work + "/initrd", "-append",
                   "console=ttyS0 earlycon=uart8250,mmio,0x10000000,115200n8 loglevel=4 panic=-1 rdinit=/init", "-drive",
                   f"file={self.image},format=raw,id=d,if=none,snapshot=on", "-device", "virtio-blk-device,drive=d"]
        try:
            log = subprocess.run(machine, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 timeout=90, check=False).stdout
        except subprocess.TimeoutExpired as e:
            log = (e.stdout or b"") + b"\n! timeout\n"
        return answers(log.decode(errors="replace").replace("\r", ""))


def answers(log):
    """What the guest printed: {status, size, crc, largest, refused, errors} for each command, and the kernel's words."""
    found, kernel = [], []
    for line in log.split("\n"):
        end = re.match(r"= (status|signal) (\d+) output (\d+) (\w+) largest (\d+)", line)
        if end:
            status = int(end[2]) if end[1] == "status" else -int(end[2])
            found.append({"status": status, "size": int(end[3]), "crc": end[4], "largest": int(end[5]), "refused": [], "errors": ""})
        elif line.startswith("- ") and found:
            count, error, name, *args = line[2:].split()
            found[-1]["refused"].append((name, ERRNO.get(int(error), error), [int(a, 16) for a in args], int(count)))
        elif line.startswith("? ") and found:
            found[-1]["errors"] = bytes.fromhex(line[2:].strip()).decode(errors="replace")
        elif re.search(r"Allocation of length|page allocation failure|unhandled signal|Oops|panic|^! |Out of memory", line):
            kernel.append(line.strip())
    return {"commands": found, "kernel": kernel, "ended": "GUEST-END" in log}


def reasons_of_guest(answer):
    """Why the guest's commands could fail; what musl asks and does without (protection of its heap's own pages,
    advice, growing in place) is no reason."""
    found = []
    for c in answer["commands"]:
        for name, error, args, _ in c["refused"]:
            if name == "clone":
                found.append("fork")
            elif name == "mmap" and error == "ENOMEM":
                found.append("contiguous" if args[1] > 1 << 22 else "memory")
            elif name == "mmap" and args[3] & 3 == 1:
                found.append("shared-file")
            elif name == "mprotect" and args[2] & 4:
                found.append("protection")
            elif name not in ("mprotect", "madvise", "mremap", "execve", "brk"):
                found.append(name)
        if c["status"] == -11 and not c["largest"] and any("Allocation of length" in k for k in answer["kernel"]):
            found.append("image")
        elif c["status"] in (-11, -4, -7, -5):
            found.append("stack")
    if not answer["ended"]:
        died = any("Oops" in k or "panic" in k for k in answer["kernel"])
        found.append("stack" if died else "guest-died")  # nothing guards a stack: what lies below may be the kernel's
    return sorted(set(found))


# ---- on this host ----

REASON_OF_RULE = {"fork": "fork", "daemon": "fork", "forkpty": "fork", "contiguous-limit": "contiguous", "fragmented": "memory",
                  "out-of-memory": "memory", "shared-file": "shared-file", "shared-not-contiguous": "shared-file",
                  "image-too-large": "image", "stack-depth": "stack"}


def reasons_of_model(nommu, recording):
    text_of = subprocess.run([nommu, "report", "--format", "json", recording], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=False).stdout
    found = set()
    for finding in json.loads(text_of or b"{}").get("findings", []):
        rule = finding["rule"]
        if rule == "absent-call":
            found.add("protection" if "mprotect" in json.dumps(finding) else "absent")
        elif finding.get("severity") == "error" or rule in REASON_OF_RULE:
            found.add(REASON_OF_RULE.get(rule, rule))
    return found


class Host:
    def __init__(self, args):
        self.nommu, self.root, self.inputs = args.nommu, args.root, args.inputs
        self.work = tempfile.mkdtemp(prefix="nommu-programs-", dir="/var/tmp")
        if not self.inputs:
            self.inputs = self.work + "/in"
            make_inputs(self.inputs)
        self.env = {**SETTINGS, "PATH": "/usr/sbin:/usr/bin:/bin"}
        if self.root:
            self.env["PATH"] = f"{self.root}/usr/bin:{self.root}/bin:{self.root}/usr/sbin:/usr/bin:/bin"
            self.env["LD_LIBRARY_PATH"] = f"{self.root}/usr/lib/x86_64-linux-gnu:{self.root}/lib/x86_64-linux-gnu"

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def missing(self, w):
        return sorted(p for p in w.programs() if not shutil.which(p, path=self.env["PATH"]))

    def run(self, w, with_nommu):
        memory = next((d for d in ("/dev/shm", "/tmp") if os.access(d, os.W_OK)), "/tmp")
        folder = tempfile.mkdtemp(prefix="nommu-programs-", dir=memory if w.folder == "tmpfs" else self.work)
        os.symlink(self.inputs, folder + "/in")
        ends, reasons, behind = [], set(), []
        try:
            for number, command in enumerate(w.commands):
                recording = f"{self.work}/recording{number}"
                front = [self.nommu] + MODEL + ["--record", recording, "--"] if with_nommu else []
                end = self.one(parse(command), front, folder, {**self.env, **getattr(w, "env", {})}, w.limit, behind)
                if end:
                    ends.append(end)
                if with_nommu and os.path.exists(recording):
                    reasons |= reasons_of_model(self.nommu, recording)
                    os.unlink(recording)
        finally:
            for p in behind:
                os.killpg(p.pid, signal.SIGTERM)
                p.wait()
            shutil.rmtree(folder, ignore_errors=True)
        if with_nommu and not reasons and any(end[0] == -signal.SIGSEGV for end in ends):
            reasons = {"stack"}  # the library itself does not tell an overflow from another crash
        return ends, sorted(reasons)

    def one(self, plan, front, folder, env, limit, behind):
        if plan["argv"][0] == "mkdir":
            os.mkdir(os.path.join(folder, plan["argv"][-1]))
            return None

        def place(name, how):
            return open(os.path.join(folder, name), how)
        source = place(plan["input"], "rb") if plan["input"] else subprocess.DEVNULL
        out = place(plan["output"], "ab" if plan["append"] else "wb") if plan["output"] else tempfile.TemporaryFile()
        program = shutil.which(plan["argv"][0], path=env["PATH"]) or plan["argv"][0]
        p = subprocess.Popen(front + [program] + plan["argv"][1:], executable=None if front else program, cwd=folder, env=env,
                             stdin=source, stdout=out, stderr=subprocess.DEVNULL, start_new_session=True)
        if plan["background"]:
            behind.append(p)
            return None
        try:
            status = p.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            return ("timeout", 0, "00000000")
        content = b""
        if not plan["output"]:
            out.seek(0)
            content = out.read()
        if status > 128:
            status = 128 - status
        return (status, len(content), f"{zlib.crc32(content):08x}")


# ---- commands ----

def ends_of(answer):
    return [(c["status"], c["size"], c["crc"]) for c in answer["commands"]]


def say_ends(ends):
    return " ".join(f"{s}:{n}:{crc}" for s, n, crc in ends)


def refused_of(answer):
    found = {}
    for c in answer["commands"]:
        for name, error, args, count in c["refused"]:
            key = f"{'fork' if name == 'clone' else name}{f'({args[1]})' if name == 'mmap' else ''} {error}"
            found[key] = found.get(key, 0) + count
    return "; ".join(f"{k} x{n}" if n > 1 else k for k, n in found.items())


def row_of(w, reference, answer):
    works = ends_of(answer) == reference and answer["ended"]
    return {"workload": w.name, "kind": w.kind, "folder": w.folder, "host": say_ends(reference), "guest": say_ends(ends_of(answer)),
            "verdict": "works" if works else "fails", "reason": "" if works else ",".join(reasons_of_guest(answer)),
            "refused": refused_of(answer)}


def read_results(path):
    if not os.path.exists(path):
        return {}
    lines = [l.rstrip("\n").split("\t") for l in open(path, encoding="utf-8") if not l.startswith("#")]
    return {l[0]: dict(zip(lines[0], l + [""] * 9)) for l in lines[1:]}


def record(args, chosen):
    guest, host, rows = Guest(args), Host(args), read_results(args.results)
    try:
        for w in chosen:
            lacking = sorted(p for p in w.programs() if not os.path.exists(f"{CACHE}/programs/bin/{p}"))
            if lacking or host.missing(w):
                print(f"{w.name}: not here: {' '.join(lacking or host.missing(w))}")
                continue
            reference, answer = host.run(w, False)[0], guest.run(w)
            rows[w.name] = row_of(w, reference, answer)
            print("\t".join(rows[w.name][c] for c in ("workload", "verdict", "reason", "refused")), *answer["kernel"][:2], flush=True)
            if args.verbose:
                print("   ", rows[w.name]["host"], "|", rows[w.name]["guest"], "|", *(c["errors"][:200] for c in answer["commands"]))
    finally:
        guest.close()
        host.close()
    order = [w.name for w in workloads(args.workloads)]
    with open(args.results, "w", encoding="utf-8") as f:
        f.write("\t".join(COLUMNS) + "\n")
        f.writelines("\t".join(rows[n][c] for c in COLUMNS) + "\n" for n in order if n in rows)
    return 0


def compare(args, chosen):
    host, rows, agree, differ, absent, other = Host(args), read_results(args.results), 0, 0, 0, 0
    try:
        for w in chosen:
            row = rows.get(w.name)
            if not row or host.missing(w):
                absent += 1
                print(f"{w.name}: skipped, {'not installed: ' + ' '.join(host.missing(w)) if row else 'not recorded'}")
                continue
            reference = host.run(w, False)[0]
            if say_ends(reference) != row["host"]:
                other += 1
                print(f"{w.name}: skipped, this host's programs answer something else")
                continue
            ends, reasons = host.run(w, True)
            if not reasons and any(e[0] == 125 for e in ends) and all(e[0] != 125 for e in reference):
                absent += 1
                print(f"{w.name}: skipped, statically linked here: {' '.join(sorted(w.programs()))}")
                continue
            works = ends == reference
            same = works == (row["verdict"] == "works")
            if same and not works and not set(row["reason"].split(",")) & set(reasons):
                same = False
            agree, differ = agree + same, differ + (not same)
            if not same or args.verbose:
                print(f"{'agrees ' if same else 'DIFFERS'} {w.name}: kernel {row['verdict']} ({row['reason']}; {row['refused']}), "
                      f"model {'works' if works else 'fails'} ({','.join(reasons)}) {say_ends(ends)}", flush=True)
    finally:
        host.close()
    print(f"programs: {agree} of {agree + differ} agree, {absent} not here, {other} not comparable on this host")
    return 1 if differ else 0 if agree else 77


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["record", "compare"])
    parser.add_argument("--nommu", default=HERE + "/../../../build/nommu")
    parser.add_argument("--only", help="a regular expression for names of workloads")
    parser.add_argument("--workloads", default=HERE + "/workloads")
    parser.add_argument("--results", default=RESULTS)
    parser.add_argument("--inputs", help="a folder to use instead of the inputs that are made here")
    parser.add_argument("--root", help="a folder with unpacked packages, to find programs in before this system's")
    parser.add_argument("--kernel", help="an Image, instead of the one of build-kernel.sh")
    parser.add_argument("--flavour", default="base", help="of build-kernel.sh")
    parser.add_argument("--ram", default="64M")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    args.nommu = os.path.abspath(args.nommu)
    chosen = workloads(args.workloads, args.only)
    sys.exit(record(args, chosen) if args.what == "record" else compare(args, chosen))


if __name__ == "__main__":
    main()
