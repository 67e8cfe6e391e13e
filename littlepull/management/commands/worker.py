"""manage.py worker: takes jobs until it is stopped; SIGTERM lets the running ones end."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts import meters, tracing
from extraction.worker import Worker
from littlepull import books
from privacy import chores as privacy_chores


class Command(BaseCommand):
    help = "Runs a worker alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slots", type=int, default=settings.WORKER_SLOTS, help="jobs at once")
        parser.add_argument("--queues", nargs="*", default=[], help="take jobs of these alone, such as cpu or gpu")

    def handle(self, *, slots: int, queues: list[str], **_: Any) -> None:
        meters.begin("worker")
        tracing.begin("worker")
        gc.freeze()  # what is loaded by now stays
        asyncio.run(run(slots, queues))


async def run(slots: int, queues: list[str]) -> None:
    worker = Worker(slots, chores=[privacy_chores.keep_forever, books.keep_forever], queues=queues)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stopping.set)
    await worker.run()
