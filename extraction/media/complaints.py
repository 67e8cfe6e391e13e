"""What libtiff says on stderr while it decodes.

Fax data has no checksum: of a damaged strip libtiff returns noise and success, and only mutters.
"""

from __future__ import annotations

import os
from collections.abc import Callable

DAMAGE = b"Bad code word"


def decodes_cleanly(decode: Callable[[], object]) -> bool:
    """Runs `decode` with stderr led into a pipe that cannot block. Only for a process of one thread."""
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    stderr = os.dup(2)
    try:
        os.dup2(writer, 2)
        decode()
    finally:
        os.dup2(stderr, 2)
        for descriptor in (stderr, writer):
            os.close(descriptor)
        said = _drain(reader)
    return DAMAGE not in said


def _drain(reader: int) -> bytes:
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return b""
    finally:
        os.close(reader)
