"""A provider that answers at once and always the same, for the benchmark of the gateway: python upstream.py PORT

As little work as a server can do, on asyncio's own protocol: what is measured is what stands before it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import cast

import uvloop

ANSWER = json.dumps({
    "id": "chatcmpl-bench",
    "object": "chat.completion",
    "created": 1_767_225_600,
    "model": "bench",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Bonjour. " * 20}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 25, "completion_tokens": 60, "total_tokens": 85},
}).encode()  # fmt: skip
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)


class Upstream(asyncio.Protocol):
    """Reads requests with a Content-Length, one after another on a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._held = cast(asyncio.Transport, transport), b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            self._transport.write(RESPONSE)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
