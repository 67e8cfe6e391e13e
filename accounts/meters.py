"""Counters and histograms of this process, written where any web process can add them up. See decision 0019.

A process of a server or a worker calls `begin`, and from then on writes its figures into a file of its own each
second; commands and tests keep theirs to themselves. Files, and not prometheus_client's memory-mapped ones: on a full
disk a write to those kills the process, while here a second's figures are late.
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import orjson
import psutil
from django.conf import settings
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
MIB = 1024 * 1024
LATEST = "_timestamp_seconds"  # of gauges so named the latest is told, of others the sum
SUFFIX, ALIVE = ".json", ".alive"
ENDED = "ended"  # what all processes that have ended had counted
METERS = CollectorRegistry()

Labels = tuple[tuple[str, str], ...]
Figures = dict[str, dict[str, dict[Labels, float]]]  # family -> sample -> labels -> value
_keeper: Keeper | None = None


def folder() -> Path:
    return Path(settings.VAR_DIR) / "metrics"


def begin(role: str) -> None:
    """`role`: web or worker. A second call is none."""
    global _keeper
    if _keeper is not None:
        return
    try:
        _keeper = Keeper(role)
    except OSError as error:
        log.warning("what this process counts cannot be written: %s", type(error).__name__)
        return
    threading.Thread(target=_keeper.keep, daemon=True, name="meters").start()
    atexit.register(end)


def end() -> None:
    if _keeper is not None:
        _keeper.write()


def forget_ended() -> None:
    """At the start of a server: what was counted before it counts no more."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked():
        _bury()
        (folder() / f"{ENDED}{SUFFIX}").unlink(missing_ok=True)


def collect() -> Iterator[Metric]:
    """Every meter there is, added up over all processes; those nobody has used yet without a sample."""
    if _keeper is not None:
        _keeper.write()
    figures: Figures = {}
    if folder().exists():
        with _locked():
            _bury()
            for path in sorted(folder().glob(f"*{SUFFIX}")):
                _add(figures, _read(path))
    known = (*METERS.collect(), *_own("web"))
    for metric in known:
        told = Metric(metric.name, metric.documentation, metric.type)
        for name, values in figures.get(metric.name, {}).items():
            for labels, value in values.items():
                told.add_sample(name, dict(labels), value)
        yield told


class Keeper:
    """The file of this process. Its lock on the file beside it falls with the process, and tells that it has ended."""

    def __init__(self, role: str) -> None:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{role}-{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.role, self.path = role, folder() / f"{name}{SUFFIX}"
        # Locked before anybody can see it under its name: an unlocked one is that of a process that has ended.
        hidden = self.path.with_suffix(".new")
        self._alive = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        hidden.rename(self.path.with_suffix(ALIVE))
        self._turn, self._written = threading.Lock(), b""

    def keep(self) -> None:
        while True:
            self.write()
            sleep(EVERY_SECONDS)

    def write(self) -> None:
        with self._turn:
            content = orjson.dumps(_dump((*METERS.collect(), *_own(self.role))))
            if content == self._written:
                return
            try:
                _replace(self.path, content)
            except OSError:
                return  # the disk is full: the next second's figures hold this one's
            self._written = content


def _own(role: str) -> Iterator[Metric]:
    """What each process tells of itself."""
    memory = GaugeMetricFamily("littlepull_process_resident_bytes", "Memory of processes.", labels=["role"])
    memory.add_metric([role], psutil.Process().memory_info().rss // MIB * MIB)  # or every second would differ
    yield memory
    count = GaugeMetricFamily("littlepull_processes", "Processes that live.", labels=["role"])
    count.add_metric([role], 1)
    yield count


def _dump(metrics: Iterable[Metric]) -> list[Any]:
    return [
        [metric.name, metric.type, [[one.name, sorted(one.labels.items()), one.value] for one in metric.samples
                                    if not one.name.endswith("_created")]]
        for metric in metrics
    ]  # fmt: skip


def _add(figures: Figures, content: list[Any]) -> None:
    for family, kind, samples in content:
        latest = kind == "gauge" and family.endswith(LATEST)
        told = figures.setdefault(family, {})
        for name, labels, value in samples:
            values, key = told.setdefault(name, {}), tuple((label, word) for label, word in labels)
            held = values.get(key, 0.0)
            values[key] = max(held, value) if latest else held + value


def _bury() -> None:
    """Adds what processes that have ended had counted to one file, and forgets what they were. Under the lock."""
    ended = [path for path in folder().glob(f"*{ALIVE}") if not _is_alive(path)]
    if not ended:
        return
    figures: Figures = {}
    kinds: dict[str, str] = {}
    kept = folder() / f"{ENDED}{SUFFIX}"
    for path in (kept, *(path.with_suffix(SUFFIX) for path in ended)):
        content = [row for row in _read(path) if row[1] != "gauge" or row[0].endswith(LATEST)]
        kinds |= {family: kind for family, kind, _ in content}
        _add(figures, content)
    rows = [
        [family, kinds[family], [[name, key, value] for name, values in told.items() for key, value in values.items()]]
        for family, told in figures.items()
    ]
    try:
        _replace(kept, orjson.dumps(rows))
    except OSError:
        return  # the disk is full: another time
    for path in ended:
        path.with_suffix(SUFFIX).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _is_alive(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _read(path: Path) -> list[Any]:
    try:
        return orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return []  # it has not written yet


def _replace(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


@contextmanager
def _locked() -> Iterator[None]:
    """One reader at a time: burying moves figures from one file to another."""
    with (folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
