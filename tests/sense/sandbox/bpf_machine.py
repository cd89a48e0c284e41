"""The kernel's classic BPF machine, as much of it as a filter of system calls uses; written from its description.

Source: Documentation/networking/filter.rst; struct seccomp_data in linux/seccomp.h.
"""

import struct

MASK = 0xFFFFFFFF


def verdict(content: bytes, number: int, architecture: int, arguments: tuple[int, ...] = ()) -> int:
    """What the packed program returns for a call; raises AssertionError where the kernel would refuse the program."""
    arguments = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number & MASK, architecture, 0, *arguments)
    program = list(struct.iter_unpack("<HBBI", content))
    assert 0 < len(program) <= 4096
    at, accumulator = 0, 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            assert value % 4 == 0
            assert value + 4 <= len(data)
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x06:  # BPF_RET | BPF_K
            return value
        else:
            taken = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            at += yes if taken else no


ALLOWED = 0x7FFF0000


def denied(error: int) -> int:
    """SECCOMP_RET_ERRNO with this error."""
    return 0x00050000 | error
