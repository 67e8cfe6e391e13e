"""The verbs of a job: submit, claim, heartbeat, finish, fail, cancel, requeue.

The row is the truth. Every change of state is one conditional UPDATE that says which states (and, for
a running job, whose lease) it may start from, in one transaction with the money and the event; whoever
finds that zero rows changed was too late and does nothing. Media leaves by `destroy_media` first.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import idempotency
from accounts.models import ApiKey, IdempotentRequest
from billing import ledger
from billing.prices import current_prices
from billing.pricing import PriceTable
from extraction import doorbell, envelopes, progress, spool
from extraction.media.facts import MediaFacts
from extraction.models import Envelope, Job, JobEvent, JobQuerySet
from extraction.orders import Order

Content, Kind, Stage, Status = Envelope.Content, JobEvent.Kind, Job.Stage, Job.Status
UNREAD_RESULT_KEPT = timedelta(hours=1)  # for results that are to be destroyed once delivered


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in hand: only who holds its lease may move it on."""

    job_id: str
    lease: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `result` is sealed at once; `charge` is capped by the hold."""

    result: dict[str, Any]
    charge: int
    engines: dict[str, str]
    timings: dict[str, int]


def submit(
    api_key: ApiKey,
    media: spool.Spooled,
    *,
    facts: MediaFacts,
    order: Order,
    llm_mapping: bool,
    idempotent: IdempotentRequest | None = None,
) -> Job:
    """Takes the media over from the caller: price, hold, row, keys, all or nothing. Raises InsufficientCredits."""
    pages = order.options.selected_pages(facts.pages or 0)
    count = len(pages) if pages else facts.pages
    with transaction.atomic():
        prices = current_prices()
        estimate = _price(prices, pages=count, seconds=facts.seconds, llm_mapping=llm_mapping)
        job = Job(
            api_key=api_key,
            metadata=order.options.metadata,
            media_type=facts.media_type,
            media_bytes=media.size,
            pages=count,
            seconds=facts.seconds,
            spool_id=media.spool_id,
            estimated=0 if api_key.is_test else estimate,
            result_ttl_seconds=order.options.result_ttl_seconds,
        )
        if not api_key.is_test:
            wallet = ledger.get_wallet(api_key)
            job.hold = ledger.place_hold(wallet, estimate, key=job.pk, price_version=prices.version)
        job.save(force_insert=True)
        envelopes.keep_key(job, Content.MEDIA, media.key)
        envelopes.put(job, Content.ORDER, order.model_dump(mode="json"))
        progress.record(job.pk, Kind.PROGRESS, stage=Stage.RECEIVED)
        if idempotent is not None:
            idempotency.answer(idempotent, job.pk)
        transaction.on_commit(lambda: doorbell.ring(doorbell.WORKERS))
    return job


def claim() -> Claim | None:
    """The oldest waiting job, if there is one that nobody else takes first."""
    while job_id := Job.objects.waiting().order_by("run_after").values_list("pk", flat=True).first():
        lease = secrets.token_hex(16)
        now = timezone.now()
        taken = Job.objects.filter(pk=job_id, status=Status.QUEUED).update(
            status=Status.RUNNING,
            lease=lease,
            lease_expires_at=now + timedelta(seconds=settings.LEASE_SECONDS),
            started_at=now,
            attempts=F("attempts") + 1,
        )
        if taken:
            return Claim(job_id, lease)
    return None


def heartbeat(claim: Claim) -> bool:
    """Prolongs the lease. False: the job is no longer ours (canceled, or swept), stop working on it."""
    until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    return _held(claim).update(lease_expires_at=until) == 1


def destroy_media(claim: Claim) -> bool:
    """Key first, then the bytes. False, and nothing destroyed: the job is no longer ours."""
    with transaction.atomic():
        if not heartbeat(claim):
            return False
        envelopes.shred(claim.job_id, Content.MEDIA)
    remove_bytes(claim.job_id)
    return True


def finish(claim: Claim, outcome: Outcome) -> bool:
    """Result sealed, hold settled at min(actual, held), job succeeded: all or nothing."""
    if not destroy_media(claim):
        return False
    with transaction.atomic():
        job = Job.objects.select_related("hold").get(pk=claim.job_id)
        keep = timedelta(seconds=job.result_ttl_seconds) or UNREAD_RESULT_KEPT
        charged = min(outcome.charge, job.hold.credits) if job.hold else 0
        fields = {
            "charged": charged,
            "engines": outcome.engines,
            "timings": outcome.timings,
            "expires_at": timezone.now() + keep,
            "stage": Stage.DONE,
            "stage_done": 1,
            "stage_total": 1,
        }
        if not _end(claim, Status.SUCCEEDED, **fields):
            return False
        envelopes.put(job, Content.RESULT, outcome.result)
        if job.hold:
            ledger.settle_hold(job.hold, credits=charged)
    return True


def fail(claim: Claim, code: str, detail: str, *, charge: int = 0) -> bool:
    """Hold released (or settled for the part that was done), job failed with its reason."""
    if not destroy_media(claim):
        return False
    with transaction.atomic():
        job = Job.objects.select_related("hold").get(pk=claim.job_id)
        charged = min(charge, job.hold.credits) if job.hold else 0
        if not _end(claim, Status.FAILED, error_code=code, error_detail=detail, charged=charged):
            return False
        if job.hold and charged:
            ledger.settle_hold(job.hold, credits=charged)
        elif job.hold:
            ledger.release_hold(job.hold)
    return True


def cancel(job: Job) -> bool:
    """At its owner's wish, while queued or running. False: it had ended already."""
    with transaction.atomic():
        unfinished = Job.objects.filter(pk=job.pk, status__in=[Status.QUEUED, Status.RUNNING])
        if not unfinished.update(**_ended(Status.CANCELED)):
            return False
        envelopes.shred(job.pk, Content.MEDIA, Content.ORDER)
        progress.record(job.pk, Kind.CANCELED)
        if job.hold:
            ledger.release_hold(job.hold)
    remove_bytes(job.pk)
    return True


