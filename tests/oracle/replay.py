# SPDX-License-Identifier: MIT
"""Running scenarios on the model: `nommu run` in front of the hosted probe, and reading what it answered.

A transcript is a list of (operation, answer). The operation is the scenario's own line; "!!" stands for a
probe that was killed. compare.py and differ.py share this."""
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROFILE = ["--profile", "linux-6.12", "--libc", "musl", "--uninitialized", "stale", "--image", "none"]
KILLED = re.compile(r"^!! .*killed by (\d+)")
CHILD = re.compile(r"^(?:child|start \S+) /s/(\S+)", re.M)


def transcript(text):
    """The answers of a recording, line by line; an operation that was cut off has the answer ''."""
    answers = []
    for line in text.splitlines():
        killed = KILLED.match(line)
        if killed:
            answers.append(("!!", "killed by " + killed.group(1)))
        elif " -> " in line or line.endswith(" ->"):
            operation, _, answer = line.partition(" ->")
            answers.append((operation, answer.strip()))
    return answers


def free_lists(text):
    """The --buddyinfo of a recording that shows it before it takes anything, or None."""
    found = re.search(r"^cat /proc/buddyinfo .*zone +\S+ +([\d ]+)", text, re.M)
    if not found or re.search(r"^(mmap|exhaust|swiss|child|start|vfork)", text[:found.start()], re.M):
        return None
    return " ".join(found.group(1).split())


class Host:
    """Folders that stand for the guest's, and the command that runs a scenario in them."""

    def __init__(self, nommu, probe, runner=None):
        self.nommu = nommu
        self.probe = probe
        self.runner = runner
        self.disk = tempfile.mkdtemp(prefix="oracle-", dir=os.environ.get("ORACLE_DISK", "/var/tmp"))
        self.memory = tempfile.mkdtemp(prefix="oracle-", dir=os.environ.get("ORACLE_MEMORY", "/dev/shm"))
        self.scenarios = os.path.join(self.disk, "s")
        os.makedirs(self.scenarios)
        for name in ("disk", "diskx"):
            os.makedirs(os.path.join(self.disk, name))
        for name in ("tmp", "tmpx"):
            os.makedirs(os.path.join(self.memory, name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.disk, ignore_errors=True)
        shutil.rmtree(self.memory, ignore_errors=True)

    def environment(self):
        folders = {"/disk": f"{self.disk}/disk", "/diskx": f"{self.disk}/diskx", "/s": self.scenarios,
                   "/tmp": f"{self.memory}/tmp", "/tmpx": f"{self.memory}/tmpx"}
        return dict(os.environ, ORACLE_MAP=":".join(f"{k}={v}" for k, v in folders.items()))

    def noexec(self):
        """A command prefix that mounts the noexec folders for itself alone, or None if that is not allowed."""
        script = (f"mount --bind {self.disk}/disk {self.disk}/diskx && mount -o remount,bind,noexec {self.disk}/diskx &&"
                  f"mount --bind {self.memory}/tmp {self.memory}/tmpx && mount -o remount,bind,noexec {self.memory}/tmpx")
        prefix = ["unshare", "-m", "sh", "-c", script + ' && exec "$@"', "sh"]
        try:
            works = subprocess.run(prefix + ["true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            return None
        return prefix if works.returncode == 0 else None

    def place(self, path):
        """Put a scenario and what it starts where the probe finds them."""
        with open(path) as file:
            text = file.read()
        shutil.copy(path, self.scenarios)
        for sub in CHILD.findall(text):
            shutil.copy(os.path.join(os.path.dirname(path), sub), self.scenarios)
        return text

    def run(self, name, options, prefix=(), seconds=120):
        command = [*prefix]
        if self.nommu:
            command += [self.nommu, "run", *PROFILE, *options, "--"]
        command += [self.probe, f"/s/{name}"]
        environment = self.environment()
        if not self.nommu: # a probe that is linked with the model takes its options from here
            flat = [*PROFILE, *options]
            environment["ORACLE_MACHINE"] = "\n".join(f"{k[2:]}={v}" for k, v in zip(flat[::2], flat[1::2]))
        ran = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=seconds)
        text = ran.stdout.decode("ascii", "replace")
        if ran.returncode in (137, -9):
            text += "\n!! /s/ killed by 9\n"
        for folder in ("disk", "tmp"):
            root = self.disk if folder == "disk" else self.memory
            for left in os.listdir(os.path.join(root, folder)):
                os.unlink(os.path.join(root, folder, left))
        return text, ran.returncode, ran.stderr.decode("ascii", "replace")


def build_probe(folder):
    """The hosted probe, for callers that were not given one."""
    path = os.path.join(folder, "probe")
    sources = [os.path.join(HERE, name) for name in
               ("probe.c", "ops.c", "ops_words.c", "ops_process.c", "ops_capacity.c", "calls_host.c")]
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-o", path, *sources], check=True)
    return path
