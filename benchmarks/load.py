"""Keeps a chat endpoint busy, and says how that went.

    python benchmarks/load.py URL KEY MODEL CONNECTIONS SECONDS

A client of its own in a process of its own: bare sockets, one request after another on each, so that the client is
not what is measured. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter
from urllib.parse import urlsplit

import uvloop

PROMPT = "Translate the following sentence into French, and answer with the translation alone: good morning, neighbour."


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        self._reader, self._writer, self._request = reader, writer, request

    async def ask(self) -> float:
        """Seconds from the first byte out to the last byte in. Raises for anything but 200."""
        began = perf_counter()
        self._writer.write(self._request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(head.decode("latin-1").splitlines()[0])
        if b"content-length:" in head:
            await self._reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        else:
            await self._read_chunks()
        return perf_counter() - began

    async def _read_chunks(self) -> None:
        while size := int(await self._reader.readline(), 16):
            await self._reader.readexactly(size + 2)
        await self._reader.readline()


async def main(url: str, key: str, model: str, connections: int, seconds: float) -> None:
    address = urlsplit(url)
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": PROMPT}], "max_tokens": 100}).encode()
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    opened = [
        Connection(*await asyncio.open_connection(address.hostname, address.port), head.encode() + body)
        for _ in range(connections)
    ]
    for one in opened:
        await one.ask()
    taken: list[float] = []
    until = perf_counter() + seconds

    async def keep_asking(one: Connection) -> None:
        while perf_counter() < until:
            taken.append(await one.ask())

    began = perf_counter()
    await asyncio.gather(*map(keep_asking, opened))
    spent = perf_counter() - began
    taken.sort()
    told = {"rate": len(taken) / spent, "p50": taken[len(taken) // 2], "p99": taken[int(len(taken) * 0.99)]}
    print(json.dumps(told))


if __name__ == "__main__":
    url, key, model, connections, seconds = sys.argv[1:]
    uvloop.run(main(url, key, model, int(connections), float(seconds)))
