"""A worker: so many slots, each with an engine process of its own, taking one job after another.

It stops like a good colleague: no new job, the running ones finished, engines closed. What it cannot
finish in time goes back into the queue.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.db import OperationalError, close_old_connections, connections
from django.utils import timezone

from accounts import chores as accounts_chores
from accounts import delivery
from accounts.worked_on import working_on
from billing import chores as billing_chores
from extraction import doorbell, jobs, meters, sweeping
from extraction.engines.process import EngineProcess
from extraction.errors import Unavailable
from extraction.models import WorkerBeat
from extraction.tasks import run_extraction
from routing import bookkeeping

log = logging.getLogger(__name__)
SWEEP_EVERY = 5.0
DRAIN_SECONDS = 25.0


@dataclass(slots=True)
class Worker:
    slots: int
    chores: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()  # of the floors above
    queues: Sequence[str] = ()  # none named: all
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    worker_id: str = field(default_factory=lambda: f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(3)}")
    engines: list[EngineProcess] = field(default_factory=list)

    async def run(self) -> None:
        """Until `stopping` is set and the running jobs have ended."""
        bell = doorbell.Listener(doorbell.WORKERS)
        bell.open()
        self.engines = [
            EngineProcess(
                "engine",
                threads=settings.ENGINE_THREADS,
                preload=settings.ENGINE_PRELOAD,
                max_rss_bytes=settings.ENGINE_MAX_RSS_BYTES,
            )
            for _ in range(self.slots)
        ]
        doings = (
            self._beat(),
            self._sweep(),
            delivery.deliver_forever(),
            bookkeeping.keep_books_forever(),
            accounts_chores.keep_forever(),
            billing_chores.keep_forever(),
            *(doing() for doing in self.chores),
        )
        beside = [asyncio.create_task(doing) for doing in doings]
        slots = [asyncio.create_task(self._work(engine, bell)) for engine in self.engines]
        try:
            stop = asyncio.create_task(self.stopping.wait())
            # A slot or chore that ends by itself has hit a bug: better a worker that dies, and is started again.
            ended, _ = await asyncio.wait([stop, *slots, *beside], return_when=asyncio.FIRST_COMPLETED)
            for task in ended - {stop}:
                task.result()
            _, late = await asyncio.wait(slots, timeout=DRAIN_SECONDS)
            for task in [*late, *beside]:
                task.cancel()
            await asyncio.gather(*slots, *beside, return_exceptions=True)
        finally:
            bell.close()
            await asyncio.gather(*(engine.close() for engine in self.engines))
            await WorkerBeat.objects.filter(pk=self.worker_id).adelete()

    async def _work(self, engine: EngineProcess, bell: doorbell.Listener) -> None:
        """One slot: the models first, then jobs, then the wait for the bell."""
        await engine.start()
        stop = asyncio.create_task(self.stopping.wait())
        async with bell.waiting_for() as rung:
            while not self.stopping.is_set():
                claim = await self._claim()
                if claim is not None:
                    await self._run(claim, engine)
                    continue
                waiting = asyncio.create_task(doorbell.wait(rung, at_most=settings.LOOK_AGAIN_SECONDS))
                await asyncio.wait([waiting, stop], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        stop.cancel()

    async def _run(self, claim: jobs.Claim, engine: EngineProcess) -> None:
        """In a thread of its own for the database, else all slots would share one; its connection ends with it."""
        async with ThreadSensitiveContext():
            try:
                with working_on(claim.job_id):
                    await run_extraction(claim, engine)
            except OperationalError:
                log.warning("extraction %s is left to the sweep: the database did not answer", claim.job_id)
            finally:
                await sync_to_async(connections.close_all)()

    async def _claim(self) -> jobs.Claim | None:
        try:
            return await sync_to_async(jobs.claim)(self.queues)
        except OperationalError:
            log.warning("the database did not answer; looking again in %s s", settings.LOOK_AGAIN_SECONDS)
            await self._drop_broken_connection()
            return None

    async def _beat(self) -> None:
        while True:
            ready = all(engine.ready for engine in self.engines)
            meters.RESIDENT.labels("engine").set(sum(engine.resident_bytes for engine in self.engines))
            seen = {"seen_at": timezone.now(), "ready": ready, "queues": ",".join(self.queues)}
            await self._chore(WorkerBeat.objects.aupdate_or_create, worker_id=self.worker_id, defaults=seen)
            await asyncio.sleep(1.0 if not ready else settings.LEASE_SECONDS / 3)

    async def _sweep(self) -> None:
        while True:
            await self._chore(sync_to_async(sweeping.sweep))
            await asyncio.sleep(SWEEP_EVERY)

    async def _chore(self, act, **arguments) -> None:
        """A chore that fails is done again at its next turn: it must not end the worker."""
        try:
            await act(**arguments)
        except OperationalError:
            log.warning("a chore of the worker could not reach the database")
            await self._drop_broken_connection()
        except Unavailable:
            log.warning("a chore of the worker could not reach the spool")

    async def _drop_broken_connection(self) -> None:
        """Nobody else would: outside of requests Django keeps one that its server has closed, and goes on asking it."""
        await sync_to_async(close_old_connections)()
