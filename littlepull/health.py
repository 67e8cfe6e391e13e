"""/healthz: this process answers. /readyz: the whole installation can do its work, or why not.

Each reason has a stable code, for whoever watches, and a sentence, for whoever mends (docs/runbooks.md). Without Redis
everything is done, only later and with wider limits, and a queue without a worker keeps none but its own jobs waiting:
that is told, and takes nobody out of service.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from accounts import redis_link
from accounts.signing import sign_statement
from billing.models import Price
from extraction import probing, queues, spool
from extraction.errors import Unavailable
from extraction.models import WorkerBeat
from littlepull.patience import ask_soon
from routing import journal
from routing.warming import warm

# Not a reason against readiness: a kernel without seccomp is no fault of the installation, and is said.
CONFINEMENT = {None: "starting", True: "confined", False: "not confined"}
_migrated = False  # once is for good: the code of a process does not change


class Reason(NamedTuple):
    code: str
    says: str


async def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


async def readyz(request: HttpRequest) -> JsonResponse:
    reasons, weaker = await _look_at_database(), await _check_redis()
    if not reasons:
        beats = [beat async for beat in WorkerBeat.objects.alive()]
        reasons = [
            *_check_workers(beats),
            *_check_first_look(),  # before what is waited for: asking starts the process
            *_check_signing(),
            *await asyncio.to_thread(_check_disks),
        ]
        weaker += _check_queues(beats)
    if not reasons:
        await warm()
    told = {
        "status": "not ready" if reasons else "degraded" if weaker else "ready",
        "reasons": [reason.says for reason in (*reasons, *weaker)],
        "codes": [reason.code for reason in (*reasons, *weaker)],
        "first_look": CONFINEMENT[probing.is_confined()],
    }
    return JsonResponse(told, status=503 if reasons else 200)


async def _look_at_database() -> list[Reason]:
    """What else is there to ask where it does not answer, or is not ours yet?"""
    try:
        return await ask_soon(_check_database)
    except (DatabaseError, TimeoutError):
        return [Reason("database_away", "database: it does not answer")]


def _check_database() -> list[Reason]:
    if not _is_migrated():
        says = "database: migrations of this version are pending; run manage.py migrate"
        return [Reason("database_not_migrated", says)]
    at = Price.objects.annotate(now=Now()).values_list("now", flat=True).first()
    if at is None:
        return [Reason("database_empty", "database: there is no price table")]
    return _check_clock(at)


def _check_clock(of_database: datetime) -> list[Reason]:
    """Leases are written by one clock and judged by the other."""
    apart = abs((timezone.now() - of_database).total_seconds())
    if apart <= settings.LEASE_SECONDS / 3:
        return []
    says = f"clock: this machine's and the database's are {apart:.0f} s apart; leases would not hold"
    return [Reason("clock_skew", says)]


def _is_migrated() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _check_workers(beats: Sequence[WorkerBeat]) -> list[Reason]:
    if not beats:
        return [Reason("no_worker", "queue: no worker is alive")]
    if not any(beat.ready for beat in beats):
        return [Reason("models_loading", "models: the workers are still loading them")]
    return []


def _check_queues(beats: Sequence[WorkerBeat]) -> list[Reason]:
    """Whether each kind of engine has a worker, where there are workers at all."""
    missing = queues.unserved([beat.queues for beat in beats]) if beats else set()
    return [Reason("queue_unserved", f"queue: no worker takes from {', '.join(sorted(missing))}")] if missing else []


async def _check_redis() -> list[Reason]:
    if not redis_link.is_set() or await redis_link.answers():
        return []
    says = "redis: it does not answer; limits are counted by each process, rings stay on their machine"
    return [Reason("redis_away", says)]


def _check_first_look() -> list[Reason]:
    if probing.is_ready():
        return []
    return [Reason("first_look_starting", "uploads: the process that looks at them first is starting")]


def _check_signing() -> list[Reason]:
    try:
        sign_statement({})
    except (IndexError, ValueError):
        return [Reason("no_signing_key", "signing: SIGNING_SEEDS holds no key that signs")]
    return []


def _check_disks() -> list[Reason]:
    return [*_check_spool(), *_check_disk("journal", journal.folder())]


def _check_spool() -> Iterator[Reason]:
    if not settings.SPOOL_URL:
        yield from _check_disk("spool", Path(settings.SPOOL_DIR))
        return
    try:
        spool.check()
    except Unavailable:
        yield Reason("spool_away", "spool: its bucket does not answer, or is not ours")


def _check_disk(name: str, folder: Path) -> Iterator[Reason]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            use = shutil.disk_usage(folder)
    except OSError:
        yield Reason(f"{name}_unwritable", f"{name}: its folder cannot be written to")
        return
    if 100 * use.free < settings.DISK_RESERVE_PERCENT * use.total:
        yield Reason(f"{name}_full", f"{name}: less than {settings.DISK_RESERVE_PERCENT} % of its disk is left")
