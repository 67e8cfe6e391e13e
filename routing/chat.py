"""One request through the gateway: told apart, given to the best candidate, paid for, and written down.

    run = await begin(request, key)          # chosen, and its worst cost set aside
    reply = await answer(run)                # or: stream = await open_stream(run); async for data in stream.pieces()

Whatever happens, a run ends once: with a line in the journal, and what it did not cost given back.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from time import perf_counter

from django.conf import settings

from accounts.ids import new_id
from routing import catalogue, choose_affinity, journal, leases, limits, records
from routing.catalogue import Catalogue, Offer
from routing.choose import Decision, choose
from routing.classify import Told, classify
from routing.contracts import ChatEvent, ChatReply, Usage
from routing.costs import Cost, cost_of, worst_cost
from routing.errors import NoCandidate, RoutingError, StreamCut, UnknownModel, UpstreamError
from routing.known_keys import KnownKey
from routing.leases import Reservation
from routing.offers import need_of
from routing.records import Ended, Tried
from routing.request import ChatRequest
from routing.tries import Tries
from routing.vitals import note_failure, note_success, vitals
from routing.words import Finish, Outcome

LETTERS_OF_A_TOKEN = 3.5  # where a provider does not count, we do


@dataclass(slots=True, eq=False)
class Run:
    """A request under way. `offers`: in the order in which they are tried. Times on the clock of perf_counter."""

    key: KnownKey
    request: ChatRequest = field(repr=False)
    told: Told
    decision: Decision
    offers: tuple[Offer, ...]
    known: Catalogue
    arrived: float
    policy: str
    reservation: Reservation | None = None
    id: str = field(default_factory=lambda: new_id("gen"))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    tries: list[Tried] = field(default_factory=list)
    upstream: float = 0.0  # seconds that were not ours
    ended: Ended | None = None

    @property
    def overhead(self) -> float:
        return perf_counter() - self.arrived - self.upstream


async def begin(request: ChatRequest, key: KnownKey, *, arrived: float) -> Run:
    """Raises UnknownModel, NoCandidate, InsufficientCredits."""
    known = await catalogue.fresh()
    told = classify(request.body)
    need = need_of(request, told, key.row, key.standing)
    if need.named and not any(name in known.offers for name in need.named):
        raise UnknownModel
    explore = random.random() if settings.GATEWAY_EXPLORE and key.explore else None  # noqa: S311 (no secret)
    stay_with = choose_affinity.find_model(key.id, request.session) if key.affinity and request.session else None
    decision = choose(need, known, vitals(), explore=explore, stay_with=stay_with)
    if not decision.ranked:
        raise NoCandidate(decision.reason, excluded=tuple(one.excluded for one in decision.excluded))
    offers = tuple(known.offers[one.model] for one in decision.ranked[: settings.GATEWAY_MAX_TRIES])
    run = Run(key, request, told, decision, offers, known, arrived, policy=need.policy.value)
    worst = max(_worst(request, offer) for offer in offers)
    if worst and not key.row.is_test:
        run.reservation = await leases.reserve(key.id, worst, price_version=known.price_version)
    return run


async def answer(run: Run) -> ChatReply:
    """Raises what the most hopeful of the failures was."""
    tries = Tries(run.offers, run.tries)
    try:
        offer, reply = await tries.answer(lambda offer: _body(run.request, offer))
    except RoutingError as error:
        run.upstream = tries.seconds
        end(run, _failed(error))
        raise
    except BaseException:
        run.upstream = tries.seconds
        end(run, Ended("canceled", Outcome.CANCELED.value))
        raise
    run.upstream = tries.seconds
    last = run.tries[-1]
    usage = reply.usage or _guess(run.request, letters=len(reply.body))
    note_success(
        offer.id, first_token_s=None, latency_s=last.latency, output_tokens=usage.output_tokens, room=reply.room,
        finish=reply.finish,
    )  # fmt: skip
    end(run, Ended("succeeded", model=offer.id, usage=usage, estimated=reply.usage is None, finish=reply.finish,
                   cost=_cost(run, offer, usage)))  # fmt: skip
    return reply


async def open_stream(run: Run) -> Stream:
    """After its first event: from then on nobody else can take over. Raises as `answer`."""
    tries = Tries(run.offers, run.tries)
    try:
        offer, events, first = await tries.open_stream(lambda offer: _body(run.request, offer))
    except RoutingError as error:
        run.upstream = tries.seconds
        end(run, _failed(error))
        raise
    except BaseException:
        run.upstream = tries.seconds
        end(run, Ended("canceled", Outcome.CANCELED.value))
        raise
    run.upstream = tries.seconds
    return Stream(run, offer, events, first)


class Stream:
    """A streamed answer on its way to the caller."""

    def __init__(self, run: Run, offer: Offer, events: AsyncGenerator[ChatEvent, None], first: ChatEvent) -> None:
        self.offer = offer
        self._run, self._events, self._first = run, events, first
        self._began = perf_counter()
        self._overhead = run.overhead
        self._letters, self._finish = 0, ""
        self._usage: Usage | None = None
        self._room = first.room

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Events as bytes. Ends the run, also when it is closed or cancelled half-way.

        Raises StreamCut when the provider breaks off.
        """
        outcome = Outcome.CANCELED
        try:
            event: ChatEvent | None = self._first
            while event is not None:
                self._note(event)
                if not event.bare_usage or self._run.request.include_usage:
                    yield event.data
                event = None if event.done else await anext(self._events, None)
            outcome = Outcome.OK
        except StreamCut as error:
            outcome = Outcome.CUT
            note_failure(self.offer.id, error)
            raise
        finally:
            self._end(outcome)
            await self._events.aclose()

    def _note(self, event: ChatEvent) -> None:
        self._letters += event.letters
        self._usage = event.usage or self._usage
        self._finish = event.finish or self._finish

    def _end(self, outcome: Outcome) -> None:
        run, last = self._run, self._run.tries[-1]
        usage = self._usage or _guess(run.request, letters=self._letters)
        spent = perf_counter() - self._began
        run.upstream = perf_counter() - run.arrived - self._overhead
        if outcome == Outcome.OK:
            note_success(
                self.offer.id, first_token_s=last.first_token, latency_s=last.latency + spent,
                output_tokens=usage.output_tokens, room=self._room, finish=self._finish,
            )  # fmt: skip
        status = {Outcome.OK: "succeeded", Outcome.CUT: "cut"}.get(outcome, "canceled")
        end(run, Ended(status, outcome.value, self.offer.id, usage, self._usage is None, self._finish or
                       (Finish.OTHER.value if outcome == Outcome.OK else ""), _cost(run, self.offer, usage),
                       first_token=last.first_token))  # fmt: skip


