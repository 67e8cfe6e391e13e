"""What goes wrong, one after the other, while people work. Each is over when its function returns."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil

from tests.chaos.load import Load
from tests.chaos.relay import Wire
from tests.postgresql import Cluster
from tests.redis_server import RedisServer
from tests.server import ROOT, Product

SPOOL_BYTES = 24 * 1024 * 1024
Fault = Callable[[], str]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of its own for the spool, that can be full; None where we may not mount one."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SPOOL_BYTES},mode=0700", "tmpfs", str(folder)],
        capture_output=True, check=False,
    ).returncode == 0  # fmt: skip
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def kill_worker(product: Product) -> str:
    product.worker().kill()
    return "a worker killed"


def kill_web(product: Product) -> str:
    for process in psutil.Process(product.process.pid if product.process else 0).children():
        if "littlepull.servers" in process.cmdline():
            process.send_signal(signal.SIGKILL)
    product.wait_for("/healthz")
    return "the web server killed"


def restart_database(cluster: Cluster, product: Product) -> str:
    cluster.stop()
    time.sleep(2)
    cluster.start()
    product.wait_for("/healthz")
    return "PostgreSQL crashed, and back after two seconds"


def restart_redis(server: RedisServer, product: Product) -> str:
    server.stop()
    time.sleep(4)
    told = httpx.get(f"{product.base_url}/readyz", trust_env=False, timeout=30).json()
    server.start()
    return f"Redis crashed, and back after four seconds; meanwhile the product was {told['status']}"


def hang_provider(wire: Wire, load: Load) -> str:
    """The nearest answers to nothing: others are asked, or it is said within the budget that nobody answers."""
    wire.hang()
    told = []
    try:
        with load.product.client(load.key) as client:
            for _ in range(4):
                told.append(load.chat_in_time(client))
    finally:
        wire.pass_on()
    return f"a provider hung; four chats were answered {told}"


def fill_disk(spool: Path | None) -> str:
    if spool is None:
        return "NOT DONE: the spool's disk could not be made small (mounting needs root)"
    filler = spool / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
            file.flush()
    time.sleep(4)
    filler.unlink(missing_ok=True)
    return "the spool's disk full for four seconds"


def corrupt_a_file(product: Product, spool: Path, chance: random.Random) -> str:
    """While the worker is held still, so that the file's job still waits or will be done again."""
    try:
        worker = product.worker()
    except LookupError:
        return "NOT DONE: no worker was alive"
    worker.suspend()
    try:
        time.sleep(1.5)  # callers go on
        sealed = [path for path in spool.iterdir() if path.suffix == ".sealed" and path.stat().st_size > 4096]
        if not sealed:
            return "NOT DONE: no file waited in the spool"
        with chance.choice(sealed).open("r+b") as file:
            file.seek(2048)
            file.write(os.urandom(64))
    finally:
        worker.resume()
    return "one sealed file damaged"


def move_the_clock(product: Product) -> str:
    """One more worker, on a machine whose clock is two hours ahead: to it every lease has run out."""
    if shutil.which("faketime") is None:
        return "NOT DONE: faketime is not on this machine"
    command = ["faketime", "-f", "+2h", sys.executable, "manage.py", "worker"]
    with product.log.open("ab") as log:
        ahead = subprocess.Popen(command, cwd=ROOT, env=product.environment, stdout=log, stderr=log)
    time.sleep(12)
    for process in [*psutil.Process(ahead.pid).children(recursive=True), psutil.Process(ahead.pid)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    ahead.wait(10)
    return "a worker whose clock is two hours ahead"
