"""A key with what it may spend: made, and described, the same way for the API and for the portal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import api_keys, mail
from accounts.models import ApiKey, User
from billing import spending
from billing.errors import KeyRefused
from billing.models import Spending, SpendingCap, Wallet


@dataclass(frozen=True, slots=True)
class KeyMoney:
    """Micro-credits. `available`: of the key it pays from."""

    available: int
    spent: int
    cap: int | None


@transaction.atomic
def open_key(
    user: User,
    *,
    mode: str,
    name: str = "",
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    payer: ApiKey | None = None,
    cap: int | None = None,
) -> tuple[ApiKey, str]:
    """The key and its plaintext; its owner gets a mail that there is one. Raises KeyRefused."""
    check_expiry(expires_at)
    if payer is not None and (mode != ApiKey.Mode.LIVE or payer.is_test or payer.pays_from_id):
        raise KeyRefused(_("A live key can pay from another live key that has credits of its own."))
    key, plaintext = api_keys.create_key(user, mode=mode, name=name, scopes=scopes, expires_at=expires_at)
    if payer is not None:
        ApiKey.objects.filter(pk=key.pk).update(pays_from=payer)
    set_cap(key, cap)
    transaction.on_commit(partial(tell_of_new_key, key))
    return key, plaintext


def check_expiry(moment: datetime | None) -> datetime | None:
    """Raises KeyRefused for one that is past."""
    if moment is not None and moment <= timezone.now():
        raise KeyRefused(_("A key's expires_at lies ahead: revoke it to end it now."))
    return moment


def set_cap(key: ApiKey, credits: int | None) -> None:
    """In a calendar month (UTC); None takes it away."""
    if credits is None:
        SpendingCap.objects.filter(api_key=key).delete()
    else:
        SpendingCap.objects.update_or_create(api_key=key, defaults={"credits": credits})


def weigh(keys: Sequence[ApiKey]) -> dict[str, KeyMoney]:
    """By the key's id; three queries, however many keys."""
    ids = [key.pk for key in keys]
    payers = {key.pays_from_id or key.pk for key in keys}
    free = dict(Wallet.objects.filter(api_key__in=payers).values_list("api_key", "available"))
    caps = dict(SpendingCap.objects.filter(api_key__in=ids).values_list("api_key", "credits"))
    month = spending.month_of(timezone.now())
    spent = dict(Spending.objects.filter(api_key__in=ids, month=month).values_list("api_key", "credits"))
    return {
        key.pk: KeyMoney(free.get(key.pays_from_id or key.pk, 0), spent.get(key.pk, 0), caps.get(key.pk))
        for key in keys
    }


def tell_of_new_key(key: ApiKey) -> None:
    text = render_to_string("billing/mail/new_key.txt", {"key": key})
    mail.send_best_effort(key.user.email, _("A new API key of yours at LittlePull"), text, about=f"new {key.pk}")
