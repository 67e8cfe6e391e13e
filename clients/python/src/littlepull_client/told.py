"""Words that the API tells everywhere: moments in RFC 3339, credits as decimal strings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, overload


@overload
def moment(told: str) -> datetime: ...
@overload
def moment(told: str | None) -> datetime | None: ...
def moment(told: str | None) -> datetime | None:
    # Python 3.10 does not know the Z.
    return datetime.fromisoformat(told.replace("Z", "+00:00")) if told else None


def amount(told: Any) -> Decimal:
    return Decimal(str(told or 0))
