"""make bench-load: mixed traffic at saturation, for a while: errors, waiting times, memory, and who gets how much.

A noisy account keeps the workers busy with receipts, many at once; a quiet one sends one now and then; others read, and
chat with a key of test mode. Exits 1 where anything was answered by an error, or memory grew.

    python benchmarks/saturation.py [--seconds 120]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from littlepull.local_server import manage, running_server  # noqa: E402

RECEIPT = (ROOT / "samples" / "receipt.jpg").read_bytes()
SCHEMA = (ROOT / "samples" / "receipt.schema.json").read_text()
NOISY_AT_ONCE, CHATS_AT_ONCE, READERS = 8, 2, 2
QUIET_EVERY = 2.0
MOST_GROWTH = 1.15  # times the memory after the first quarter
CHAT = {"model": "auto", "messages": [{"role": "user", "content": "Translate into French: good morning"}]}


class Tally:
    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()

    async def ask(self, name: str, call: Awaitable[httpx.Response]) -> httpx.Response:
        began = time.perf_counter()
        answer = await call
        self.seconds[name].append(time.perf_counter() - began)
        if answer.is_error:
            told = answer.json()
            self.errors[f"{name}: {answer.status_code} {told.get('code') or told['error']['code']}"] += 1
        return answer

    def show(self) -> None:
        for name, taken in sorted(self.seconds.items()):
            told = sorted(taken)
            p50, p99 = (1000 * told[min(len(told) - 1, int(share * len(told)))] for share in (0.5, 0.99))
            print(f"  {name:<22} {len(told):>6}   p50 {p50:8.1f} ms   p99 {p99:8.1f} ms")


async def extract(client: httpx.AsyncClient) -> httpx.Response:
    answer = await client.post(
        "/v1/extractions", files={"file": RECEIPT}, data={"schema": SCHEMA}, headers={"Prefer": "wait=120"}
    )
    assert answer.status_code != 200 or answer.json()["status"] == "succeeded", answer.text
    return answer


async def work(
    until: float, tally: Tally, name: str, act: Callable[[], Awaitable[httpx.Response]], rest: float
) -> None:
    while time.monotonic() < until:
        await tally.ask(name, act())
        await asyncio.sleep(rest)


async def read(until: float, tally: Tally, client: httpx.AsyncClient) -> None:
    newest = ""
    while time.monotonic() < until:
        listed = await tally.ask("list extractions", client.get("/v1/extractions", params={"limit": 20}))
        newest = listed.json()["data"][0]["id"] if listed.json()["data"] else newest
        await tally.ask("account", client.get("/v1/account"))
        await tally.ask("models", client.get("/v1/models"))
        if newest:
            await tally.ask("one extraction", client.get(f"/v1/extractions/{newest}"))
        await asyncio.sleep(0.1)


async def saturate(url: str, keys: dict[str, str], seconds: float) -> tuple[Tally, float, list[int]]:
    """The tally, how long the quiet account waits when it is alone, and the tree's memory as it went."""
    tally, memory = Tally(), []

    def client(who: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {keys[who]}"}
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=180, trust_env=False)

    async with client("noisy") as noisy, client("quiet") as quiet, client("chat") as chat:
        alone = []
        for _ in range(5):
            began = time.perf_counter()
            await extract(quiet)
            alone.append(time.perf_counter() - began)
        until = time.monotonic() + seconds
        tasks = [work(until, tally, "extract, noisy", lambda: extract(noisy), 0.0) for _ in range(NOISY_AT_ONCE)]
        tasks += [work(until, tally, "extract, quiet", lambda: extract(quiet), QUIET_EVERY)]
        tasks += [
            work(until, tally, "chat", lambda: chat.post("/v1/chat/completions", json=CHAT), 0.2)
            for _ in range(CHATS_AT_ONCE)
        ]
        tasks += [read(until, tally, noisy) for _ in range(READERS)]
        watching = asyncio.create_task(watch_memory(memory))
        await asyncio.gather(*tasks)
        watching.cancel()
    return tally, median(alone), memory


async def watch_memory(seen: list[int]) -> None:
    while True:
        tree = psutil.Process().children(recursive=True)
        total = 0
        for process in tree:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        seen.append(total)
        await asyncio.sleep(1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as folder:
        weights = os.environ.get("LITTLEPULL_WEIGHTS_DIR", str(ROOT / "var" / "weights"))
        environment = {**os.environ, "VAR_DIR": folder, "LITTLEPULL_WEIGHTS_DIR": weights, "LOG_LEVEL": "ERROR"}
        environment |= {"RATE_LIMIT_REQUESTS": "1000000", "ENGINE_PRELOAD": "rapidocr"}
        manage("migrate", "--verbosity", "0", environment=environment)
        keys = {
            name: manage("createkey", "--email", f"{name}@example.com", *options, environment=environment)
            for name, options in {
                "noisy": ("--credits", "100000"),
                "quiet": ("--credits", "100000"),
                "chat": ("--mode", "test"),
            }.items()
        }
        with running_server(environment) as url:
            tally, alone, memory = asyncio.run(saturate(url, keys, seconds))
    return report(tally, alone, memory, seconds)


def report(tally: Tally, alone: float, memory: list[int], seconds: float) -> int:
    tally.show()
    noisy, quiet = (tally.seconds[f"extract, {who}"] for who in ("noisy", "quiet"))
    print(f"{60 * (len(noisy) + len(quiet)) / seconds:.0f} receipts a minute; errors: {dict(tally.errors) or 'none'}")
    print(
        f"a receipt of the quiet account: {median(quiet):.2f} s beside {NOISY_AT_ONCE} at once of the noisy one, "
        f"{alone:.2f} s alone ({median(quiet) / alone:.1f} times); of the noisy one {median(noisy):.2f} s"
    )
    early, late = median(memory[: len(memory) // 4] or [1]), median(memory[-len(memory) // 4 :] or [1])
    print(f"memory of all processes: {early / 2**20:.0f} MiB in the first quarter, {late / 2**20:.0f} MiB in the last")
    return 1 if tally.errors or late > MOST_GROWTH * early else 0


if __name__ == "__main__":
    sys.exit(main())
