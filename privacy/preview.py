"""What an erasure would do, table by table, and a digest of it: whoever approves, approves exactly that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.subjects import refer_to
from billing import erasure as billing
from privacy.data_map import Act, Row
from privacy.holdings import find_rows, personal_rows

FIRST = (Act.ERASE, Act.MASK, Act.KEEP)


@dataclass(frozen=True, slots=True)
class Line:
    row: Row
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`credits_left`: micro-credits that would be lost. `obstacles`: what has to be done before.

    `elsewhere`: payment providers that hold a record of the customer, and are asked to mask it.
    """

    lines: list[Line]
    credits_left: int
    obstacles: list[str]
    elsewhere: list[str]
    digest: str

    def to_json(self) -> dict[str, Any]:
        """In English whatever the reader speaks: it is a record."""
        with translation.override("en"):
            tables = [
                {
                    "table": line.row.table,
                    "holds": str(line.row.holds),
                    "count": line.count,
                    "act": line.row.act.value,
                    "ground": str(line.row.ground),
                }
                for line in self.lines
            ]
        return {"tables": tables, "credits_left": self.credits_left, "elsewhere": self.elsewhere}


def reckon(user: User) -> Preview:
    """As things stand now; only tables in which there is anything."""
    found = [(row, _measure(row, user)) for row in personal_rows()]
    lines = [Line(row, count) for row, (count, _newest) in found if count]
    lines.sort(key=lambda line: FIRST.index(line.row.act))
    credits_left = billing.credits_left(user)
    marks = [(row.table, count, str(newest)) for row, (count, newest) in found if not row.fleeting]
    digest = _digest([refer_to(user.email), credits_left, marks])
    elsewhere = sorted({provider for provider, _ref in billing.customers(user)})
    return Preview(lines, credits_left, find_obstacles(user), elsewhere, digest)


def find_obstacles(user: User) -> list[str]:
    obstacles = billing.find_obstacles(user)
    if user.is_staff:
        obstacles.append(_("This is a staff account: another operator has to take its rights away first."))
    return obstacles


def _measure(row: Row, user: User) -> tuple[int, Any]:
    """How many, and the newest: a row deleted and another made would go unnoticed by the number alone."""
    told = find_rows(row, user).order_by().aggregate(count=Count("pk"), newest=Max("pk"))
    return told["count"], told["newest"]


def _digest(facts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()
