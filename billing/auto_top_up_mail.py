"""What the owner of a wallet is told about auto top-up."""

from __future__ import annotations

from django.conf import settings

from accounts.mail import send_best_effort
from billing.models import AutoTopUp

DECLINED = """\
Hello,

credits ran low on your key {key}, and the payment to buy more was declined.
We try again in an hour at the earliest. Your payment method can be changed at the
payment provider: {site}/portal/billing leads there, and so does the address that
GET /v1/subscriptions/{mandate}/portal answers with.

LittlePull
"""
SWITCHED_OFF = """\
Hello,

auto top-up has bought credits for your key {key} three times within ten minutes.
That is more than usual, so we have switched it off before it buys again. If all is as you
want it, switch it on again at {site}/portal/billing (or with PUT /v1/auto-top-up);
if not, look at what the key is used for, or reroll it.

LittlePull
"""


def tell_declined(rule: AutoTopUp) -> None:
    _tell(rule, "A payment for credits was declined", DECLINED)


def tell_switched_off(rule: AutoTopUp) -> None:
    _tell(rule, "Auto top-up has been switched off", SWITCHED_OFF)


def _tell(rule: AutoTopUp, subject: str, text: str) -> None:
    subscription = rule.subscription
    key = subscription.wallet.api_key.masked
    filled = text.format(key=key, site=settings.SITE_URL, mandate=subscription.pk)
    send_best_effort(subscription.user.email, subject, filled, about=f"auto top-up of wallet {rule.pk}")
