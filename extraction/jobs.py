"""The verbs of a job: submit, claim, heartbeat, finish, fail, cancel, requeue.

The row is the truth. Every change of state is one conditional UPDATE that says which states (and, for
a running job, whose lease) it may start from, in one transaction with the money and the event; whoever
finds that zero rows changed was too late and does nothing. Media leaves by `destroy_media` first. Leases and
turns go by the database's clock: a host whose own is wrong must not hold a job, or take one from another.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from accounts import idempotency
from accounts.models import ApiKey, IdempotentRequest
from accounts.sealing import SealBroken
from billing import ledger
from billing.pricing import PriceTable
from extraction import envelopes, fairness, progress, spool
from extraction.announcing import announce_end
from extraction.errors import Unavailable
from extraction.media.facts import MediaFacts
from extraction.models import Batch, Envelope, Job, JobEvent, JobQuerySet
from extraction.orders import Order
from extraction.queues import queue_for
from extraction.quotes import prices_for
from extraction.receipts import issue_receipt
from extraction.waking import wake_workers

Content, Kind, Priority, Stage, Status = Envelope.Content, JobEvent.Kind, Job.Priority, Job.Stage, Job.Status
PARTIAL_SUCCESS = "partial_success"
PUT_OFF_SECONDS = 5
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
    failed_pages: tuple[int, ...] = ()


def submit(
    api_key: ApiKey,
    media: spool.Spooled,
    *,
    facts: MediaFacts,
    order: Order,
    llm_mapping: bool,
    priority: int = Priority.ASYNC,
    batch: Batch | None = None,
    batch_index: int | None = None,
    idempotent: IdempotentRequest | None = None,
) -> Job:
    """Takes the media over from the caller: price, hold, row, keys, all or nothing.

    Raises InsufficientCredits, QuoteExpired, and MediaError for pages that the document does not have.
    """
    pages = order.options.selected_pages(facts.pages or 0)
    count = len(pages) if pages else facts.pages
    with transaction.atomic():
        prices = prices_for(order.options.quote)
        estimate = price_of(prices, pages=count, seconds=facts.seconds, llm_mapping=llm_mapping)
        job = Job(
            api_key=api_key,
            batch=batch,
            batch_index=batch_index,
            priority=priority,
            queue=queue_for(facts.media_type, order.options),
            run_after=Now(),
            turn=fairness.next_turn(api_key.user, priority=priority),
            metadata=order.options.metadata,
            media_type=facts.media_type,
            media_bytes=media.size,
            pages=count,
            seconds=facts.seconds,
            spool_id=media.spool_id,
            estimated=0 if api_key.is_test else estimate,
            result_ttl_seconds=order.options.result_ttl_seconds,
            event_count=1,
        )
        if not api_key.is_test:
            wallet = ledger.get_wallet(api_key)
            job.hold = ledger.place_hold(wallet, estimate, key=job.pk, price_version=prices.version, spender=api_key)
        job.save(force_insert=True)
        envelopes.keep_key(job, Content.MEDIA, media.key)
        sealed = order.model_copy(update={"media_sha256": media.sha256})
        envelopes.put(job, Content.ORDER, sealed.model_dump(mode="json"))
        progress.open_log(job)
        if idempotent is not None:
            idempotency.answer(idempotent, job.pk)
        transaction.on_commit(lambda: wake_workers(job.queue))
    return job


def claim(queues: Sequence[str] = ()) -> Claim | None:
    """The waiting job (of these queues) whose turn it is, if there is one that nobody else takes first."""
    order = fairness.order_of_claims()
    while job_id := Job.objects.waiting(queues).order_by(*order).values_list("pk", flat=True).first():
        lease = secrets.token_hex(16)
        taken = Job.objects.filter(pk=job_id, status=Status.QUEUED).update(
            status=Status.RUNNING,
            lease=lease,
            lease_expires_at=_end_of_lease(),
            started_at=timezone.now(),
            attempts=F("attempts") + 1,
        )
        if taken:
            return Claim(job_id, lease)
    return None


def heartbeat(claim: Claim) -> bool:
    """Prolongs the lease. False: the job is no longer ours (canceled, or swept), stop working on it."""
    return _held(claim).update(lease_expires_at=_end_of_lease()) == 1


def is_held(claim: Claim) -> bool:
    """Whether the job is still running, by this claim."""
    return _held(claim).exists()


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
    if not _media_is_gone(claim):
        return False
    fields = {
        "engines": outcome.engines,
        "timings": outcome.timings,
        "failed_pages": list(outcome.failed_pages),
        "stage": Stage.DONE,
        "stage_done": 1,
        "stage_total": 1,
    }
    return _end(_held(claim), claim.job_id, Status.SUCCEEDED, charge=outcome.charge, result=outcome.result, **fields)


def fail(claim: Claim, code: str, detail: str, *, charge: int = 0) -> bool:
    """Hold released (or settled for the part that was done), job failed with its reason."""
    if not _media_is_gone(claim):
        return False
    return _end(_held(claim), claim.job_id, Status.FAILED, charge=charge, error_code=code, error_detail=detail)


def cancel(job: Job) -> bool:
    """At its owner's wish, while queued or running. False: it had ended already."""
    with transaction.atomic():
        if not _end(Job.objects.active().filter(pk=job.pk), job.pk, Status.CANCELED):
            return False
        envelopes.shred(job.pk, Content.MEDIA)
    with contextlib.suppress(Unavailable):  # noise by now, which the sweep removes
        remove_bytes(job.pk)
    return True


