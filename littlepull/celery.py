"""The worker for many machines: celery -A littlepull worker -Q cpu (or gpu, or both).

Celery fetches tickets and acknowledges them; beside it runs the same worker as elsewhere, with its engines, its signs
of life and its sweeps. A ticket is acknowledged once the job it led to has ended, or is no longer ours.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "littlepull.settings")

import django

django.setup()

import asyncio  # noqa: E402
import contextlib  # noqa: E402
import logging  # noqa: E402
import signal  # noqa: E402
import time  # noqa: E402
from threading import Thread  # noqa: E402
from typing import Any  # noqa: E402

from celery import bootsteps  # noqa: E402
from celery.exceptions import Reject  # noqa: E402
from django.conf import settings  # noqa: E402

from accounts import meters, tracing  # noqa: E402
from extraction.broker import app  # noqa: E402
from extraction.ticket_worker import TicketWorker  # noqa: E402
from extraction.tickets import TASK  # noqa: E402
from littlepull import books  # noqa: E402
from privacy import chores as privacy_chores  # noqa: E402

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0  # before a ticket goes back that led to nothing because of a fault
STOP_WITHIN_SECONDS = 30.0


class Beside(bootsteps.StartStopStep):
    """Our worker in a thread of its own: it starts with Celery's, and stops with it."""

    requires = {"celery.worker.components:Timer"}
    running: Beside | None = None

    def start(self, parent: Any) -> None:
        logging.getLogger().setLevel(settings.LOG_LEVEL)  # Celery's own idea of it was WARNING
        meters.begin("worker")
        tracing.begin("worker")
        names = [queue.name for queue in parent.app.amqp.queues.consume_from.values()]
        chores = [privacy_chores.keep_forever, books.keep_forever]
        self.worker = TicketWorker(slots=parent.concurrency, chores=chores, queues=names)
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self._run, name="worker", daemon=True)
        self.thread.start()
        Beside.running = self

    def stop(self, parent: Any) -> None:
        with contextlib.suppress(RuntimeError):  # its loop is closed already
            self.loop.call_soon_threadsafe(self.worker.stopping.set)
        self.thread.join(STOP_WITHIN_SECONDS)

    terminate = stop

    def take_ticket(self) -> bool:
        try:
            taken = asyncio.run_coroutine_threadsafe(self.worker.take_ticket(), self.loop)
        except RuntimeError:  # its loop is closed
            return False
        while self.thread.is_alive():
            with contextlib.suppress(TimeoutError):
                return taken.result(timeout=1.0)
        return False

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self.worker.run())
        except Exception:
            log.exception("the worker ended")
            os.kill(os.getpid(), signal.SIGTERM)  # better a worker that ends, and is started again
        finally:
            self.loop.close()


app.steps["worker"].add(Beside)


@app.task(name=TASK, ignore_result=True)
def take_ticket() -> None:
    """Raises Reject: the ticket goes back for somebody else."""
    if Beside.running is None or not Beside.running.take_ticket():
        time.sleep(PAUSE_SECONDS)
        raise Reject("it led to no end", requeue=True)