def end(run: Run, ended: Ended) -> None:
    """Once: the journal first, so that a crash in between costs the customer and us nothing."""
    if run.ended is not None:
        return
    run.ended = ended
    lease = run.reservation.lease if run.reservation else None
    book = lease.journal if lease else journal.current()
    row = {
        "id": run.id,
        "api_key_id": run.key.id,
        "created_at": run.created_at.isoformat(),
        "task": run.told.task.value,
        "cause": run.told.cause.value,
        "confidence": round(1000 * run.told.confidence),
        "difficulty": round(1000 * run.told.difficulty),
        "policy": run.policy,
        "explored": run.decision.explored,
        "affine": run.decision.affine,
        "quality_version": run.known.quality_version,
        "price_version": run.known.price_version,
        "streamed": run.request.stream,
        "latency_ms": round(1000 * (perf_counter() - run.arrived)),
        "overhead_us": max(0, round(1_000_000 * run.overhead)),
        **records.ended_columns(ended),
    }
    try:
        book.note({
            "t": "generation",
            "lease": lease.id if lease else None,
            "row": row,
            "attempts": records.attempt_rows(run.tries),
            "weighed": records.weighed_rows(run.decision),
        })  # fmt: skip
    finally:
        if run.reservation is not None:
            run.reservation.settle(ended.cost.total)
    limits.note_use(run.key, tokens=ended.usage.input_tokens + ended.usage.output_tokens, cost=ended.cost.total)
    if ended.model and run.key.affinity and run.request.session and ended.status == "succeeded":
        choose_affinity.remember(run.key.id, run.request.session, ended.model)


def _body(request: ChatRequest, offer: Offer) -> dict[str, object]:
    """As it came; with a bound for the answer where it names none, for what is unbounded cannot be set aside."""
    if request.max_output_tokens is not None:
        return request.body
    return {**request.body, "max_tokens": _most_output(request, offer)}


def _most_output(request: ChatRequest, offer: Offer) -> int:
    return request.max_output_tokens or min(settings.GATEWAY_MAX_OUTPUT_TOKENS, offer.max_output_tokens)


def _worst(request: ChatRequest, offer: Offer) -> int:
    if offer.price is None:
        return 0
    output = _most_output(request, offer) * request.choices
    return worst_cost(offer.price, input_tokens=request.input_bound, output_tokens=output)


def _cost(run: Run, offer: Offer, usage: Usage) -> Cost:
    if run.reservation is None or offer.price is None:
        return Cost()
    return cost_of(offer.price, usage, at_most=run.reservation.credits)


def _guess(request: ChatRequest, *, letters: int) -> Usage:
    return Usage(input_tokens=request.likely_input(), output_tokens=ceil(letters / LETTERS_OF_A_TOKEN))


def _failed(error: RoutingError) -> Ended:
    outcome = error.code if isinstance(error, UpstreamError) else Outcome.REFUSED.value
    return Ended("failed", outcome)
