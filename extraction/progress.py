"""A job's events: recorded in order with the change they tell of, and followed by whoever watches."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from django.conf import settings
from django.db import transaction
from django.db.models import F

from extraction import doorbell
from extraction.models import Job, JobEvent

EVENT_NUMBER = re.compile(r"[0-9]{1,9}")

_listener: doorbell.Listener | None = None


def open_log(job: Job) -> None:
    """The first event, in the transaction that inserts the job."""
    JobEvent.objects.create(job=job, sequence=job.event_count, kind=JobEvent.Kind.PROGRESS, stage=job.stage)


@transaction.atomic(savepoint=False)
def record(
    job_id: str, kind: JobEvent.Kind, *, stage: str = "", done: int = 0, total: int = 0, error_code: str = ""
) -> None:
    """Appends the next event. The UPDATE that takes its number also locks the job, so numbers have no gaps."""
    job = Job.objects.filter(pk=job_id)
    moved_on = {"stage": stage, "stage_done": done, "stage_total": total} if stage else {}
    job.update(event_count=F("event_count") + 1, **moved_on)
    sequence, stage = job.values_list("event_count", "stage").get()
    JobEvent.objects.create(
        job_id=job_id,
        sequence=sequence,
        kind=kind,
        stage=stage,
        done=done,
        total=total,
        error_code=error_code,
    )
    transaction.on_commit(lambda: doorbell.ring(doorbell.WATCHERS, job_id))
    if kind != JobEvent.Kind.PROGRESS:
        transaction.on_commit(lambda: doorbell.ring(doorbell.WATCHERS, _ended(job_id)))


def read_number(said: str) -> int:
    """Of an event, as a watcher names the last one seen. Nonsense, and what no database counts to, is the beginning."""
    return int(said) if EVENT_NUMBER.fullmatch(said) else 0


async def follow(job_id: str, *, after: int = 0) -> AsyncIterator[JobEvent]:
    """Every event past number `after`, as it happens, ending with the one that ends the job."""
    async with listener().waiting_for(job_id) as rung:
        while True:
            async for event in JobEvent.objects.filter(job_id=job_id, sequence__gt=after):
                after = event.sequence
                yield event
                if event.kind != JobEvent.Kind.PROGRESS:
                    return
            if await Job.objects.finished().filter(pk=job_id, event_count__lte=after).aexists():
                return  # it had ended before the number the caller resumed from
            await doorbell.wait(rung, at_most=settings.LOOK_AGAIN_SECONDS / 2)


async def get_ended(job_id: str) -> Job:
    """The job once it has ended, woken by its end alone."""
    async with listener().waiting_for(_ended(job_id)) as rung:
        while not (job := await Job.objects.select_related("hold").aget(pk=job_id)).is_finished:
            await doorbell.wait(rung, at_most=settings.LOOK_AGAIN_SECONDS / 2)
        return job


def _ended(job_id: str) -> str:
    return f"{job_id} ended"


def listener() -> doorbell.Listener:
    """This process's ear, opened at the first use inside the event loop that is running."""
    global _listener
    if _listener is None or not _listener.is_open:
        _listener = doorbell.Listener(doorbell.WATCHERS)
        _listener.open()
    return _listener