def requeue(claim: Claim) -> bool:
    """Back in the queue after a fault of ours, a little later each time. The media is still sealed in the spool."""
    attempts, queue = Job.objects.values_list("attempts", "queue").get(pk=claim.job_id)
    seconds = 2 ** (attempts - 1) - 1
    # SQLite's sum has more digits than its clock, as text: Now() + 0 would be later than Now() for up to a millisecond.
    run_after = Now() + timedelta(seconds=seconds) if seconds else Now()
    returned = _held(claim).update(status=Status.QUEUED, lease="", lease_expires_at=None, run_after=run_after)
    if returned:
        wake_workers(queue)
    return returned == 1


def put_off(claim: Claim) -> None:
    """Its media cannot be had at the moment: back in the queue, and this was no attempt."""
    later = Now() + timedelta(seconds=PUT_OFF_SECONDS)
    _held(claim).update(
        status=Status.QUEUED, lease="", lease_expires_at=None, run_after=later, attempts=F("attempts") - 1
    )


def put_back(job: Job) -> bool:
    """By the operator, from whatever worker has it; that one notices at its next heartbeat. False: too late for it."""
    running = Job.objects.filter(pk=job.pk, status=Status.RUNNING, media_destroyed_at=None)
    if not running.update(status=Status.QUEUED, lease="", lease_expires_at=None, run_after=Now()):
        return False
    wake_workers(job.queue)
    return True


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
    silent = Job.objects.stalled().filter(pk=stalled.pk, lease=stalled.lease)
    return claim if silent.update(lease=claim.lease, lease_expires_at=_end_of_lease()) else None


def end_what_was_lost() -> int:
    """After a backup was put back, which has neither media nor results: how many jobs were under way, and failed."""
    ended = 0
    for job in Job.objects.active():
        if envelopes.find_key(job.pk, Content.MEDIA) is None:
            detail = "The uploaded file was lost when a backup was put back."
            ended += _end(
                Job.objects.active().filter(pk=job.pk),
                job.pk,
                Status.FAILED,
                error_code="media_lost",
                error_detail=detail,
                media_destroyed_at=timezone.now(),
            )
    waiting = Envelope.objects.filter(content=Content.RESULT).values("job")
    Job.objects.finished().filter(result_destroyed_at=None).exclude(pk__in=waiting).update(
        result_destroyed_at=timezone.now()
    )
    return ended


def destroy_result(job: Job) -> bool:
    """Now, whatever its time to live. False: there was none left."""
    envelopes.shred(job.pk, Content.RESULT)
    left = Job.objects.finished().filter(pk=job.pk, result_destroyed_at=None)
    return left.update(result_destroyed_at=timezone.now()) == 1


def _end_of_lease() -> Combinable:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def _media_is_gone(claim: Claim) -> bool:
    """By now, or since its text was read. False: the job is no longer ours."""
    return Job.objects.filter(pk=claim.job_id).exclude(media_destroyed_at=None).exists() or destroy_media(claim)


def _held(claim: Claim) -> JobQuerySet:
    return Job.objects.filter(pk=claim.job_id, status=Status.RUNNING, lease=claim.lease)


@transaction.atomic
def _end(
    held: JobQuerySet,
    job_id: str,
    status: Job.Status,
    *,
    charge: int = 0,
    result: dict[str, Any] | None = None,
    **fields: Any,
) -> bool:
    """What every end has in common: the row if it is still `held`, money, envelopes, event, webhooks."""
    job = Job.objects.select_related("hold", "api_key__user").get(pk=job_id)
    now = timezone.now()
    keep = timedelta(seconds=job.result_ttl_seconds) or UNREAD_RESULT_KEPT
    charged = min(charge, job.hold.credits) if job.hold else 0
    ended = {"status": status, "finished_at": now, "expires_at": now + keep, "lease": "", "lease_expires_at": None}
    if not held.update(**ended, charged=charged, **fields):
        return False
    if job.hold and (charged or status == Status.SUCCEEDED):
        ledger.settle_hold(job.hold, credits=charged)
    elif job.hold:
        ledger.release_hold(job.hold)
    order = _take_order(job)
    if order is not None:
        receipt = issue_receipt(job, sha256=order.media_sha256, destroyed_at=job.media_destroyed_at or now)
        envelopes.put(job, Content.RESULT, {**(result or {}), "destruction_receipt": receipt})
    done = int(status == Status.SUCCEEDED)
    code = fields.get("error_code") or (PARTIAL_SUCCESS if fields.get("failed_pages") else "")
    progress.record(job.pk, Kind(status.value), done=done, total=done, error_code=code)
    announce_end(job.api_key.user, job.pk, status, webhook_url=order.options.webhook_url if order else None)
    return True


def _take_order(job: Job) -> Order | None:
    """For the last time; None where its seal is broken, which must not keep a job from ending."""
    try:
        sealed = envelopes.find(job.pk, Content.ORDER)
    except SealBroken:
        sealed = None
    envelopes.shred(job.pk, Content.ORDER)
    return Order.model_validate(sealed) if sealed else None


def remove_bytes(job_id: str) -> None:
    """After the key is gone. What a crash leaves here is noise, and the sweep removes it."""
    spool.remove(Job.objects.values_list("spool_id", flat=True).get(pk=job_id))
    Job.objects.filter(pk=job_id, media_destroyed_at=None).update(media_destroyed_at=timezone.now())


def price_of(prices: PriceTable, *, pages: int | None, seconds: float | None, llm_mapping: bool) -> int:
    """What an extraction costs at most."""
    reading = prices.of_reading(pages=pages or 0, seconds=seconds or 0.0)
    return reading + prices.of_mapping(by_llm=llm_mapping)
