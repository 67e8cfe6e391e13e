"""make bench-footprint: what one job and one gateway request cost PostgreSQL and Redis, for docs/scaling.md.

Real receipts and real requests over HTTP, before a PostgreSQL and a Redis of the run's own. Transactions, rows and
bytes of write-ahead log are PostgreSQL's own counts, less what the idle product does in the same time. What stays is
the growth of the tables after many more of the same kind. The ledger's holds a second are those of four processes.

    python benchmarks/footprint.py [--jobs 30] [--requests 2000] [--kept 500] [--seconds 10]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.flows.gateways import ASKED, add_models, scripted_provider  # noqa: E402
from tests.postgresql import find_binaries, running_cluster  # noqa: E402
from tests.redis_server import find_redis, running_redis  # noqa: E402
from tests.server import ROOT as CHECKOUT  # noqa: E402
from tests.server import SAMPLES, Product  # noqa: E402

RECEIPT = (SAMPLES / "receipt.jpg").read_bytes()
SCHEMA = (SAMPLES / "receipt.schema.json").read_text()
COUNTS = """SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, (SELECT xact_commit FROM pg_stat_database
  WHERE datname = current_database()), sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del) FROM pg_stat_user_tables"""
NAMES = ("bytes of WAL", "transactions", "rows inserted", "rows updated", "rows deleted")
# Jobs by the verbs that the worker calls, with a real result's size: engines add nothing to what stays.
MANY_JOBS = """
from extraction import jobs, progress
from extraction.models import Job, JobEvent
from accounts.models import ApiKey
from tests.extraction.jobs_in_hand import FACTS, spooled
from extraction.orders import Options, Order
key = ApiKey.objects.select_related("user").get(user__email="bench@example.com")
for _ in range({count}):
    order = Order(output_schema={{"type": "object"}}, options=Options())
    job = jobs.submit(key, spooled(), facts=FACTS, order=order, llm_mapping=False)
    claim = jobs.claim()
    for done in (0, 1):
        progress.record(job.pk, JobEvent.Kind.PROGRESS, stage="recognizing", done=done, total=1)
    jobs.destroy_media(claim)
    jobs.finish(claim, jobs.Outcome(result={{"data": {{"total": 1}}}}, charge=1_000_000,
        engines={{"ocr": "rapidocr", "mapper": "embedded"}},
        timings={{"queued_ms": 17, "recognize_ms": 700, "map_ms": 20}}))
    jobs.destroy_result(Job.objects.get(pk=job.pk))
"""
LEDGER = """
import sys, time
from uuid import uuid4
from accounts.api_keys import create_key
from accounts.models import User
from billing import ledger
user, _ = User.objects.get_or_create(email={email!r})
wallet = ledger.get_wallet(create_key(user)[0] if {own} else user.api_keys.first() or create_key(user)[0])
ledger.grant(wallet, 10**12, key=uuid4().hex)
ends, done = time.monotonic() + {seconds}, 0
while time.monotonic() < ends:
    hold = ledger.place_hold(wallet, 1000, key=uuid4().hex, price_version=1)
    ledger.settle_hold(hold, credits=500)
    done += 1
