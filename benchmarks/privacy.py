"""make bench-privacy: a million records of gateway requests, purged and exported; seconds, rows a second, peak memory.

Each act runs in a process of its own, so that its peak is its own; beside the purge somebody writes all the time, to
see how long they have to wait. Exits 1 where memory grows with the number of rows, or a batch holds others up.

    python benchmarks/privacy.py [--rows 1000000]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from littlepull.local_server import manage  # noqa: E402

ROWS, SMALL = 1_000_000, 10_000
MOST_GROWTH_MIB, MOST_WAIT_MS = 32, 250.0
EMAIL = "bench@example.com"
# In the order of time, as they come in: one request by the models, and its rows again and again with other numbers.
FILL = """
from datetime import timedelta
from django.db import connection, transaction
from django.utils import timezone
from accounts.models import ApiKey
from routing.models import Attempt, Generation, LanguageModel, Weighed
key, model = ApiKey.objects.get(), LanguageModel.objects.first()
one = Generation.objects.create(id="gen_" + 25 * "0", api_key=key, status="succeeded", task="coding", model=model,
    cause="training", confidence=900, policy="auto", input_tokens=900, output_tokens=300, cost=40_000, latency_ms=900)
Attempt.objects.create(generation=one, number=1, model=model, outcome="ok", latency_ms=900)
Weighed.objects.create(generation=one, model=model, rank=0)
def copy(cursor, table, link, numbers, begin):
    columns = [c.column for c in table._meta.concrete_fields if c.column == link or not c.primary_key]
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    cursor.execute(f"SELECT {quoted} FROM {table._meta.db_table} WHERE {link} = %s", [one.pk])
    row = dict(zip(columns, cursor.fetchone()))
    def change(number):
        at = connection.ops.adapt_datetimefield_value(begin + timedelta(seconds=number))
        return tuple((row | {link: f"gen_{number:025}"} | ({"created_at": at} if "created_at" in row else {})).values())
    cursor.executemany(f"INSERT INTO {table._meta.db_table} ({quoted}) VALUES ({', '.join(['%s'] * len(columns))})",
        map(change, numbers))
def fill(numbers, begin):
    for start in range(numbers.start, numbers.stop, 5000):
        part = range(start, min(start + 5000, numbers.stop))
        with transaction.atomic(), connection.cursor() as cursor:
            for table, link in ((Generation, "id"), (Attempt, "generation_id"), (Weighed, "generation_id")):
                copy(cursor, table, link, part, begin)
rows = int(os.environ["ROWS"])
fill(range(1, rows + 1), timezone.now() - timedelta(days=120, seconds=rows))
fill(range(rows + 1, rows + 1000), timezone.now() - timedelta(days=1, seconds=rows))
"""
PURGE = """
from privacy.retention import find_overdue, purge
from routing.models import Generation
run = purge()
told(run.counts["routing.Generation"]["rows"], run.rows)
assert Generation.objects.count() == 1000
began = time.perf_counter()
assert not any(find_overdue().values())
print(f"  find_overdue, when nothing is: {1000 * (time.perf_counter() - began):.0f} ms")
"""
EXPORT = """
from accounts.models import User
from privacy.archive import stream_archive
from routing.models import Generation
size = sum(len(piece) for piece in stream_archive(User.objects.get(email="bench@example.com")))
count = Generation.objects.count()
told(count, 3 * count)
print(f"  {size / 1e6:.1f} MB of ZIP")
"""
# As a customer's request would: one small write after another, each timed.
WRITE = """
from django.utils import timezone
from accounts.models import ApiKey
waits = []
while not os.path.exists(os.environ["STOP"]):
    began = time.perf_counter()
    ApiKey.objects.update(last_used_at=timezone.now())
    waits.append(1000 * (time.perf_counter() - began))
    time.sleep(0.02)
waits.sort()
print(f"{waits[len(waits) // 2]:.1f} {waits[len(waits) * 99 // 100]:.1f} {waits[-1]:.1f} {len(waits)}")
"""
FRAME = """
import os, resource, time
started = time.perf_counter()
def told(count, rows):
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {count:,} requests, {rows:,} rows: {seconds:.1f} s, {rows / seconds:,.0f} rows/s, peak {peak:.0f} MiB")
    print("PEAK", peak)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="littlepull-bench-") as folder:
        small = measure(Path(folder) / "small", min(SMALL, rows))
        large = measure(Path(folder) / "large", rows)
    grown = {act: large[act] - small[act] for act in ("export", "purge")}
    print(
        f"memory from {min(SMALL, rows):,} to {rows:,} requests: "
        + ", ".join(f"{act} +{g:.0f} MiB" for act, g in grown.items())
    )
    print(f"others waited at most {large['wait']:.0f} ms for a write (budget {MOST_WAIT_MS:.0f} ms)")
    return 1 if max(grown.values()) > MOST_GROWTH_MIB or large["wait"] > MOST_WAIT_MS else 0


def measure(folder: Path, rows: int) -> dict[str, float]:
    folder.mkdir()
    environment = {**os.environ, "VAR_DIR": str(folder), "LOG_LEVEL": "ERROR", "ROWS": str(rows)}
    environment["STOP"] = str(folder / "stop")
    manage("migrate", "--verbosity", "0", environment=environment)
    manage("createkey", "--email", EMAIL, "--credits", "1", environment=environment)
    run("fill", FILL, environment)
    peaks = {"export": run("export", EXPORT, environment)}
    writer = start(WRITE, environment)
    try:
        peaks["purge"] = run("purge", PURGE, environment)
    finally:
        Path(environment["STOP"]).touch()
        said, _ = writer.communicate(timeout=60)
    median, percentile, longest, count = said.split()
    print(f"  beside it {count} writes: median {median} ms, p99 {percentile} ms, longest {longest} ms", flush=True)
    return {**peaks, "wait": float(longest)}


def start(code: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", FRAME + code]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def run(act: str, code: str, environment: dict[str, str]) -> float:
    """Its peak of memory, where it tells one."""
    process = start(code, environment)
    said, _ = process.communicate(timeout=3600)
    if process.returncode:
        raise SystemExit(f"{act} failed")
    peak = 0.0
    print(f"{act}:", flush=True)
    for line in said.splitlines():
        if line.startswith("PEAK"):
            peak = float(line.split()[1])
        else:
            print(line, flush=True)
    return peak


if __name__ == "__main__":
    sys.exit(main())
