#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""flat.py IN OUT [STACK [split]]: make a bFLT file of a static PIE that relocates itself, for kernels without ELF.

All of it is loaded into one block (FLAT_FLAG_RAM), so that code and data keep their distance, and nothing is left for the
kernel to relocate; with "split" into two, for programs that do not mind. The header lies where the ELF file's first bytes
would."""
import struct
import sys

HEADER = 64
FLAG_RAM = 1
PT_LOAD = 1
ALIGN = 32  # of the data: include/linux/flat.h


def main():
    with open(sys.argv[1], "rb") as file:
        elf = file.read()
    stack = int(sys.argv[3]) if len(sys.argv) > 3 else 16384
    entry, table = struct.unpack_from("<QQ", elf, 24)
    count, = struct.unpack_from("<H", elf, 56)
    image, end, data = bytearray(), 0, None
    for number in range(count):
        kind, flags, offset, addr, _, size, memory, _ = struct.unpack_from("<IIQQQQQQ", elf, table + 56 * number)
        if kind != PT_LOAD:
            continue
        if flags & 2 and data is None:
            data = addr // ALIGN * ALIGN
        image += bytes(addr - len(image)) + elf[offset:offset + size]
        end = addr + memory
    header = struct.pack(">4s9I", b"bFLT", 4, HEADER + entry, HEADER + data, HEADER + len(image), HEADER + end, stack,
                         HEADER + len(image), 0, 0 if "split" in sys.argv else FLAG_RAM)
    with open(sys.argv[2], "wb") as file:
        file.write(header.ljust(HEADER, b"\0") + image)


if __name__ == "__main__":
    main()
