"""From an upload and an order to a job: once per Idempotency-Key, and nothing left behind if it is refused."""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async

from accounts import idempotency
from accounts.models import ApiKey, IdempotentRequest
from extraction import jobs, probing, spool
from extraction.intake import Upload
from extraction.mapping.choice import choose_llm
from extraction.models import Job
from extraction.orders import Order

ROUTE = "POST /v1/extractions"


async def accept(key: ApiKey, upload: Upload, order: Order, *, idempotency_key: str | None) -> tuple[Job, bool]:
    """The job, and whether it is the answer to an earlier request with this key.

    To be shielded by its caller: a client that goes away must not stop it between the file and the row.
    """
    media = upload.take()
    kept = False
    try:
        begun = await _begin(key, media, order, idempotency_key)
        if begun is not None and begun.answer_id:
            return await Job.objects.select_related("hold").aget(pk=begun.answer_id), True
        job = await _submit(key, media, order, begun)
        kept = True
        return job, False
    finally:
        if not kept:
            await asyncio.to_thread(spool.remove, media.spool_id)


async def _begin(key: ApiKey, media: spool.Spooled, order: Order, header: str | None) -> IdempotentRequest | None:
    if header is None:
        return None
    asked = idempotency.fingerprint(media.sha256, order.model_dump_json())
    return await sync_to_async(idempotency.begin)(key, header, route=ROUTE, fingerprint=asked)


async def _submit(key: ApiKey, media: spool.Spooled, order: Order, begun: IdempotentRequest | None) -> Job:
    try:
        llm = choose_llm(order.options.mapper, test=key.is_test)
        facts = await probing.probe(media)
        return await sync_to_async(jobs.submit)(
            key, media, facts=facts, order=order, llm_mapping=llm is not None, idempotent=begun
        )
    except BaseException:
        if begun is not None:
            await sync_to_async(idempotency.abandon)(begun)
        raise
