"""Many files under one id: each accepted one a job of its own, the others named with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts import idempotency
from accounts.errors import AccountError
from accounts.models import ApiKey, IdempotentRequest
from billing.errors import InsufficientCredits
from extraction import jobs, spool
from extraction.errors import MediaError
from extraction.media.facts import MediaFacts
from extraction.models import Batch, Job
from extraction.orders import Order


@dataclass(frozen=True, slots=True)
class Examined:
    """A file, and what a first look said of it."""

    media: spool.Spooled
    facts: MediaFacts


Refusal = MediaError | AccountError | InsufficientCredits


async def examine(look: Awaitable[Examined]) -> Examined | Refusal:
    """The file, or why it is refused: in a batch that is no reason to stop."""
    try:
        return await look
    except (MediaError, AccountError) as refusal:
        return refusal


@transaction.atomic
def submit_batch(
    api_key: ApiKey,
    files: Sequence[Examined | Refusal],
    *,
    order: Order,
    llm_mapping: bool,
    idempotent: IdempotentRequest | None = None,
) -> tuple[Batch, set[spool.Spooled]]:
    """The batch, and the files that its jobs took over. Raises the first refusal where nothing was accepted."""
    batch = Batch.objects.create(api_key=api_key)
    refusals: list[tuple[int, Refusal]] = []
    taken: set[spool.Spooled] = set()
    for index, file in enumerate(files):
        if not isinstance(file, Examined):
            refusals.append((index, file))
            continue
        try:
            with transaction.atomic():
                jobs.submit(
                    api_key, file.media, facts=file.facts, order=order, llm_mapping=llm_mapping,
                    priority=Job.Priority.BATCH, batch=batch, batch_index=index,
                )  # fmt: skip
            taken.add(file.media)
        except (MediaError, InsufficientCredits) as refusal:
            refusals.append((index, refusal))
    if not taken:
        raise refusals[0][1]
    batch.refusals = [{"index": index, "code": error.code, "detail": str(error)} for index, error in refusals]
    batch.save(update_fields=["refusals"])
    if idempotent is not None:
        idempotency.answer(idempotent, batch.pk)
    return batch, taken


def count_by_status(batch: Batch) -> Counter[str]:
    counts = Counter(batch.jobs.values_list("status", flat=True))
    counts["refused"] = len(batch.refusals)
    return counts


def cancel_batch(batch: Batch) -> None:
    """What has not ended is canceled; results that are there are destroyed."""
    for job in batch.jobs.all():
        if not jobs.cancel(job):
            jobs.destroy_result(job)
