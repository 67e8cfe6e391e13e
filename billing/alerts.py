"""Telling an owner that credits run low (F86): once each time they fall below a threshold, by mail and webhook."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Subquery, Sum
from django.utils import timezone

from accounts import webhooks
from accounts.mail import send_best_effort
from billing.errors import TooManyAlerts
from billing.models import BalanceAlert, Entry, Transaction, Wallet
from billing.movement import lock
from billing.pricing import format_credits

MOST_ALERTS = 10
INCOMING = (Transaction.Kind.GRANT, Transaction.Kind.TRANSFER)
TEXT = """\
Hello,

your key {key} has {available} credits left, below the {threshold} at which you wanted to be told.

Buy credits, move some from another key, or have them bought by themselves: {site}/portal/billing
(through the API: POST /v1/payments, POST /v1/credits/transfers, PUT /v1/auto-top-up).

LittlePull
"""


def add_alert(wallet: Wallet, *, credits: int | None, percent: int | None) -> BalanceAlert:
    """One that there is already is answered as it is. Raises TooManyAlerts."""
    if there := wallet.alerts.filter(credits=credits, percent=percent).first():
        return there
    if wallet.alerts.count() >= MOST_ALERTS:
        raise TooManyAlerts(f"A key has at most {MOST_ALERTS} alerts.")
    try:
        with transaction.atomic():
            return wallet.alerts.create(credits=credits, percent=percent)
    except IntegrityError:
        return wallet.alerts.get(credits=credits, percent=percent)


def tell_crossings() -> int:
    """How many were told. One whose credits are above again is armed for the next time."""
    told = 0
    for alert in BalanceAlert.objects.select_related("wallet").order_by("wallet_id"):
        below = alert.wallet.available < threshold_of(alert)
        if below and alert.told_at is None:
            told += _tell(alert)
        elif not below and alert.told_at is not None:
            BalanceAlert.objects.filter(pk=alert.pk).update(told_at=None)
    return told


def threshold_of(alert: BalanceAlert) -> int:
    """Micro-credits. A percentage is of what came in last."""
    if alert.credits is not None:
        return alert.credits
    came_in = Entry.objects.filter(
        wallet=alert.wallet, account=Entry.Account.AVAILABLE, credits__gt=0, transaction__kind__in=INCOMING
    )
    last = came_in.order_by("-transaction_id").values("transaction_id")[:1]  # may have come in several lots
    total = came_in.filter(transaction_id=Subquery(last)).aggregate(total=Sum("credits"))["total"] or 0
    return total * (alert.percent or 0) // 100


@transaction.atomic
def _tell(alert: BalanceAlert) -> bool:
    """Judged again under the wallet's lock, so that of several workers one tells."""
    wallet = lock(alert.wallet_id)
    threshold = threshold_of(alert)
    if wallet.available >= threshold:
        return False
    if not BalanceAlert.objects.filter(pk=alert.pk, told_at=None).update(told_at=timezone.now()):
        return False
    said = {"available": format_credits(wallet.available), "threshold": format_credits(threshold)}
    key = wallet.api_key
    webhooks.enqueue(key.user, "credits.low", {"alert_id": alert.pk, "key_id": key.pk, **said})
    transaction.on_commit(lambda: _mail(wallet, said))
    return True


def _mail(wallet: Wallet, said: dict[str, str]) -> None:
    key = wallet.api_key
    text = TEXT.format(key=key.masked, site=settings.SITE_URL, **said)
    send_best_effort(key.user.email, "Your credits run low", text, about=f"low credits of {key.pk}")
