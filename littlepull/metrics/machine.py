"""The machine this process runs on: its disks, the journals on them, and whether the database answers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client.core import Metric

from littlepull.metrics.family import gauge, gauges
from littlepull.patience import ask_soon
from routing import journal
from routing.models import JournalMark

FOLDERS = {"spool": "SPOOL_DIR", "journal": "JOURNAL_DIR", "var": "VAR_DIR"}


async def time_database() -> float | None:
    """Seconds that the simplest question takes it; None: it does not answer."""

    def ask() -> float:
        with connection.cursor() as cursor:
            began = perf_counter()
            cursor.execute("SELECT 1")
        return perf_counter() - began

    try:
        return await ask_soon(ask)
    except (DatabaseError, TimeoutError):
        return None


def tell_database(took: float | None) -> Iterator[Metric]:
    yield gauge("database_up", "1: it answered just now.", took is not None)
    told = {(): took} if took is not None else {}
    yield gauges("database_answer_seconds", "How long the simplest question took it.", (), told)


def look_at_disks() -> Iterator[Metric]:
    free, size = {}, {}
    for folder, setting in FOLDERS.items():
        path = Path(getattr(settings, setting))
        if path.exists():
            use = shutil.disk_usage(path)
            free[folder,], size[folder,] = use.free, use.total
    yield gauges("disk_free_bytes", "Room left where these folders lie.", ["folder"], free)
    yield gauges("disk_bytes", "Room there in all.", ["folder"], size)
    yield gauge("spool_files", "Sealed media files.", _count(Path(settings.SPOOL_DIR)))


def look_at_journals() -> Iterator[Metric]:
    sizes = {path.name: _size(path) for path in journal.folder().glob(f"*{journal.SUFFIX}")}
    marks = dict(JournalMark.objects.filter(pk__in=sizes).values_list("pk", "offset"))
    late = sum(max(size - marks.get(name, 0), 0) for name, size in sizes.items())
    yield gauge("journal_files", "Journals of the gateway on this machine.", len(sizes))
    yield gauge("journal_behind_bytes", "What of them is not in the books yet.", late)


def _count(folder: Path) -> int:
    if not folder.exists():
        return 0
    with os.scandir(folder) as entries:
        return sum(1 for _ in entries)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # entered to its end and gone
