"""The overview of billing: gathered in a number of queries that does not grow with the account, and shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import ApiKey, User
from billing import spending
from billing.keys import weigh
from billing.models import AutoTopUp, BalanceAlert, Payment, Product, Spending, Subscription, Wallet
from billing.subscriptions import OVER
from littlepull.portal.access import PortalRequest, View
from littlepull.portal.billing_forms import (
    AlertForm,
    AutoTopUpForm,
    BuyForm,
    CapForm,
    KeyedForm,
    MoveForm,
    StatementForm,
    SubscribeForm,
)
from littlepull.portal.billing_offers import SETTINGS, configured, offered, sellers
from littlepull.portal.billing_words import payment_state, rule_state, subscription_state

SHOWN, RECENT = 200, 10
AMOUNTS = ("available", "held", "frozen", "debt")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`wallet` None: it pays from another, or has had no credits yet."""

    key: ApiKey
    wallet: Wallet | None
    spent: int
    cap: int | None
    ended: bool

    @property
    def left(self) -> int:
        return max(0, (self.cap or 0) - self.spent)


def posted(view: View) -> View:
    """For POST alone. After signing in again a form's address is opened by GET: it leads to the overview."""

    @wraps(view)
    def guarded(request: PortalRequest, *arguments: object, **named: object) -> HttpResponse:
        return view(request, *arguments, **named) if request.method == "POST" else redirect("billing")

    return guarded


def show(request: PortalRequest, **said: Any) -> HttpResponse:
    """`said`: forms as they were refused, in place of empty ones; or what a plan was refused."""
    user, products, refusals = request.user, offered(), said.pop("plan_refusals", {})
    refused = [form.section for form in said.values()] or (["plan"] if refusals else [])
    packs = [one for one in products if one.kind == Product.Kind.TOP_UP]
    plans = [one for one in products if one.kind == Product.Kind.PLAN]
    shown = {
        "section": "billing",
        "configured": configured(),
        "settings_names": list(SETTINGS.values()),
        "packs": packs,
        "plans": plans,
        "has_live_key": KeyedForm.keys_of(user).exists(),
        "refused": next(iter(refused), ""),
        "rows": key_rows(user),
        "total": totals(user),
        "subscriptions": _plans_of(user, plans, refusals),
        "payments": [(one, payment_state(one)) for one in recent_payments(user)],
        "alerts": BalanceAlert.objects.filter(wallet__api_key__user=user)
        .select_related("wallet__api_key")
        .order_by("wallet", "pk")[:SHOWN],
        "rules": _rules_of(user),
        "buy_form": BuyForm(user=user, products=packs),
        "plan_form": SubscribeForm(user=user, products=plans),
        "auto_form": AutoTopUpForm(user=user, products=packs),
        "alert_form": AlertForm(user=user),
        "cap_form": CapForm(user=user),
        "move_form": MoveForm(user=user),
        "statement_form": StatementForm(user=user),
    }
    return render(request, "portal/billing.html", shown | said)


def key_rows(user: User) -> list[KeyRow]:
    """Live keys in use, and those that have ended and left credits behind."""
    live = ApiKey.objects.owned_by(user).filter(mode=ApiKey.Mode.LIVE)
    in_use = ApiKey.objects.usable().owned_by(user).filter(mode=ApiKey.Mode.LIVE)
    usable = list(in_use.select_related("pays_from").order_by("-pk")[:SHOWN])
    money = weigh(usable)
    wallets = {one.api_key_id: one for one in Wallet.objects.filter(api_key__in=[key.pk for key in usable])}
    rows = [KeyRow(key, wallets.get(key.pk), money[key.pk].spent, money[key.pk].cap, False) for key in usable]
    with_rest = Q(available__gt=0) | Q(held__gt=0) | Q(frozen__gt=0) | Q(debt__gt=0)
    left = Wallet.objects.filter(with_rest, api_key__in=live).exclude(api_key__in=in_use)
    return rows + [KeyRow(one.api_key, one, 0, None, True) for one in left.select_related("api_key")[:SHOWN]]


def totals(user: User) -> dict[str, int]:
    wallets = Wallet.objects.filter(api_key__user=user, api_key__mode=ApiKey.Mode.LIVE)
    sums = wallets.aggregate(**{name: Sum(name, default=0) for name in AMOUNTS})
    month = spending.month_of(timezone.now())
    spent = Spending.objects.filter(api_key__user=user, month=month).aggregate(total=Sum("credits", default=0))
    return {**sums, "spent": spent["total"]}


def recent_payments(user: User) -> QuerySet[Payment]:
    rows = Payment.objects.filter(user=user).select_related("receipt", "product", "wallet__api_key")
    return rows.order_by("-pk")[:RECENT]


def _plans_of(user: User, plans: list[Product], refusals: dict[str, str]) -> list[dict[str, Any]]:
    """What somebody has, and what can be done about it."""
    rows = Subscription.objects.filter(user=user).exclude(product=None).exclude(status__in=OVER)
    rows = rows.select_related("product", "wallet__api_key").order_by("-pk")[:SHOWN]
    return [
        {
            "plan": one,
            "state": subscription_state(one),
            "others": [plan for plan in plans if plan != one.product and one.provider in sellers(plan)],
            "refusal": refusals.get(one.pk),
        }
        for one in rows
    ]


def _rules_of(user: User) -> list[dict[str, Any]]:
    rows = AutoTopUp.objects.filter(wallet__api_key__user=user)
    rows = rows.select_related("wallet__api_key", "product", "subscription").order_by("-pk")[:SHOWN]
    return [{"rule": one, "state": rule_state(one)} for one in rows]
