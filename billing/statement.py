"""What a customer's credits did: lines that move the balance, summing exactly from its opening to its closing.

Each line carries a digest chained to the line before, so that a copy that was kept shows any later change:

    digest = sha256(digest of the line before + "\\n" + "|".join([id, at, kind, credits, balance]))

and before the first line stands sha256("|".join([key id, from, opening balance])).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Q, QuerySet, Sum

from accounts.answers import render_time
from billing.models import Entry, Transaction, Wallet
from billing.pricing import format_credits

CUSTOMERS = (Entry.Account.AVAILABLE, Entry.Account.HELD, Entry.Account.FROZEN, Entry.Account.DEBT)
COLUMNS = ("id", "at", "kind", "credits", "balance", "reference", "note", "digest")
CHUNK = 1000
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


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


def moves_of(wallet: Wallet) -> QuerySet[Any]:
    """Its transactions, transfers from other wallets included, with what each did to the balance."""
    own = Q(entries__wallet=wallet, entries__account__in=CUSTOMERS)
    return Transaction.objects.filter(entries__wallet=wallet).annotate(change=Sum("entries__credits", filter=own))


def balance_before(wallet: Wallet, moment: datetime) -> int:
    entries = Entry.objects.filter(wallet=wallet, account__in=CUSTOMERS, transaction__created_at__lt=moment)
    return entries.aggregate(total=Sum("credits"))["total"] or 0


async def read_lines(wallet: Wallet, since: datetime, until: datetime) -> AsyncIterator[Line]:
    """Oldest first. What sets credits aside and gives them back moves nothing, and is no line."""
    balance = await sync_to_async(balance_before)(wallet, since)
    moves = (
        moves_of(wallet).filter(created_at__gte=since, created_at__lt=until).filter(Q(change__gt=0) | Q(change__lt=0))
    )
    ordered = moves.select_related("hold").order_by("created_at", "pk")
    async for row in ordered.aiterator(chunk_size=CHUNK):
        balance += row.change
        reference = row.payment_id or (row.hold.key if row.hold else "")
        yield Line(row.pk, row.created_at, row.kind, row.change, balance, reference, row.note)


def chain_start(key_id: str, since: datetime, opening: int) -> str:
    return _digest("|".join([key_id, render_time(since) or "", format_credits(opening)]))


def chain(before: str, line: Line) -> str:
    return _digest(before + "\n" + "|".join(_cells(line)[:5]))


async def as_csv(wallet: Wallet, since: datetime, until: datetime) -> AsyncIterator[str]:
    opening = await sync_to_async(balance_before)(wallet, since)
    digest, closing = chain_start(wallet.api_key_id, since, opening), opening
    yield _row(COLUMNS)
    yield _row(("", render_time(since) or "", "opening", "", format_credits(opening), "", "", digest))
    async for line in read_lines(wallet, since, until):
        digest, closing = chain(digest, line), line.balance
        yield _row((*_cells(line), digest))
    yield _row(("", render_time(until) or "", "closing", "", format_credits(closing), "", "", digest))


async def as_json(wallet: Wallet, since: datetime, until: datetime) -> AsyncIterator[str]:
    opening = await sync_to_async(balance_before)(wallet, since)
    digest, closing, between = chain_start(wallet.api_key_id, since, opening), opening, ""
    head = {"key_id": wallet.api_key_id, "from": render_time(since), "to": render_time(until)}
    head |= {"opening": format_credits(opening), "chain_start": digest}
    yield json.dumps(head)[:-1] + ', "lines": ['
    async for line in read_lines(wallet, since, until):
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


def _row(cells: tuple[str, ...]) -> str:
    """A note that begins like a formula is kept from being one; amounts are numbers and stay so."""
    paper = io.StringIO()
    csv.writer(paper).writerow([f"'{cell}" if _may_be_formula(cell) else cell for cell in cells])
    return paper.getvalue()


def _may_be_formula(cell: str) -> bool:
    return cell.startswith(FORMULAS) and not cell[1:].replace(".", "", 1).isdigit()
