"""What a customer's credits did: lines that move the balance, summing exactly from its opening to its closing.

Each line carries a digest chained to the line before, so that a copy that was kept shows any later change:

    digest = sha256(digest of the line before + "\\n" + "|".join([id, at, kind, credits, balance]))

and before the first line stands sha256("|".join([key id, from, opening balance])).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from accounts.answers import render_time
from accounts.spreadsheets import write_row
from billing.models import Wallet
from billing.movement import lock
from billing.moves import balance_before, moves_of, reference_of
from billing.pricing import format_credits

COLUMNS = ("id", "at", "kind", "credits", "balance", "reference", "note", "digest")
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """`credits`: signed, micro-credits; `balance`: after it."""

    id: str
    at: datetime
    kind: str
    credits: int
    balance: int
    reference: str
    note: str


@transaction.atomic
def close_window(wallet: Wallet, until: datetime) -> datetime:
    """The end of what can be stated: not ahead. Who holds the wallet's lock is waited for, so nothing comes in late."""
    lock(wallet.pk)
    return min(until, timezone.now())


async def read_lines(wallet: Wallet, opening: int, since: datetime, until: datetime) -> AsyncIterator[Line]:
    """Oldest first. What sets credits aside and gives them back moves nothing, and is no line."""
    balance = opening
    moves = moves_of(wallet).filter(created_at__gte=since, created_at__lt=until).exclude(change=0)
    async for row in moves.order_by("created_at", "pk").aiterator(chunk_size=CHUNK):
        balance += row.change
        yield Line(row.pk, row.created_at, row.kind, row.change, balance, reference_of(row), row.note)


def chain_start(key_id: str, since: datetime, opening: int) -> str:
    return _digest("|".join([key_id, render_time(since) or "", format_credits(opening)]))


def chain(before: str, line: Line) -> str:
    return _digest(before + "\n" + "|".join(_cells(line)[:5]))


async def as_csv(wallet: Wallet, since: datetime, until: datetime) -> AsyncIterator[str]:
    opening = await sync_to_async(balance_before)(wallet, since)
    digest, closing = chain_start(wallet.api_key_id, since, opening), opening
    yield write_row(COLUMNS)
    yield write_row(("", render_time(since) or "", "opening", "", format_credits(opening), "", "", digest))
    async for line in read_lines(wallet, opening, since, until):
        digest, closing = chain(digest, line), line.balance
        yield write_row((*_cells(line), digest))
    yield write_row(("", render_time(until) or "", "closing", "", format_credits(closing), "", "", digest))


async def as_json(wallet: Wallet, since: datetime, until: datetime) -> AsyncIterator[str]:
    opening = await sync_to_async(balance_before)(wallet, since)
    digest, closing, between = chain_start(wallet.api_key_id, since, opening), opening, ""
    head = {"key_id": wallet.api_key_id, "from": render_time(since), "to": render_time(until)}
    head |= {"opening": format_credits(opening), "chain_start": digest}
    yield json.dumps(head)[:-1] + ', "lines": ['
    async for line in read_lines(wallet, opening, since, until):
        digest, closing = chain(digest, line), line.balance
        yield between + json.dumps(dict(zip(COLUMNS, (*_cells(line), digest), strict=True)))
        between = ", "
    yield f'], "closing": {json.dumps(format_credits(closing))}, "chain_end": {json.dumps(digest)}}}'


def _cells(line: Line) -> tuple[str, ...]:
    at = render_time(line.at) or ""
    credits, balance = format_credits(line.credits), format_credits(line.balance)
    return line.id, at, line.kind, credits, balance, line.reference, line.note


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
