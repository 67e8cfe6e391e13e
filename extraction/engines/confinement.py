"""What the kernel refuses a media process from its first moment on: the network, other programs, other processes.

A seccomp filter, set by prctl: it needs no root, no namespace and no library, and works in a container as on a host.
There is no way back, and whatever the process starts would be held too. Hostile files reach decoders by the million
lines; what takes one over can neither send what it read anywhere nor fetch the rest of itself.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
# Refused by number. io_uring makes sockets that no filter sees; the last four look into or borrow from other processes.
NAMES = (
    "socket", "io_uring_setup", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
)  # fmt: skip
# Machine: the kernel's own number for it, and those of the calls.
MACHINES = {
    "x86_64": (0xC000003E, (41, 425, 59, 322, 101, 310, 311, 438)),
    "aarch64": (0xC00000B7, (198, 425, 221, 281, 117, 270, 271, 438)),
}
X32 = 0x40000000  # the same calls of x86_64 by other numbers
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
NUMBER, ARCHITECTURE = 0, 4  # where they stand in what a filter is given


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> bool:
    """Whether it holds. Where the kernel knows no filters, or we do not know the machine, nothing is changed.

    Before any thread is started: a filter holds the one that sets it and all that come of it.
    """
    machine = MACHINES.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        return False
    program = _program(*machine)
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    if prctl(PR_SET_NO_NEW_PRIVS, 1, None, 0, 0) != 0:
        return False
    filter = Program(len(program) // 8, program)
    return prctl(PR_SET_SECCOMP, FILTER, ctypes.addressof(filter), 0, 0) == 0


def _program(architecture: int, numbers: tuple[int, ...]) -> bytes:
    """Instructions of classic BPF: code, jump if true, jump if false, value."""
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_IF_AT_LEAST, len(numbers) + 1, 0, X32),
    ]
    for at, number in enumerate(numbers):
        lines.append((JUMP_IF_EQUAL, len(numbers) - at, 0, number))
    lines += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
