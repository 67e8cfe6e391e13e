"""What keys spend in a month, and the caps that their owners set on it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db.models import F

from billing.errors import SpendingCapReached
from billing.models import Spending, SpendingCap


def month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def spend(api_key_id: str, credits: int, moment: datetime) -> None:
    """With the hold, under the wallet's lock, so that two cannot pass the cap together. Raises SpendingCapReached."""
    cap = SpendingCap.objects.filter(api_key_id=api_key_id).first()
    if cap is not None and credits > (left := max(0, cap.credits - spent(api_key_id, moment))):
        raise SpendingCapReached(required=credits, available=left)
    month = month_of(moment)
    if not Spending.objects.filter(api_key_id=api_key_id, month=month).update(credits=F("credits") + credits):
        Spending.objects.create(api_key_id=api_key_id, month=month, credits=credits)


def give_back(api_key_id: str | None, credits: int, moment: datetime) -> None:
    """To the month in which it was set aside."""
    if api_key_id and credits:
        Spending.objects.filter(api_key_id=api_key_id, month=month_of(moment)).update(credits=F("credits") - credits)


def spent(api_key_id: str, moment: datetime) -> int:
    rows = Spending.objects.filter(api_key_id=api_key_id, month=month_of(moment))
    return rows.values_list("credits", flat=True).first() or 0


def room(api_key_id: str, moment: datetime) -> int | None:
    """Micro-credits that the cap still leaves; None: there is none."""
    cap = SpendingCap.objects.filter(api_key_id=api_key_id).first()
    return None if cap is None else max(0, cap.credits - spent(api_key_id, moment))
