# SPDX-License-Identifier: MIT
"""Random call sequences of a second kind: what generate.py leaves out.

Files on tmpfs that are cut, grown and written in pieces and opened in every mode and on noexec mounts, descriptors closed and
names removed while mapped, devices, keys of segments, and other processes that map the same files meanwhile. The
account that is kept says which page of a file came from where; a request is not made where the answer
depends on which pages the kernel happened to give a write, and none that the machine does not survive
(ODDITIES). What is right to answer it does not know.

A program is a list of lines and of the files that it starts: [(name, lines), ...], the first is the program itself."""
import random

PAGE = 4096
SIZES = [1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 32, 33]
PROTS = ["rw", "rw", "rw", "r", "r", "rx", "none", "rwx", "x", "w"]
EXTRA = ["", "", "", "", ",noreserve", ",populate", ",locked", ",stack", ",growsdown", ",denywrite", ",noreplace",
         ",sync", ",hugetlb"]
DEVICES = ["/dev/zero", "/dev/null", "/dev/full", "/dev/urandom", "/tmp", "/disk", "/proc/version"]
HUGE = ["0x7ffffffffffff000", "0x7fffffffffffe000", "0x8000000000000000", "0xfffffffffffff000", "0xffffffffffffe000",
        "0x7fffffffff000", "0x100000000000"]


class File:
    """A file: which of its pages exist, and what was mapped of it."""

    def __init__(self, name, place, path):
        self.name, self.place, self.path = name, place, path
        self.size = 0
        self.solid = {}  # tmpfs: page -> what brought it; pages of one kind lie side by side
        self.regions = []  # [first page, pages, users, shared users, copied]
        self.linked = True
        self.handles = []  # (variable, mode)
        self.strange = False  # nothing is known of it any more: only safe things are done

    def pages(self):
        return (self.size + PAGE - 1) // PAGE

    def region(self, first, pages):
        """The one region that a read-only or shared request would be given a part of."""
        return next((r for r in self.regions if r[0] <= first and first + pages <= r[0] + r[1]), None)


class View:
    def __init__(self, name, pages, kind, file=None, region=None, shared=False):
        self.name, self.pages, self.kind, self.file, self.region, self.shared = name, pages, kind, file, region, shared
        self.whole = pages


class Account:
    """What all processes of a sequence know."""

    def __init__(self, seed):
        self.rng = random.Random(seed * 7919 + 5)
        self.seed = seed
        self.counter = 0
        self.files = []
        self.keys = []
        self.programs = []

    def name(self, letter):
        self.counter += 1
        return f"{letter}{self.counter}"


