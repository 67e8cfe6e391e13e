"""What travels between a parent and its media process: a small JSON header, then raw bytes.

No pickle: the child reads hostile files, so its parent takes nothing from it but JSON of bounded size.
"""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, BinaryIO

HEADER = struct.Struct(">I")
PAYLOAD = struct.Struct(">Q")
HEADER_LIMIT = 64 * 1024
ANSWER_LIMIT = 64 * 1024 * 1024
MEDIA_LIMIT = 2 * 1024 * 1024 * 1024

Header = dict[str, Any]


class BrokenFrame(Exception):
    """What came over the pipe is not a frame: the other side is not to be trusted any more."""


def pack(header: Header, payload: bytes = b"") -> list[bytes]:
    head = json.dumps(header, allow_nan=False).encode()
    return [HEADER.pack(len(head)), head, PAYLOAD.pack(len(payload)), payload]


def send(stream: BinaryIO, header: Header, payload: bytes = b"") -> None:
    for part in pack(header, payload):
        stream.write(part)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """The child's side. None at the end of the stream."""
    start = stream.read(HEADER.size)
    if len(start) < HEADER.size:
        return None
    header = json.loads(stream.read(HEADER.unpack(start)[0]))
    (size,) = PAYLOAD.unpack(stream.read(PAYLOAD.size))
    return header, stream.read(size)


async def areceive(stream: asyncio.StreamReader) -> tuple[Header, bytes]:
    """The parent's side: every size is checked before it is believed."""
    (size,) = HEADER.unpack(await stream.readexactly(HEADER.size))
    if size > HEADER_LIMIT:
        raise BrokenFrame
    header = read_json(await stream.readexactly(size))
    (size,) = PAYLOAD.unpack(await stream.readexactly(PAYLOAD.size))
    if size > ANSWER_LIMIT or not isinstance(header, dict):
        raise BrokenFrame
    return header, await stream.readexactly(size)


def read_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise BrokenFrame from None
