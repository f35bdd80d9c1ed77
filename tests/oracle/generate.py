# SPDX-License-Identifier: MIT
"""Random call sequences for differ.py: seeded, and never one that the real machine does not survive.

A sequence is a list of lines of the scenario language. While it is made, a small account of the process is kept: which
ranges of addresses belong to which mapping, which file has how many pages. It is there only to choose interesting
operands (the ends of mappings, the middle, one page more) and to keep away from the kernel's own bugs that ODDITIES
lists; what is right to answer it does not know. Nothing depends on where a mapping lies: operands are relative
to a variable, and addresses are compared only between views of one file."""
import random

PAGE = 4096
SIZES = [1, 1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 31, 32]
FLAGS = ["", "", "", "", ",noreserve", ",populate", ",locked", ",stack", ",growsdown", ",denywrite", ",noreplace", ",uninit"]
PROTS = ["rw", "rw", "rw", "r", "r", "rx", "none", "rwx", "x", "w"]


class View:
    """A mapping, or what holes left of one: its variable, where it starts from there in pages, how long it is."""

    def __init__(self, name, start, pages, kind, file=None):
        self.name, self.start, self.pages, self.kind, self.file = name, start, pages, kind, file
        self.whole = pages  # what the region has
        self.shrunk = False  # by mremap: shorter than its region
        self.shared = False


class File:
    def __init__(self, name, place, number):
        self.name, self.place, self.path = name, place, f"/{place}/g{number}{name}"
        self.size = 0  # bytes
        self.pieces = 0  # 1 when all of it came with one ftruncate
        self.region = None  # disk: the read-only mapping that others can share
        self.leaked = False  # a region of it is left for ever


