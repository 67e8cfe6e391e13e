"""/healthz: this process answers. /readyz: the whole installation can do its work, or why not.

Without Redis everything is done, only later and with wider limits: that is told, and takes nobody out of service.
"""

from __future__ import annotations

import asyncio

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from accounts import redis_link
from billing.models import Price
from extraction import probing, spool
from extraction.errors import Unavailable
from extraction.models import WorkerBeat
from routing.warming import warm

# Not a reason against readiness: a kernel without seccomp is no fault of the installation, and is said.
CONFINEMENT = {None: "starting", True: "confined", False: "not confined"}


async def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


async def readyz(request: HttpRequest) -> JsonResponse:
    reasons = await _check_database() or [
        *await _check_worker(),
        *_check_first_look(),
        *await asyncio.to_thread(_check_spool),
    ]
    if not reasons:
        await warm()
    weaker = await _check_redis()
    status = "not ready" if reasons else "degraded" if weaker else "ready"
    told = {"status": status, "reasons": reasons + weaker, "first_look": CONFINEMENT[probing.is_confined()]}
    return JsonResponse(told, status=503 if reasons else 200)


async def _check_database() -> list[str]:
    try:
        migrated = await Price.objects.aexists()
    except DatabaseError:
        return ["database: it does not answer, or was never migrated"]
    return [] if migrated else ["database: there is no price table"]


async def _check_worker() -> list[str]:
    beats = [beat.ready async for beat in WorkerBeat.objects.alive()]
    if not beats:
        return ["queue: no worker is alive"]
    return [] if any(beats) else ["models: the workers are still loading them"]


async def _check_redis() -> list[str]:
    if not redis_link.is_set() or await redis_link.answers():
        return []
    return ["redis: it does not answer; limits are counted by each process, rings stay on their machine"]


def _check_first_look() -> list[str]:
    return [] if probing.is_ready() else ["uploads: the process that looks at them first is starting"]


def _check_spool() -> list[str]:
    try:
        spool.check()
    except OSError:
        return ["spool: its folder cannot be written to"]
    except Unavailable:
        return ["spool: its bucket does not answer, or is not ours"]
    return []
