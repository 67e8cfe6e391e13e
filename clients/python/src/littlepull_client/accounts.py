"""/v1/account, /v1/usage, /v1/credits: whose key it is, what it has left, and what became of the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from littlepull_client.flow import Flow, Request, Stream
from littlepull_client.paging import follow_pages, given
from littlepull_client.sending import ask, with_key
from littlepull_client.told import amount, moment

Grouping = Literal["day", "key", "model", "task", "media_type"]


@dataclass(frozen=True)
class Key:
    """`masked` is how a key is shown: who sees it cannot use it."""

    id: str
    masked: str
    name: str
    mode: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class Balance:
    """In credits: to spend, set aside for work under way, frozen with a disputed payment, and owed."""

    available: Decimal
    held: Decimal
    frozen: Decimal
    debt: Decimal


@dataclass(frozen=True)
class Account:
    id: str
    email: str
    created_at: datetime
    key: Key
    credits: Balance
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class UsageRow:
    """`group` is a day, a key's id, a model, a task or a media type; empty for what has none."""

    group: str
    requests: int
    succeeded: int
    failed: int
    credits: Decimal


@dataclass(frozen=True)
class Usage:
    begin: datetime
    end: datetime
    group_by: str
    rows: tuple[UsageRow, ...]


@dataclass(frozen=True)
class Transaction:
    """`credits` is what it did to the balance, `set_aside` how much more (or less) is held and frozen through it."""

    id: str
    kind: str
    credits: Decimal
    balance: Decimal
    set_aside: Decimal
    reference: str
    note: str
    created_at: datetime


@dataclass(frozen=True)
class Transfer:
    id: str
    from_key: str
    to_key: str
    credits: Decimal
    created_at: datetime


def get_account() -> Flow[Account]:
    """The account behind this key, and what it may still spend."""
    told = yield from ask(Request("GET", "/v1/account"))
    return Account(
        id=told["id"],
        email=told["email"],
        created_at=moment(told["created_at"]),
        key=_read_key(told["key"]),
        credits=Balance(*(amount(told["credits"].get(name)) for name in ("available", "held", "frozen", "debt"))),
        raw=told,
    )


def get_usage(*, begin: datetime | None = None, end: datetime | None = None, group_by: Grouping = "day") -> Flow[Usage]:
    """Requests and credits over a window, by default the last thirty days. Moments have a time zone."""
    window = {"from": begin and begin.isoformat(), "to": end and end.isoformat(), "group_by": group_by}
    told = yield from ask(Request("GET", "/v1/usage", params=given(window)))
    rows = tuple(
        UsageRow(row["group"], row["requests"], row["succeeded"], row["failed"], amount(row["credits"]))
        for row in told["data"]
    )
    return Usage(moment(told["from"]), moment(told["to"]), told["group_by"], rows)


def ledger(*, limit: int | None = None) -> Stream[Transaction]:
    """What this key's credits did, newest first."""
    return Stream(follow_pages("/v1/credits/ledger", _read_transaction, limit=limit, params={}))


def transfer(
    *, from_key: str, to_key: str, credits: Decimal | int | str, idempotency_key: str | None = None
) -> Flow[Transfer]:
    """Move credits between your own keys; asks for the scope keys:write."""
    body = {"from_key": from_key, "to_key": to_key, "credits": str(credits)}
    told = yield from ask(with_key(Request("POST", "/v1/credits/transfers", json=body), idempotency_key))
    return Transfer(told["id"], told["from_key"], told["to_key"], amount(told["credits"]), moment(told["created_at"]))


def _read_key(told: dict[str, Any]) -> Key:
    return Key(
        id=told["id"],
        masked=told["masked"],
        name=told["name"],
        mode=told["mode"],
        scopes=tuple(told["scopes"]),
        created_at=moment(told["created_at"]),
        expires_at=moment(told.get("expires_at")),
    )


def _read_transaction(told: dict[str, Any]) -> Transaction:
    return Transaction(
        id=told["id"],
        kind=told["kind"],
        credits=amount(told["credits"]),
        balance=amount(told["balance"]),
        set_aside=amount(told["set_aside"]),
        reference=told.get("reference", ""),
        note=told.get("note", ""),
        created_at=moment(told["created_at"]),
    )