class Sequence:
    def __init__(self, seed, length):
        self.rng = random.Random(seed)
        self.seed = seed
        self.lines = []
        self.views = []
        self.files = []
        self.segments = []
        self.counter = 0
        while len(self.lines) < length:
            self.step()
        self.finish()

    def emit(self, line):
        self.lines.append(line)

    def name(self, letter):
        self.counter += 1
        return f"{letter}{self.counter}"

    def step(self):
        choices = [(14, self.anonymous), (10, self.unmap), (8, self.remap), (5, self.new_file), (8, self.resize),
                   (16, self.map_file), (6, self.look), (5, self.write), (3, self.absent), (3, self.strange),
                   (4, self.segment), (2, self.drop_file), (1, self.process)]
        weights = [weight for weight, _ in choices]
        self.rng.choices([act for _, act in choices], weights)[0]()

    # operands

    def size_text(self, pages):
        """A length in bytes that rounds up to PAGES."""
        roll = self.rng.random()
        if roll < 0.7:
            return f"{pages}p"
        if roll < 0.85:
            return f"{pages}p-{self.rng.randrange(1, PAGE)}"
        return str(pages * PAGE - self.rng.choice([0, 1, 4095]))

    def pick_view(self, *kinds):
        found = [view for view in self.views if not kinds or view.kind in kinds]
        return self.rng.choice(found) if found else None

    def pick_file(self, *places):
        found = [file for file in self.files if not places or file.place in places]
        return self.rng.choice(found) if found else None

    # mappings

    def anonymous(self):
        pages = self.rng.choice(SIZES)
        name = self.name("a")
        kind = self.rng.choice(["private", "private", "private", "shared"])
        hint = self.rng.choice(["0", "0", "0", "1p", "0x100000000000"] + [view.name for view in self.views[:2]])
        flags = self.rng.choice(FLAGS)
        self.emit(f"mmap {name} {hint} {self.size_text(pages)} {self.rng.choice(PROTS)} {kind},anon{flags}")
        self.views.append(View(name, 0, pages, "anonymous"))
        if self.rng.random() < 0.3 and flags != ",uninit":
            self.emit(f"zero {name} {pages}p")

    def new_file(self):
        if len(self.files) >= 4:
            return
        self.counter += 1
        file = File(self.name("f"), self.rng.choice(["tmp", "tmp", "disk"]), self.seed)
        self.emit(f"open {file.name} {file.path} rw,creat,trunc")
        self.files.append(file)
        if self.rng.random() < 0.8:
            self.resize(file)

    def resize(self, file=None):
        file = file or self.pick_file()
        if file is None:
            return
        size = self.rng.choice(SIZES) * PAGE - self.rng.choice([0, 0, 0, 1, 4095])
        if file.place == "disk":
            self.emit(f"ftruncate {file.name} {size}")
        elif file.size == 0:
            self.emit(f"ftruncate {file.name} {size}")
            file.size, file.pieces = size, 1
        elif file.leaked:
            self.emit(f"ftruncate {file.name} {file.size}")
        else:
            self.resize_used(file, size)

    def resize_used(self, file, size):
        """Cut it, which a shared view forbids and a private one would not survive; or grow it, once and for all."""
        view = self.view_of(file)
        if view is None and self.rng.random() < 0.6:
            self.emit(f"ftruncate {file.name} 0")
            file.size, file.pieces = 0, 0
        elif view is not None and view.shared and size < file.size:
            self.emit(f"ftruncate {file.name} {size}")
        elif size > file.size and self.rng.random() < 0.3:
            self.emit(f"ftruncate {file.name} {size}")
            file.size, file.pieces = size, 2
        else:
            self.emit(f"ftruncate {file.name} {file.size}")

    def view_of(self, file):
        return next((view for view in self.views if view.kind == "view" and view.file is file), None)

    def map_file(self):
        file = self.pick_file()
        if file is None:
            return
        if file.place == "disk":
            self.map_disk(file)
        else:
            self.map_memory(file)

    def map_disk(self, file):
        pages, offset = self.rng.choice(SIZES), self.rng.choice([0, 0, 1, 2, 4, 8])
        prot = self.rng.choice(PROTS)
        name = self.name("d")
        if self.rng.random() < 0.15:
            self.emit(f"mmap {name} 0 {self.size_text(pages)} {prot} shared {file.name} {offset}p")
            return
        if "w" in prot:
            self.emit(f"mmap {name} 0 {self.size_text(pages)} {prot} private {file.name} {offset}p")
            self.views.append(View(name, 0, pages, "copy"))
            return
        # One read-only mapping of a file, and others only where they cannot split it.
        if file.region is None:
            self.emit(f"mmap {name} 0 {pages}p {prot} private {file.name} {offset}p")
            file.region = (name, offset, pages)
            self.views.append(View(name, 0, pages, "readonly", file))
            return
        base, first, have = file.region
        shape = self.rng.choice(["head", "tail", "over", "beyond"])
        if shape == "over":
            self.emit(f"mmap {name} 0 {have + 1}p {prot} private {file.name} {first}p")
        elif shape == "beyond":
            self.emit(f"mmap {name} 0 {have}p {prot} private {file.name} {first + 1}p")
        elif not file.leaked and self.rng.random() < 0.3:
            self.map_again(file, name, base, f"{prot} private", have, first)
        elif have > 1 and not file.leaked:
            part = self.rng.randrange(1, have)
            self.map_part(file, name, base, f"{prot} private", part, 0 if shape == "head" else have - part, first, have)

    def map_part(self, file, name, base, how, part, start, first, have):
        """A second view of the head or the tail of one: it hides that part for ever, and the region stays."""
        self.emit(f"mmap {name} 0 {part}p {how} {file.name} {first + start}p")
        self.emit(f"same {name} {base}+{start}p")
        self.emit(f"munmap {base} {have}p")
        self.emit(f"munmap {name} {part}p")
        file.leaked = True
        self.views = [view for view in self.views if view.name != base]

    def map_again(self, file, name, base, how, pages, first):
        """The very same view a second time: it takes the place of the first, and the region stays for ever."""
        for last in (False, True):
            self.emit(f"mmap {name} 0 {self.size_text(pages)} {how} {file.name} {first}p")
            self.emit(f"same {name} {base}")
            for _ in range(0 if last else self.rng.choice([1, 2, 3])):
                self.emit(f"munmap {self.rng.choice([base, name])} {pages}p")
        if file.place == "tmp":
            self.emit(f"ftruncate {file.name} 0" if "shared" in how else f"fbyte {file.name} 0")
        file.leaked = True
        self.views = [view for view in self.views if view.name != base]

    def map_memory(self, file):
        total = (file.size + PAGE - 1) // PAGE
        name = self.name("t")
        prot = self.rng.choice(PROTS)
        if "w" in prot and self.rng.random() < 0.4:
            pages = self.rng.choice(SIZES)
            self.emit(f"mmap {name} 0 {self.size_text(pages)} {prot} private {file.name} {self.rng.choice([0, 0, 1, 3])}p")
            self.views.append(View(name, 0, pages, "copy"))
            return
        if self.rng.random() < 0.25:
            self.emit(f"mmap {name} 0 {total + self.rng.choice([1, 2, 5])}p {prot} shared {file.name} 0")
            return
        if total == 0 or file.pieces != 1 or file.leaked:
            return
        how = f"{prot} shared" if "w" in prot or self.rng.random() < 0.5 else f"{prot} private"
        whole = self.view_of(file)
        if whole is None:
            self.emit(f"mmap {name} 0 {self.size_text(total)} {how} {file.name} 0")
            self.emit(f"peek {name}+{total - 1}p")
            self.views.append(View(name, 0, total, "view", file))
            self.views[-1].shared = "shared" in how
            if "w" in how:
                at = self.rng.randrange(file.size)
                self.emit(f"poke {name}+{at} {self.rng.randrange(256)}")
                self.emit(f"fbyte {file.name} {at}")
        elif self.rng.random() < 0.3:
            self.map_again(file, name, whole.name, how, total, 0)
        elif total > 1:
            part = self.rng.randrange(1, total)
            self.map_part(file, name, whole.name, how, part, self.rng.choice([0, total - part]), 0, total)

    # changing mappings

    def unmap(self):
        view = self.pick_view()
        if view is None:
            return
        if view.kind != "anonymous" or view.shrunk:
            self.unmap_wrongly(view)
            if self.rng.random() < 0.5:
                self.unmap_whole(view)
            return
        shape = self.rng.choice(["whole", "whole", "head", "tail", "middle", "wrong"])
        if shape == "wrong":
            self.unmap_wrongly(view)
        elif shape == "whole" or view.pages < 2:
            self.unmap_whole(view)
        elif shape == "head":
            cut = self.rng.randrange(1, view.pages)
            self.emit(f"munmap {view.name}+{view.start}p {cut}p")
            view.start += cut
            view.pages -= cut
        elif shape == "tail":
            cut = self.rng.randrange(1, view.pages)
            self.emit(f"munmap {view.name}+{view.start + view.pages - cut}p {self.size_text(cut)}")
            view.pages -= cut
        elif view.pages > 2:
            first = self.rng.randrange(1, view.pages - 1)
            cut = self.rng.randrange(1, view.pages - first)
            self.emit(f"munmap {view.name}+{view.start + first}p {cut}p")
            rest = View(view.name, view.start + first + cut, view.pages - first - cut, "anonymous")
            view.pages = first
            if rest.pages:
                self.views.append(rest)
        view.whole = view.pages

    def unmap_whole(self, view):
        if view.shrunk:
            self.emit(f"mremap {view.name} {view.name}+{view.start}p {view.pages}p {view.whole}p maymove")
            view.pages, view.shrunk = view.whole, False
        self.emit(f"munmap {view.name}+{view.start}p {self.size_text(view.pages)}")
        self.views.remove(view)
        if view.kind == "readonly":
            view.file.region = None

    def unmap_wrongly(self, view):
        begin, size = f"{view.name}+{view.start}p", view.pages
        if view.kind == "anonymous":
            wrong = [f"{begin} 0", f"{begin}+1 {size}p-1", f"{begin}+{size - 1}p+1 4095", f"{begin}+100 1p"]
        elif view.kind == "view":
            wrong = [f"{begin} 0", f"{begin}+1 {size}p", f"{begin}+1p {size}p-1p"] if size > 1 else [f"{begin} 0"]
        else:
            wrong = [f"{begin} 0", f"{begin}+1 {size}p"]
            if size > 1:
                wrong += [f"{begin} {size}p-1p", f"{begin}+1p {size}p-1p", f"{begin} 1p"]
        if view.shrunk:
            wrong = [f"{begin} 0", f"{begin} {view.whole}p"]
        self.emit("munmap " + self.rng.choice(wrong))

    def remap(self):
        view = self.pick_view()
        if view is None:
            return
        begin = f"{view.name}+{view.start}p"
        alone = sum(other.name == view.name for other in self.views) == 1
        flags = self.rng.choice(["none", "maymove", "maymove", "maymove,dontunmap", "dontunmap"])
        shape = self.rng.choice(["shrink", "grow", "same", "zero", "odd", "fixed", "less", "more"])
        if view.kind in ("view", "readonly"):
            self.emit(f"mremap x{view.name} {begin} {view.pages}p {self.rng.choice(SIZES)}p {flags}")
        elif shape == "shrink" and view.pages > 1 and view.start == 0 and alone:
            less = self.rng.randrange(1, view.pages)
            self.emit(f"mremap {view.name} {begin} {self.size_text(view.pages)} {self.size_text(less)} {flags}")
            view.pages, view.shrunk = less, True
        elif shape == "grow" and view.start == 0 and alone:
            self.emit(f"mremap {view.name} {begin} {view.pages}p {view.whole}p {flags}")
            view.pages, view.shrunk = view.whole, False
            self.emit(f"mremap {view.name} {begin} {view.pages}p {view.pages + self.rng.choice([1, 3])}p {flags}")
        elif shape == "fixed":
            self.emit(f"mremap x{view.name} {begin} {view.pages}p {view.pages}p maymove,fixed "
                      f"{begin}{self.rng.choice(['', '+1p', '+64k', '+1'])}")
        else:
            old, new = {"zero": ("0", f"{view.pages}p"), "odd": (f"{view.pages}p", "0"), "less": (f"{view.pages + 1}p", "1p"),
                        "more": (f"{view.pages}p", "5m")}.get(shape, (f"{view.pages}p", f"{view.pages}p"))
            self.emit(f"mremap x{view.name} {begin} {old} {new} {flags}")

    # contents and the rest

    def look(self):
        view = self.pick_view()
        if view is None:
            return
        at = f"{view.name}+{view.start}p+{self.rng.randrange(view.pages * PAGE)}"
        if view.kind in ("anonymous", "copy") and self.rng.random() < 0.6:
            self.emit(f"poke {at} {self.rng.randrange(256)}")
            self.emit(f"peek {at}")
        elif view.kind != "anonymous":
            self.emit(f"peek {at}")

    def write(self):
        file = self.pick_file()
        if file is None:
            return
        if file.place == "disk":
            self.emit(f"fill {file.name} {self.rng.choice([0, 1, 4000])} {self.rng.choice([1, 10, 5000, 40000])} "
                      f"{self.rng.randrange(1, 256)}")
        elif file.size > 0:
            at = self.rng.randrange(file.size)
            self.emit(f"fill {file.name} {at} {self.rng.randrange(1, file.size - at + 1)} {self.rng.randrange(1, 256)}")
        self.emit(f"fbyte {file.name} {self.rng.choice([0, 100, 4096, 50000])}")

    def absent(self):
        view = self.pick_view()
        begin = f"{view.name}+{view.start}p" if view else "0"
        self.emit(self.rng.choice([f"mprotect {begin} 1p r", f"mprotect {begin}+1 1p rw", f"msync {begin} 1p 4", f"madvise {begin} 1p 4",
                                   f"mlock {begin} 1p", f"munlock {begin} 1p", "mlockall 1", "munlockall", f"mincore {begin} 1p",
                                   f"remap_file_pages {begin} 1p", f"brk {self.rng.choice(['1', '1p', '64k'])}"]))

    def strange(self):
        """Bad operands of mmap, several at once: the order of the checks."""
        file = self.pick_file()
        fd = self.rng.choice([file.name if file else "99", "99", "-1"])
        kind = self.rng.choice(["private", "shared", "private,fixed", "shared,private", "validate", "denywrite"])
        source = self.rng.choice([",anon", ""])
        sizes = ["0", "5m", "0xffffffffffffffff", "0x7ffffffff000"]
        if kind not in ("private", "shared"):
            sizes += ["1p", "1"]
        offset = self.rng.choice(["0", "1", "4095", "1p", "0xfffffffffffff000"])
        self.emit(f"mmap z 0 {self.rng.choice(sizes)} {self.rng.choice(PROTS)} {kind}{source} {fd} {offset}")

    def segment(self):
        roll = self.rng.random()
        if not self.segments or roll < 0.4:
            name = self.name("s")
            size = self.rng.choice(["0", "1", "1p", "5p", "64k", "4m+1", "5g", "0x7fffffffffffffff"])
            self.emit(f"shmget {name} 0 {size} creat")
            if size[0] != "0" and size not in ("4m+1", "5g"):
                self.segments.append(name)
            return
        name = self.rng.choice(self.segments)
        if roll < 0.6:
            self.emit(f"shmat b{name} {name} {self.rng.choice(['0 none', '0 rdonly', '1p rnd', '64k none', '0 remap'])}")
        elif roll < 0.8:
            self.emit(f"shmstat {name}")
        else:
            self.emit(f"shmrm {name}")
            self.emit(f"shmstat {name}")
            self.segments.remove(name)

    def drop_file(self):
        file = self.pick_file()
        if file is None:
            return
        self.emit(f"unlink {file.path}")
        self.emit(f"close {file.name}")
        self.emit(f"mmap z{file.name} 0 1p r private {file.name} 0")
        self.files.remove(file)

    def process(self):
        self.emit("vfork")
        name = self.name("v")
        self.emit(f"vfork-mmap {name} 4p")
        self.views.append(View(name, 0, 4, "anonymous"))

    def finish(self):
        for view in list(self.views):
            if view in self.views and view.shrunk:
                self.unmap_whole(view)
        for name in self.segments:
            self.emit(f"shmrm {name}")
        for file in self.files:
            self.emit(f"unlink {file.path}")


def sequence(seed, length=60):
    return Sequence(seed, length).lines