print(done)
"""


class Database:
    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        # Whole pages, after each checkpoint, would count into the log whatever happened to come first.
        self._connection.execute("ALTER SYSTEM SET full_page_writes = off")
        self._connection.execute("SELECT pg_reload_conf()")

    def counts(self) -> list[float]:
        time.sleep(1.5)  # the other side reports what it did after a second
        self._connection.execute("SELECT pg_stat_clear_snapshot()")
        return [float(value) for value in self._connection.execute(COUNTS).fetchone() or ()]

    def size(self) -> int:
        self._connection.execute("VACUUM")
        query = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
        return int((self._connection.execute(query).fetchone() or (0,))[0])

    def cost(self, what: str, count: int, act: Callable[[], None], idle: list[float]) -> None:
        before, began = self.counts(), time.monotonic()
        act()
        after, took = self.counts(), time.monotonic() - began
        print(f"{what}: {count} in {took:.1f} s; each")
        for name, one, other, rest in zip(NAMES, before, after, idle, strict=True):
            print(f"  {name:<14} {(other - one - rest * took) / count:10.1f}")

    def idle(self, seconds: float) -> list[float]:
        before, began = self.counts(), time.monotonic()
        time.sleep(seconds)
        after, took = self.counts(), time.monotonic() - began
        rates = [(other - one) / took for one, other in zip(before, after, strict=True)]
        print("idle: " + ", ".join(f"{rate:.1f} {name}" for name, rate in zip(NAMES, rates, strict=True)) + " a second")
        return rates

    def growth(self, what: str, count: int, act: Callable[[], None]) -> None:
        before = self.size()
        act()
        print(f"{what}: {(self.size() - before) / count:.0f} bytes of tables and indexes stay of each, of {count}")


def shell(product: Product, code: str) -> str:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    done = subprocess.run(command, cwd=CHECKOUT, env=product.environment, capture_output=True, text=True, check=True)
    return done.stdout


def bench_ledger(product: Product, seconds: float, *, own: bool) -> None:
    code = LEDGER.format(email="ledger@example.com", own=own, seconds=seconds)
    shell(product, code.replace(f"+ {seconds}", "+ 0"))  # its user, and its first key
    with ThreadPoolExecutor(4) as pool:
        done = sum(int(told.split()[-1]) for told in pool.map(lambda _: shell(product, code), range(4)))
    whose = "a wallet each" if own else "one wallet"
    print(f"ledger: {done / seconds:.0f} holds placed and settled a second by four processes on {whose}")


def bench_tickets(product: Product, url: str) -> None:
    """What Redis sees of a thousand tickets sent, and taken by a Celery worker that finds no job for them."""
    with redis.Redis.from_url(url) as client:
        before = client.info()
        shell(product, "from extraction import tickets; print(tickets.publish('cpu', 1000))")
        sent = client.info()
        command = [sys.executable, "-m", "celery", "-A", "littlepull", "worker", "-Q", "cpu", "-c", "1"]
        with (product.folder / "celery.log").open("ab") as log:
            worker = subprocess.Popen(command, cwd=CHECKOUT, env=product.environment, stdout=log, stderr=log)
        try:
            while client.llen("cpu"):
                time.sleep(0.1)
            taken = client.info()
            time.sleep(10)
            idle = client.info()
        finally:
            worker.terminate()
            worker.wait()
    for name, one, other in (("sent", before, sent), ("taken", sent, taken)):
        commands, out, into = (other[key] - one[key] for key in KEYS)
        print(f"a ticket {name}: {commands / 1000:.1f} commands, {into / 1000:.0f} bytes in, {out / 1000:.0f} out")
    print(f"an idle Celery worker: {(idle[KEYS[0]] - taken[KEYS[0]]) / 10:.1f} commands a second")


KEYS = ("total_commands_processed", "total_net_output_bytes", "total_net_input_bytes")


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Product]:
    product = Product(folder, **environment)
    product.start()
    try:
        yield product
    finally:
        product.kill()


def main(jobs: int, requests: int, kept: int, seconds: float) -> None:
    binaries, redis_binary = find_binaries(), find_redis()
    if binaries is None or redis_binary is None:
        raise SystemExit("This needs the binaries of PostgreSQL and Redis.")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_cluster(binaries) as cluster,
        running_redis(redis_binary) as broker,
        scripted_provider() as provider,
        running(
            Path(folder), DATABASE_URL=cluster.url, GROQ_API_KEY="k", GROQ_BASE_URL=provider,
            ENGINE_PRELOAD="rapidocr", RATE_LIMIT_REQUESTS="1000000",
        ) as product,
    ):  # fmt: skip
        database, key = Database(cluster.url), product.create_key("bench@example.com", 100_000)
        add_models(product, ("good",))

        def read() -> None:
            for _ in range(jobs):
                form = {"files": {"file": RECEIPT}, "data": {"schema": SCHEMA}, "headers": {"Prefer": "wait=60"}}
                client.post("/v1/extractions", **form).raise_for_status()

        def chat(count: int = requests) -> None:
            for _ in range(count):
                asked = {"model": "groq/good", "messages": ASKED}
                client.post("/v1/chat/completions", json=asked).raise_for_status()
            time.sleep(3)  # the books are written beside

        with product.client(key) as client:
            chat(50)
            idle = database.idle(seconds)
            database.cost("receipts", jobs, read, idle)
            database.cost("gateway requests", requests, chat, idle)
            database.growth("gateway requests", requests, chat)
        product.stop()
        database.growth("jobs", kept, lambda: print(shell(product, MANY_JOBS.format(count=kept)), end=""))
        for own in (True, False):
            bench_ledger(product, seconds, own=own)
        product.environment["QUEUE_URL"] = broker.url
        bench_tickets(product, broker.url)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=30)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--kept", type=int, default=500, help="jobs by the verbs alone, for what stays of each")
    parser.add_argument("--seconds", type=float, default=10)
    main(**vars(parser.parse_args()))
