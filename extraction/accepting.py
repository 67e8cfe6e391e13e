"""From files and an order to jobs: once per Idempotency-Key, and nothing left behind of what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async

from accounts import idempotency
from accounts.models import ApiKey, IdempotentRequest
from extraction import batches, fetching, jobs, probing, spool
from extraction.batches import Examined
from extraction.mapping.choice import choose_llm
from extraction.models import Batch, Job
from extraction.orders import Order

ROUTE, BATCH_ROUTE = "POST /v1/extractions", "POST /v1/extractions/batch"
Source = spool.Spooled | str  # a file in the spool, or the url to fetch it from


async def accept(
    key: ApiKey, source: Source, order: Order, *, priority: int, idempotency_key: str | None
) -> tuple[Job, bool]:
    """The job, and whether it is the answer to an earlier request with this key.

    To be shielded by its caller: a client that goes away must not stop it between the file and the row.
    """
    async with _spooled([source]) as files:
        begun = await _begin(key, [source], order, idempotency_key, route=ROUTE)
        if begun is not None and begun.answer_id:
            return await Job.objects.select_related("hold").aget(pk=begun.answer_id), True
        async with _abandoned_on_failure(begun):
            llm = choose_llm(order.options.mapper, test=key.is_test)
            file = await _examine(source, order, files)
            job = await sync_to_async(jobs.submit)(
                key, file.media, facts=file.facts, order=order, llm_mapping=llm is not None, priority=priority,
                idempotent=begun,
            )  # fmt: skip
        files.clear()
        return job, False


async def accept_batch(
    key: ApiKey, sources: Sequence[Source], order: Order, *, idempotency_key: str | None
) -> tuple[Batch, bool]:
    """As `accept`, for many files; those that cannot be accepted are named in the batch, and hold up no other."""
    async with _spooled(sources) as files:
        begun = await _begin(key, sources, order, idempotency_key, route=BATCH_ROUTE)
        if begun is not None and begun.answer_id:
            return await Batch.objects.aget(pk=begun.answer_id), True
        async with _abandoned_on_failure(begun):
            llm = choose_llm(order.options.mapper, test=key.is_test)
            examined = [await batches.examine(_examine(source, order, files)) for source in sources]
            batch, taken = await sync_to_async(batches.submit_batch)(
                key, examined, order=order, llm_mapping=llm is not None, idempotent=begun
            )
        files.difference_update(taken)
        return batch, False


async def examine(source: Source, order: Order) -> Examined:
    """What it is and how long, for a quote; nothing of it is kept."""
    async with _spooled([source]) as files:
        return await _examine(source, order, files)


async def _examine(source: Source, order: Order, files: set[spool.Spooled]) -> Examined:
    if isinstance(source, str):
        source = await fetching.fetch(source)
        files.add(source)
    return Examined(source, await probing.probe(source, password=order.password))


@asynccontextmanager
async def _spooled(sources: Sequence[Source]) -> AsyncIterator[set[spool.Spooled]]:
    """The files in hand: what is still in the set at the end, no job has taken over, and it is destroyed."""
    files = {source for source in sources if not isinstance(source, str)}
    try:
        yield files
    finally:
        await asyncio.to_thread(spool.remove_all, files)


async def _begin(
    key: ApiKey, sources: Sequence[Source], order: Order, header: str | None, *, route: str
) -> IdempotentRequest | None:
    if header is None:
        return None
    named = [source if isinstance(source, str) else source.sha256 for source in sources]
    asked = idempotency.fingerprint(*named, order.model_dump_json())
    return await sync_to_async(idempotency.begin)(key, header, route=route, fingerprint=asked)


@asynccontextmanager
async def _abandoned_on_failure(begun: IdempotentRequest | None) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        if begun is not None:
            await sync_to_async(idempotency.abandon)(begun)
        raise
