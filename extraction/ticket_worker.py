"""A worker whose slots wait for tickets of a broker instead of the bell."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.db import OperationalError

from extraction import doorbell, jobs
from extraction.engines.process import EngineProcess
from extraction.worker import Worker

Ticket = asyncio.Future[bool]


@dataclass(slots=True)
class TicketWorker(Worker):
    tickets: asyncio.Queue[Ticket] = field(default_factory=asyncio.Queue)

    async def take_ticket(self) -> bool:
        """True once what it led to has ended, was handed on, or is not ours: only then is it used up."""
        if self.stopping.is_set():
            return False
        ticket: Ticket = asyncio.get_running_loop().create_future()
        self.tickets.put_nowait(ticket)
        return await ticket

    async def run(self) -> None:
        try:
            await Worker.run(self)
        finally:
            self.stopping.set()
            while not self.tickets.empty():
                self.tickets.get_nowait().set_result(False)

    async def _work(self, engine: EngineProcess, bell: doorbell.Listener) -> None:
        """One slot: the models first, then ticket after ticket."""
        await engine.start()
        stop = asyncio.create_task(self.stopping.wait())
        while not self.stopping.is_set():
            coming = asyncio.create_task(self.tickets.get())
            await asyncio.wait([coming, stop], return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                await self._serve(coming.result(), engine)
            else:
                coming.cancel()
        stop.cancel()

    async def _serve(self, ticket: Ticket, engine: EngineProcess) -> None:
        used_up = False
        try:
            claim = await sync_to_async(jobs.claim)(self.queues)
            if claim is not None:
                await self._run(claim, engine)
            used_up = claim is None or not await sync_to_async(jobs.is_held)(claim)
        except OperationalError:
            await self._drop_broken_connection()
        finally:
            ticket.set_result(used_up)