def requeue(claim: Claim) -> bool:
    """Back in the queue after a fault of ours, a little later each time. The media is still sealed in the spool."""
    attempts = Job.objects.values_list("attempts", flat=True).get(pk=claim.job_id)
    later = timezone.now() + timedelta(seconds=2 ** (attempts - 1) - 1)
    returned = _held(claim).update(status=Status.QUEUED, lease="", lease_expires_at=None, run_after=later)
    if returned:
        doorbell.ring(doorbell.WORKERS)
    return returned == 1


def retry_or_fail(claim: Claim, code: str, detail: str) -> None:
    """After a fault of ours: once more if attempts and media are left, else failed with the reason."""
    job = Job.objects.get(pk=claim.job_id)
    if job.may_be_retried and envelopes.find_key(job.pk, Content.MEDIA) is not None:
        requeue(claim)
    else:
        fail(claim, code, detail)


def take_over(stalled: Job) -> Claim | None:
    """For the sweep: the lease of a job whose worker went silent. None if it spoke up meanwhile."""
    claim = Claim(stalled.pk, secrets.token_hex(16))
    until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    silent = Job.objects.stalled().filter(pk=stalled.pk, lease=stalled.lease)
    return claim if silent.update(lease=claim.lease, lease_expires_at=until) else None


def destroy_result(job: Job) -> bool:
    """Now, whatever its time to live. False: there was none left."""
    envelopes.shred(job.pk, Content.RESULT)
    left = Job.objects.filter(pk=job.pk, status=Status.SUCCEEDED, result_destroyed_at=None)
    return left.update(result_destroyed_at=timezone.now()) == 1


def _held(claim: Claim) -> JobQuerySet:
    return Job.objects.filter(pk=claim.job_id, status=Status.RUNNING, lease=claim.lease)


def _end(claim: Claim, status: Job.Status, **fields: Any) -> bool:
    if not _held(claim).update(**_ended(status), **fields):
        return False
    envelopes.shred(claim.job_id, Content.ORDER)
    done = int(status == Status.SUCCEEDED)
    progress.record(claim.job_id, Kind(status.value), done=done, total=done, error_code=fields.get("error_code", ""))
    return True


def _ended(status: Job.Status) -> dict[str, Any]:
    return {"status": status, "finished_at": timezone.now(), "lease": "", "lease_expires_at": None}


def remove_bytes(job_id: str) -> None:
    """After the key is gone. What a crash leaves here is noise, and the sweep removes it."""
    spool.remove(Job.objects.values_list("spool_id", flat=True).get(pk=job_id))
    Job.objects.filter(pk=job_id, media_destroyed_at=None).update(media_destroyed_at=timezone.now())


def _price(prices: PriceTable, *, pages: int | None, seconds: float | None, llm_mapping: bool) -> int:
    reading = prices.of_reading(pages=pages or 0, seconds=seconds or 0.0)
    return reading + prices.of_mapping(by_llm=llm_mapping)