class Process:
    def __init__(self, account, depth):
        self.account, self.rng, self.depth = account, account.rng, depth
        self.lines = []
        self.views = []
        self.stopped = []  # children that wait: (variable, process, its descriptors, its keys)

    def emit(self, line):
        self.lines.append(line)

    def pick(self, items):
        items = list(items)
        return self.rng.choice(items) if items else None

    def bytes_of(self, pages):
        return self.rng.choice([f"{pages}p"] * 4 + [f"{pages}p-1", f"{pages}p-{self.rng.randrange(1, PAGE)}", f"{pages}p-4095"])

    def step(self):
        acts = [(12, self.anonymous), (10, self.unmap), (6, self.remap), (5, self.open_file), (5, self.reopen), (10, self.resize),
                (22, self.map_file), (8, self.write), (7, self.look), (4, self.device), (4, self.limits), (4, self.key),
                (2, self.overlap), (2, self.absent), (3, self.close), (2, self.unlink), (2, self.spawn)]
        self.rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()

    # anonymous memory

    def anonymous(self):
        name, pages = self.account.name("a"), self.pick(SIZES)
        kind = self.pick(["private", "private", "shared"])
        hint = self.pick(["0", "0", "0", "1p", "3", "0x7ffffffff000"] + [view.name for view in self.views[:2]])
        self.emit(f"mmap {name} {hint} {self.bytes_of(pages)} {self.pick(PROTS)} {kind},anon{self.pick(EXTRA)}"
                  + self.pick(["", "", "", " 99 0", " -1 5p"]))
        self.views.append(View(name, pages, "anonymous"))
        if self.rng.random() < 0.4:
            self.emit(f"zero {name} {pages}p")

    def unmap(self):
        view = self.pick(self.views)
        if view is None:
            return
        roll = self.rng.random()
        if view.kind == "anonymous" and view.whole == view.pages and roll < 0.5 and view.pages > 1:
            self.pierce(view)
        elif roll < 0.25:
            odd = [f"{view.name} 0", f"{view.name}+1 {view.pages}p", f"{view.name}+1 {view.pages}p-1"]
            if view.kind == "anonymous":
                odd.append(f"{view.name} {view.whole + 1}p")
            elif view.pages > 1:
                odd += [f"{view.name} {view.pages - 1}p", f"{view.name} 1"]
            self.emit("munmap " + self.pick(odd))
        else:
            self.unmap_whole(view)

    def unmap_whole(self, view):
        if view.pages != view.whole:
            self.emit(f"mremap {view.name} {view.name} {view.pages}p {view.whole}p none")
        self.emit(f"munmap {view.name} {self.bytes_of(view.whole)}")
        self.forget(view)

    def forget(self, view):
        self.views.remove(view)
        if view.region:
            view.region[2] -= 1
            view.region[3] -= view.shared
            if not view.region[2]:
                view.file.regions.remove(view.region)

    def pierce(self, view):
        """An end or the middle goes; the rest is known by an expression no more, so new names are made for it."""
        first = self.rng.randrange(view.pages)
        count = self.rng.randrange(1, view.pages - first + 1)
        self.emit(f"munmap {view.name}+{first}p {self.bytes_of(count)}")
        if first + count == view.pages:
            view.pages = view.whole = first
            if not first:
                self.forget(view)
        elif first:
            self.emit(f"munmap {view.name}+{first + count}p {view.pages - first - count}p")
            view.pages = view.whole = first
        else:
            self.emit(f"munmap {view.name}+{count}p {view.pages - count}p")
            self.forget(view)

    def remap(self):
        view = self.pick(self.views)
        if view is None:
            return
        flags = self.pick(["none", "maymove", "maymove,dontunmap", "maymove,fixed", "dontunmap"])
        target = f" {view.name}" + self.pick(["", "", "+1p", "+1", "+4m"]) if "fixed" in flags else ""
        old = self.pick([view.pages, view.pages, view.pages, view.pages + 1, max(view.pages - 1, 0)])
        new = self.pick([view.pages, view.whole, view.whole + 1, 1, 0, max(view.pages - 1, 1), max(view.pages // 2, 1), 1025])
        self.emit(f"mremap x{view.name} {view.name} {self.bytes_of(old) if old else 0} {self.bytes_of(new) if new else 0} {flags}{target}")
        elsewhere = target not in ("", f" {view.name}")
        if view.kind in ("anonymous", "copy") and old == view.pages and 0 < new <= view.whole and not elsewhere:
            view.pages = new

    # files

    def open_file(self):
        account = self.account
        if len(account.files) >= 5:
            return
        place = self.pick(["tmp", "tmp", "tmp", "disk"])
        account.counter += 1
        file = File(f"f{account.counter}", place, f"/{place}/w{account.seed}f{account.counter}")
        self.emit(f"open {file.name} {file.path} rw,creat,trunc")
        file.handles.append((file.name, "rw"))
        account.files.append(file)
        if self.rng.random() < 0.8:
            self.resize(file)

    def reopen(self):
        file = self.pick(f for f in self.account.files if f.linked)
        if file is None:
            return
        mode = self.pick(["r", "r", "w", "rw", "rw,append", "w,append", "rw,creat"])
        name = self.account.name("h")
        path = file.path if self.rng.random() < 0.75 else f"/{file.place}x/{file.path.split('/')[2]}"
        if self.rng.random() < 0.1 and not file.regions and not file.strange:
            mode = "rw,trunc"
            file.size, file.solid = 0, {}
        self.emit(f"open {name} {path} {mode}")
        file.handles.append((name, mode + (",noexec" if path != file.path else "")))

    def handle(self, file, want=""):
        found = [name for name, mode in file.handles if not want or want in mode.split(",")[0]]
        return self.pick(found)

    def safe_to_cut(self, file, size):
        """No private view of what would go, live or not: the machine would not survive it."""
        return all(r[4] or r[3] == r[2] or r[0] + r[1] <= size // PAGE for r in file.regions)

    def resize(self, file=None):
        file = file or self.pick(self.account.files)
        if file is None or file.strange:
            return
        fd = self.handle(file, "w") if self.rng.random() < 0.9 else self.handle(file)
        if fd is None:
            return
        size = self.pick([0, self.pick(SIZES) * PAGE, self.pick(SIZES) * PAGE, self.pick(SIZES) * PAGE - self.pick([1, 100, 4095]),
                          file.size, file.size + 1, max(file.size - 1, 0)])
        writable = any(name == fd and "w" in mode.split(",")[0] for name, mode in file.handles)
        if file.place == "tmp" and writable and size < file.size and not self.safe_to_cut(file, size):
            return
        by_path = file.linked and writable and self.rng.random() < 0.15
        self.emit(f"truncate {file.path} {size}" if by_path else f"ftruncate {fd} {size}")
        if writable:
            self.resized(file, size)

    def resized(self, file, size):
        if file.place == "tmp" and size < file.size:
            low = size // PAGE
            if any(r[3] and r[5] > low for r in file.regions):
                return  # ETXTBSY
            for r in file.regions:
                if r[3] and r[0] + r[1] > (size + PAGE - 1) // PAGE:
                    r[1] = (size + PAGE - 1) // PAGE - r[0]
            file.solid = {page: how for page, how in file.solid.items() if page < (size + PAGE - 1) // PAGE}
        if file.place == "tmp" and file.size == 0 and size:
            self.account.counter += 1
            file.solid = {page: f"t{self.account.counter}" for page in range((size + PAGE - 1) // PAGE)}
        file.size = size

    def write(self):
        file = self.pick(self.account.files)
        if file is None or file.strange:
            return
        fd = self.pick(name for name, mode in file.handles if "w" in mode.split(",")[0] and "append" not in mode)
        if fd is None:
            return
        at = self.pick([0, 1, 4000, 4096, self.rng.randrange(max(file.size, 1)), file.size, self.pick(SIZES) * PAGE])
        count = self.pick([1, 1, 10, 4096, 5000, 3 * PAGE])
        self.emit(f"fill {fd} {at} {count} {self.rng.randrange(1, 256)}")
        if file.place == "tmp":
            for page in range(at // PAGE, (at + count - 1) // PAGE + 1):
                self.made(file, page)
        file.size = max(file.size, at + count)

    def made(self, file, page):
        if page not in file.solid:
            self.account.counter += 1
            file.solid[page] = f"w{self.account.counter}"

    def map_file(self):
        file = self.pick(self.account.files)
        if file is None or file.strange:
            return
        fd = self.handle(file, "r") if self.rng.random() < 0.9 else self.handle(file)
        if fd is None:
            return
        mode = next(mode for name, mode in file.handles if name == fd)
        pages = file.pages()
        first = self.pick([0, 0, 0, 0, 1, 2, self.rng.randrange(max(pages, 1))])
        count = self.pick([max(pages - first, 1)] * 3 + [1, 1, self.rng.randrange(1, max(pages - first, 1) + 1), self.pick(SIZES)])
        prot = self.pick(PROTS)
        kind = self.pick(["private", "shared"])
        name = self.account.name("m")
        line = f"mmap {name} {self.pick(['0', '0', '0', '1p'])} {self.bytes_of(count)} {prot} {kind}{self.pick(EXTRA)} {fd} {first}p"
        refused = "r" not in mode.split(",")[0] or (kind == "shared" and "w" in prot and "w" not in mode.split(",")[0])
        refused = refused or ("noexec" in mode and "x" in prot) or (kind == "shared" and file.place == "disk")
        if refused:
            self.emit(line)
        elif kind == "private" and "w" in prot:
            self.emit(line)
            self.copied(file, first, count)
            self.views.append(View(name, count, "copy"))
            self.look_at(self.views[-1])
        else:
            self.map_shareable(file, line, name, first, count, kind == "shared")

    def copied(self, file, first, count):
        """What a copy reads exists from then on."""
        for page in range(first, min(first + count, file.pages())) if file.place == "tmp" else []:
            self.made(file, page)

    def map_shareable(self, file, line, name, first, count, shared):
        region = file.region(first, count)
        overlap = any(r[0] < first + count and first < r[0] + r[1] for r in file.regions)
        mine = [view for view in self.views if view.file is file]
        if region:
            # One view of a region a process, unless it is elsewhere in it: what overlaps is generate.py's.
            if any(view.region is region and view.start < first + count and first < view.start + view.pages for view in mine):
                return
            if sum(r[0] <= first and first + count <= r[0] + r[1] for r in file.regions) > 1:
                return  # which of them depends on where they lie
            self.join(file, line, name, first, count, shared, region)
            return
        if file.place == "disk":
            self.emit(line)
            if not overlap:
                self.add_region(file, name, first, count, shared, True)
            return
        kinds = [file.solid.get(page) for page in range(first, first + count)]
        inside = first + count <= file.pages()
        if inside and None not in kinds and len(set(kinds)) > 1:
            return  # side by side or not: who knows
        direct = inside and None not in kinds
        if direct and any(not r[4] and (r[0] == first or r[6] != kinds[0]) for r in file.regions if r[0] < first + count and first < r[0] + r[1]):
            return  # mm/nommu.c:464
        if direct and any(view.region and not view.region[4] and view.start < first + count and first < view.start + view.pages for view in mine):
            return
        if not direct and not shared and any(not r[4] for r in file.regions):
            return  # a copy and a view: which is found first depends on where they lie
        self.emit(line)
        if not direct and shared:
            return
        if not direct:
            self.copied(file, first, count)
        self.add_region(file, name, first, count, shared, not direct, kinds[0])

    def overlap(self):
        """More views of what this process has a view of already, ends of it or all of it, and then they go in any order."""
        view = self.pick(view for view in self.views if view.kind == "view" and not view.file.strange)
        fd = self.handle(view.file, "r") if view else None
        if fd is None or any(other is not view and other.file is view.file for other in self.views):
            return
        names = [(view.name, view.pages)]
        for _ in range(self.pick([1, 1, 2, 3])):
            count = self.pick([view.pages, self.rng.randrange(1, view.pages + 1)])
            start = view.start + self.pick([0, view.pages - count])
            name = self.account.name("o")
            kind = "shared" if view.shared else "private"
            self.emit(f"mmap {name} 0 {self.bytes_of(count)} {self.pick(['r', 'x', 'none'])} {kind} {fd} {start}p")
            self.emit(f"same {name} {view.name}+{start - view.start}p")
            names.append((name, count))
        for _ in range(self.pick([1, 2, 3, 4, 5])):
            name, count = self.pick(names)
            self.emit(f"munmap {name} {self.bytes_of(count)}")
        if view.shared and view.file.place == "tmp":
            fd = self.handle(view.file, "w")
            if fd and view.file.size:
                self.emit(f"ftruncate {fd} {view.start * PAGE + self.rng.randrange(view.pages * PAGE)}")
        view.file.strange = True
        self.views.remove(view)

    def add_region(self, file, name, first, count, shared, copied, kind=None):
        region = [first, count, 1, int(shared), copied, first + count if shared else 0, kind]
        file.regions.append(region)
        self.add_view(file, name, first, count, shared, region)

    def join(self, file, line, name, first, count, shared, region):
        self.emit(line)
        region[2] += 1
        region[3] += shared
        if shared:
            region[5] = max(region[5], first + count)
        other = self.pick(view for view in self.views if view.region is region)
        self.add_view(file, name, first, count, shared, region)
        if other:
            self.emit(f"same {name} {other.name}+{first}p-{other.start}p")

    def add_view(self, file, name, first, count, shared, region):
        view = View(name, count, "view", file, region, shared)
        view.start = first
        self.views.append(view)
        self.look_at(view)
        if shared and file.place == "tmp" and self.rng.random() < 0.4 and first * PAGE < file.size:
            at = self.rng.randrange(first * PAGE, min(file.size, (first + count) * PAGE))
            if not region[4]:
                self.emit(f"poke {name}+{at - first * PAGE} {self.rng.randrange(256)}")
                fd = self.handle(file, "r")
                if fd:
                    self.emit(f"fbyte {fd} {at}")

    # looking

    def look_at(self, view):
        end = view.pages * PAGE
        if view.kind == "view" and not view.region[4]:
            end = min(end, (view.file.pages() - view.start) * PAGE)
        for _ in range(self.pick([0, 1, 1, 2])):
            if end > 0:
                self.emit(f"peek {view.name}+{self.pick([0, end - 1, self.rng.randrange(end)])}")

    def look(self):
        view = self.pick(self.views)
        if view is not None:
            if view.kind in ("anonymous", "copy") and self.rng.random() < 0.5:
                self.emit(f"poke {view.name}+{self.rng.randrange(view.whole * PAGE)} {self.rng.randrange(256)}")
            self.look_at(view)
            self.emit(f"aligned {view.name} {self.pick(['1p', '2', '64'])}")
        file = self.pick(f for f in self.account.files if f.place == "disk")
        if file is not None and self.handle(file, "r"):
            self.emit(f"fbyte {self.handle(file, 'r')} {self.pick([0, 1, 4095, 4096, 20000])}")

    # descriptors

    def device(self):
        name, path = self.account.name("v"), self.pick(DEVICES)
        folder = path in ("/tmp", "/disk")
        self.emit(f"open {name} {path} {'r,dir' if folder else self.pick(['r', 'rw']) if path != '/proc/version' else 'r'}")
        kind, prot = self.pick(["private", "shared", "private,anon", "shared,fixed", "validate"]), self.pick(PROTS)
        if path == "/dev/zero" and "anon" not in kind and kind == "private":
            prot = self.pick(["rw", "r", "w"])
        self.emit(f"mmap z{name} 0 {self.pick(['1p', '3p', '5m', '0', '1'])} {prot} {kind} {name} {self.pick(['0', '1p', '1'])}")
        if "anon" in kind:
            self.emit(f"munmap z{name} 1p")
        self.emit(f"close {name}")

    def close(self):
        file = self.pick(f for f in self.account.files if len(f.handles) > (0 if f.regions else 1))
        if file is None or self.depth:
            return
        handle = self.pick(file.handles)
        file.handles.remove(handle)
        self.emit(f"close {handle[0]}")
        if self.rng.random() < 0.5:
            self.emit(f"mmap z 0 1p r private {handle[0]} 0")
            self.emit(f"ftruncate {handle[0]} 1p")

    def unlink(self):
        file = self.pick(f for f in self.account.files if f.linked)
        if file is None:
            return
        self.emit(f"unlink {file.path}")
        file.linked = False
        if self.rng.random() < 0.3:
            self.emit(f"unlink {file.path}")
            self.emit(f"open z {file.path} rw")
            self.emit(f"mmap zz 0 1p r private z 0")
        if not file.handles:
            self.account.files.remove(file)

    def limits(self):
        """Operands at the ends of what numbers can be."""
        file = self.pick(self.account.files)
        fd = (self.handle(file, "r") or "99") if file else "99"
        roll = self.rng.random()
        if roll < 0.5:
            kind = self.pick(["private", "shared", "private,fixed", "shared,private", "validate", "noreserve"])
            far = self.pick(HUGE[2:5]) if kind in ("private", "shared") else self.pick(HUGE + ["0", "1p"])
            self.emit(f"mmap z 0 {self.pick(['0', '1', '1p', '5m', '0x7ffffffff000', '0xffffffffffffffff', '0xfffffffffffff001'])} "
                      f"{self.pick(PROTS)} {kind}{self.pick(['', '', ',anon'])} {fd} {far}")
            self.emit("munmap z 0")
        elif roll < 0.8:
            self.emit(f"munmap {self.pick(['0', '1p', '0xfffffffffffff000', '0x7ffffffff000'])} {self.pick(['0', '1p', '0xffffffffffffffff'])}")
            self.emit(f"mremap z {self.pick(['0', '1p', '1', '0xfffffffffffff000'])} {self.pick(['0', '1p'])} {self.pick(['0', '1p', '0xffffffffffffffff'])} maymove")
        elif file is not None and file.place == "tmp" and self.handle(file, "w") and (file.size or not file.strange):
            self.emit(f"ftruncate {self.handle(file, 'w')} {self.pick(['0x8000000000000000', '0xffffffffffffffff', '0xfffffffffffff000'])}")
        else:
            self.emit("brk " + self.pick(["0", "1", "4096", "1m", "0x7fffffffffff"]))

    def key(self):
        account = self.account
        roll, name = self.rng.random(), account.name("s")
        if roll < 0.5 or not account.keys:
            key = self.pick(["0", f"{account.seed % 100000 * 8 + self.rng.randrange(1, 4)}"])
            size = self.pick(["0", "1", "1p", "3p", "3p+1", "64k", "4m", "4m+1", "0x7fffffffffffffff", "0x8000000000000000"])
            self.emit(f"shmget {name} {key} {size} {self.pick(['creat', 'creat', 'creat,excl', 'none'])}")
            account.keys.append(name)
        elif roll < 0.75:
            self.emit(f"shmstat {self.pick(account.keys)}")
        elif roll < 0.9:
            self.emit(f"shmat {name} {self.pick(account.keys)} {self.pick(['0 none', '0 rdonly', '1p rnd', '1p none', '0 remap', '0 exec'])}")
            self.emit(f"shmdt {self.pick(['0', '1p', '1', name])}")
        else:
            gone = self.pick(account.keys)
            self.emit(f"shmrm {gone}")
            self.emit(f"shmstat {gone}")
            account.keys.remove(gone)

    def absent(self):
        view = self.pick(self.views)
        at = f"{view.name}{self.pick(['', '+1', '+1p'])}" if view else self.pick(["0", "1p", "0xfffffffffffff000"])
        size = self.pick(["0", "1", "1p", "0xffffffffffffffff"])
        self.emit(self.pick([f"mprotect {at} {size} {self.pick(PROTS)}", f"msync {at} {size} {self.pick([0, 1, 2, 4, 6, 99])}",
                             f"madvise {at} {size} {self.pick([0, 4, 8, 99])}", f"mlock {at} {size}", f"munlock {at} {size}",
                             f"mlockall {self.pick([0, 1, 3, 99])}", "munlockall", f"mincore {at} {size}", f"remap_file_pages {at} {size}",
                             "vfork", f"vfork-mmap {self.account.name('q')} 3p"]))

    # processes

    def enter(self, handles, keys):
        """What the account says of descriptors and keys is from now on as another process sees it."""
        account = self.account
        seen = {file: file.handles for file in account.files}, account.keys
        for file in account.files:
            file.handles = handles.get(file, [])
        account.keys = keys
        return seen

    def spawn(self):
        """A program that has these descriptors and knows where these views are: it runs to its end, or stops on the way."""
        account = self.account
        if self.stopped and self.rng.random() < 0.5:
            self.resume()
            return
        if self.depth or len(account.programs) >= 3:
            return
        name = f"w{account.seed}p{len(account.programs)}.sub"
        child = Process(account, 1)
        shown = [view for view in self.views if view.kind == "view"][:4]
        passed = [(file, handle) for file in account.files for handle in file.handles][-8:]
        handles = {file: [handle for owner, handle in passed if owner is file] for file in account.files}
        known = [f"/s/{name}"] + [view.name for view in shown] + [handle[0] for _, handle in passed]
        account.programs.append((name, child.lines))
        before = self.enter(handles, [])
        for _ in range(self.rng.randrange(4, 14)):
            child.step()
        if self.rng.random() < 0.5:
            killed = self.rng.random() < 0.4
            if killed:
                child.tidy()
            child.emit("pause")
            variable = account.name("c")
            self.stopped.append((variable, child, killed) + self.enter(*before))
            self.emit(" ".join(["start", variable] + known))
            return
        child.finish()
        self.enter(*before)
        self.emit(" ".join(["child"] + known))

    def resume(self):
        variable, child, killed, handles, keys = self.stopped.pop()
        before = self.enter(handles, keys)
        if killed:
            child.leave()
        else:
            for _ in range(self.rng.randrange(2, 8)):
                child.step()
            child.finish()
        self.enter(*before)
        self.emit(f"{'kill' if killed else 'resume'} {variable}")

    def tidy(self):
        while self.stopped:
            self.resume()
        for key in self.account.keys:
            self.emit(f"shmrm {key}")
        self.account.keys = []
        for view in list(self.views):
            if view.pages != view.whole or self.rng.random() < 0.3:
                self.unmap_whole(view)

    def leave(self):
        for view in list(self.views):
            self.forget(view)

    def finish(self):
        self.tidy()
        self.leave()


def program(seed, length=60):
    """[(name, lines), ...]; the name of the first is None."""
    account = Account(seed)
    process = Process(account, 0)
    process.emit(f"# wander.py {seed}")
    while len(process.lines) < length:
        process.step()
    process.finish()
    for file in account.files:
        if file.linked:
            process.emit(f"unlink {file.path}")
    process.emit("same 0 0")
    return [(None, process.lines)] + account.programs
