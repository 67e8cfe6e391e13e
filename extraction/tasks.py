"""The bridge from the worker's loop to the verbs: one claimed job, run to its end.

Three kinds of trouble, three reactions: the caller's file, or the model they named once routing has tried
it, fails the job at once with its reason; a failure of our machines is tried again; a bug of ours fails the
job and is let through to the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from accounts import tracing
from accounts.sealing import SealBroken
from billing.prices import current_prices, prices_of
from extraction import envelopes, jobs, pipeline, progress, spool
from extraction.engines.process import EngineProcess
from extraction.errors import EngineError, MediaError, Unavailable
from extraction.mapping.choice import choose_llm
from extraction.media.facts import RecognizeRequest
from extraction.models import Envelope, Job, JobEvent
from extraction.orders import Order
from routing.errors import RoutingError

log = logging.getLogger(__name__)
SPOOL_AGAIN_AFTER = 1.0  # seconds


class LeaseLost(Exception):
    """Somebody else moved the job on: canceled, or swept because we went silent."""


async def run_extraction(claim: jobs.Claim, engine: EngineProcess) -> None:
    """Runs it and moves the job to its end, whatever happens in between."""
    try:
        with tracing.span("extraction", job_id=claim.job_id):
            async with _lease_kept(claim):
                await _run(claim, engine)
    except LeaseLost:
        log.info("extraction %s is no longer ours", claim.job_id)
    except (MediaError, RoutingError) as error:
        await _patiently(jobs.fail, claim, error.code, str(error))
    except EngineError as error:
        log.warning("extraction %s: %s", claim.job_id, error.code)
        await _patiently(jobs.retry_or_fail, claim, error.code, "Our engine could not finish this job.")
    except SealBroken:
        await _patiently(jobs.fail, claim, "media_lost", "The uploaded file was damaged on our side.")
    except Unavailable:
        await sync_to_async(jobs.put_off)(claim)
    except asyncio.CancelledError:
        # The worker is stopping before the job could end: somebody else's turn, at once.
        await asyncio.shield(sync_to_async(jobs.retry_or_fail)(claim, "engine_stopped", "Our worker was stopped."))
        raise
    except OperationalError:
        raise  # the database is away: nothing can be written now, and the lease will run out
    except Exception:
        # Our bug: the caller gets their credits back and a reason, and the alert is let through.
        await _patiently(jobs.fail, claim, "internal_error", "Something went wrong on our side.")
        log.exception("extraction %s failed", claim.job_id)


async def _run(claim: jobs.Claim, engine: EngineProcess) -> None:
    job, media, work = await sync_to_async(_unpack)(claim)
    queued_ms = round(1000 * (timezone.now() - job.created_at).total_seconds())

    async def announce(stage: str, done: int, total: int) -> None:
        await sync_to_async(progress.record)(claim.job_id, JobEvent.Kind.PROGRESS, stage=stage, done=done, total=total)

    async def destroy_media() -> None:
        if not await _patiently(jobs.destroy_media, claim):
            raise LeaseLost

    extracted = await pipeline.run(media, work, engine, announce=announce, destroy_media=destroy_media)
    del media
    with tracing.span("finish"):
        await sync_to_async(_conclude)(claim, job, work, extracted, queued_ms)


async def _patiently(act: Callable[..., Any], claim: jobs.Claim, *said: str) -> Any:
    """Again while the spool does not answer and the job is ours: it goes on, and ends, only once its media is gone."""
    while True:
        try:
            return await sync_to_async(act)(claim, *said)
        except Unavailable:
            await asyncio.sleep(SPOOL_AGAIN_AFTER)
            if not await sync_to_async(jobs.heartbeat)(claim):
                return None


def _unpack(claim: jobs.Claim) -> tuple[Job, bytes, pipeline.Work]:
    """Opens the job's envelopes. Raises SealBroken when what they seal was damaged, LeaseLost when it is gone."""
    job = Job.objects.select_related("api_key", "hold").get(pk=claim.job_id)
    key = envelopes.find_key(job.pk, Envelope.Content.MEDIA)
    sealed_order = envelopes.find(job.pk, Envelope.Content.ORDER)
    if key is None or sealed_order is None:
        raise LeaseLost
    order = Order.model_validate(sealed_order)
    request = RecognizeRequest(
        media_type=job.media_type,
        languages=order.options.languages,
        pages=order.options.selected_pages(10**6),
        ocr_engine=order.options.ocr_engine,
        asr_engine=order.options.asr_engine,
        password=order.password,
    )
    llm = choose_llm(order.options.mapper, test=job.api_key.is_test)
    work = pipeline.Work(request=request, schema=order.output_schema, options=order.options, llm=llm)
    return job, spool.read(job.spool_id, key), work


def _conclude(claim: jobs.Claim, job: Job, work: pipeline.Work, extracted: pipeline.Extracted, queued_ms: int) -> None:
    prices = prices_of(job.hold.price_version) if job.hold else current_prices()
    pages = (job.pages or 0) - len(extracted.failed_pages)  # a page we could not read is not charged
    read = prices.of_reading(pages=pages, seconds=job.seconds or 0.0)
    if work.options.strict and not extracted.result["schema_valid"]:
        detail = "What was read does not satisfy the schema; without options.strict you get it as it is."
        jobs.fail(claim, "schema_unsatisfied", detail, charge=read)
        return
    outcome = jobs.Outcome(
        result=extracted.result,
        charge=read + prices.of_mapping(by_llm=extracted.mapped_by_llm),
        engines=extracted.engines,
        timings={"queued_ms": queued_ms, **extracted.timings},
        failed_pages=extracted.failed_pages,
    )
    jobs.finish(claim, outcome)


@contextlib.asynccontextmanager
async def _lease_kept(claim: jobs.Claim) -> AsyncIterator[None]:
    """Beats while the body runs, and breaks it off with LeaseLost when the lease is gone."""
    runner = asyncio.current_task()
    assert runner is not None
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(settings.LEASE_SECONDS / 3)
            if not await sync_to_async(jobs.heartbeat)(claim):
                lost = True
                runner.cancel()
                return

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if not lost:
            raise
        runner.uncancel()
        raise LeaseLost from None
    finally:
        beating.cancel()
