"""What can be called, in memory: offers with their prices, data policies and quality, at most a second old.

`current()` costs a dictionary look-up. What it has may be growing old: then it has the next one read in a thread, which
`fresh()` waits for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from billing.prices import current_prices
from routing.models import LanguageModel, ModelPrice, ModelQuality
from routing.words import Task

log = logging.getLogger(__name__)
STALE_SECONDS = 0.5  # then the next one is read, while this one is still good
OLDEST_SECONDS = 1.0  # nobody is answered from one that is older, but where the database is away
REHEARSAL = "scripted"  # answers by a script: for test keys, tests and the demo


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-credits for a million tokens. `cached_input` and `cache_write` None: as `input`."""

    version: int
    input: int | None
    cached_input: int | None
    cache_write: int | None
    output: int | None

    @property
    def known(self) -> bool:
        return self.input is not None and self.output is not None


@dataclass(frozen=True, slots=True)
class Offer:
    """One model at one provider. `level`: its mean quality; None where nothing is known of it."""

    id: str
    provider: str
    upstream_id: str
    adapter: str
    context_tokens: int
    max_output_tokens: int
    tools: bool
    structured: bool
    vision: bool
    streaming: bool
    price: Price | None
    retention_days: int | None
    trains: bool | None
    region: str
    quality: Mapping[Task, int] = field(default_factory=dict)
    configured: bool = True
    enabled: bool = True
    base_url: str = ""
    level: int | None = None

    @property
    def priced(self) -> bool:
        return self.price is not None and self.price.known

    @property
    def callable(self) -> bool:
        return self.configured and self.enabled


@dataclass(frozen=True)
class Catalogue:
    """`rehearsing`: the operator has configured the script, so that it may answer live keys too."""

    offers: Mapping[str, Offer]
    quality_version: int = 0
    price_version: int = 0
    rehearsing: bool = True

    @cached_property
    def callable(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers.values() if offer.callable)

    @cached_property
    def live(self) -> tuple[Offer, ...]:
        """What is chosen from: the script only where there is nothing else and it was configured."""
        real = tuple(offer for offer in self.callable if offer.provider != REHEARSAL)
        return real or (self.callable if self.rehearsing else ())


_held: Catalogue | None = None
_read_at = 0.0
_refreshing: asyncio.Task[None] | None = None
_alerted: set[str] = set()  # models whose unknown price this process has logged


def current() -> Catalogue:
    """After `load()`, on the event loop. Where no loop runs, in commands and the admin, it reads at once."""
    global _refreshing
    if _held is not None and monotonic() - _read_at < STALE_SECONDS:
        return _held
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _hold(read())
    if _held is None:
        raise RuntimeError("The catalogue is read by load() before its first use on the event loop.")
    if _refreshing is None or _refreshing.done():
        _refreshing = loop.create_task(_refresh())
    return _held


async def load() -> Catalogue:
    """Now, from the database."""
    return _hold(await sync_to_async(_read_and_release)())


async def fresh() -> Catalogue:
    """For those who can wait a moment, the first time and when nobody has looked for a while."""
    if _held is None:
        return await load()
    known = current()
    if monotonic() - _read_at < OLDEST_SECONDS or _refreshing is None:
        return known
    await asyncio.shield(_refreshing)
    return _held


def forget() -> None:
    """The next look reads anew: after rows were changed here."""
    global _held, _refreshing
    _held = _refreshing = None


def read() -> Catalogue:
    """A handful of queries."""
    prices = _prices()
    qualities, quality_version = _qualities()
    offers = {}
    for row in LanguageModel.objects.select_related("provider"):
        offers[row.pk] = _offer(row, prices.get(row.pk), qualities.get(row.pk, {}))
    for offer in offers.values():
        if offer.callable and not offer.priced:
            _alert(offer)
    price_version = max((price.version for price in prices.values()), default=0)
    return Catalogue(offers, quality_version, price_version, rehearsing=REHEARSAL in settings.LLM_PROVIDERS)


def unpriced() -> list[str]:
    """Models that are offered and have no price in effect: nobody gets them."""
    return [offer.id for offer in read().offers.values() if offer.enabled and not offer.priced]


def _prices() -> dict[str, Price]:
    """The newest in effect of each model, with our margin of today's table of prices."""
    newest, table = {}, current_prices()
    for row in ModelPrice.objects.filter(effective_at__lte=timezone.now()).order_by("version"):
        theirs = (row.input, row.cached_input, row.cache_write, row.output)
        newest[row.model_id] = Price(
            row.version, *(None if price is None else table.with_margin(price) for price in theirs)
        )
    return newest


def _qualities() -> tuple[dict[str, dict[Task, int]], int]:
    """A version of the table holds what it changed; the rest is as the versions before it say."""
    table: dict[str, dict[Task, int]] = {}
    newest = 0
    rows = ModelQuality.objects.order_by("version").values_list("version", "model", "task", "score")
    for version, model, task, score in rows:
        table.setdefault(model, {})[Task(task)] = score
        newest = version
    return table, newest


def _offer(row: LanguageModel, price: Price | None, quality: Mapping[Task, int]) -> Offer:
    provider = row.provider
    return Offer(
        id=row.pk,
        provider=provider.name,
        upstream_id=row.upstream_id,
        adapter=provider.adapter,
        context_tokens=row.context_tokens,
        max_output_tokens=row.max_output_tokens,
        tools=row.tools,
        structured=row.structured,
        vision=row.vision,
        streaming=row.streaming,
        price=price,
        retention_days=provider.retention_days,
        trains=provider.trains,
        region=provider.region,
        quality=quality,
        configured=provider.name in settings.LLM_PROVIDERS or provider.name == REHEARSAL,  # the script is in the house
        enabled=row.enabled and provider.enabled,
        base_url=provider.base_url,
        level=sum(quality.values()) // len(quality) if quality else None,
    )


def _alert(offer: Offer) -> None:
    if offer.id not in _alerted:
        _alerted.add(offer.id)
        log.warning("the price of %s is unknown: it is not offered until the catalogue has one", offer.id)


def _hold(catalogue: Catalogue) -> Catalogue:
    global _held, _read_at
    _held, _read_at = catalogue, monotonic()
    return catalogue


async def _refresh() -> None:
    try:
        await load()
    except DatabaseError as error:  # what is known goes on serving; the next look tries again
        log.warning("the catalogue could not be read again: %s", type(error).__name__)


def _read_and_release() -> Catalogue:
    """On a thread of its own nobody else would give the connection back."""
    try:
        return read()
    finally:
        if not connection.in_atomic_block:  # a transaction somebody has open is theirs to end
            close_old_connections()
