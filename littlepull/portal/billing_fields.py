"""Fields of the billing forms: keys of one's own, products, and credits as people write them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from billing.models import Product, Wallet
from billing.pricing import MICRO, format_credits
from littlepull.templatetags.portal import shorten

MOST_CREDITS = 10**9
LIKELIEST = (F("revoked_at").asc(nulls_first=True), F("last_used_at").desc(nulls_last=True), "-pk")


def live_keys(user: User) -> QuerySet[ApiKey]:
    """Each with what is free in a wallet of its own, None where there is none; the one last used first."""
    free = Wallet.objects.filter(api_key=OuterRef("pk")).values("available")
    own = ApiKey.objects.owned_by(user).filter(mode=ApiKey.Mode.LIVE, pays_from=None)
    return own.annotate(free=Subquery(free)).order_by(*LIKELIEST)


class OwnKey(forms.ModelChoiceField):
    """One of the user's keys. `widest`: all of theirs, to tell one that does not fit from one that is not theirs."""

    widest: QuerySet[ApiKey] = ApiKey.objects.none()

    def __init__(self, **named: Any) -> None:
        super().__init__(queryset=ApiKey.objects.none(), empty_label=None, **named)

    def offer(self, keys: QuerySet[ApiKey], *, of: User) -> None:
        self.queryset, self.widest = keys, ApiKey.objects.owned_by(of)

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and not self.widest.filter(pk=value).exists():
            raise Http404
        return super().to_python(value)

    def label_from_instance(self, key: Any) -> str:
        name, free = key.name or key.masked, getattr(key, "free", None)
        if free is None:
            return name
        return _("%(name)s · %(amount)s credits") % {"name": name, "amount": shorten(format_credits(free))}


class ProductChoice(forms.ModelChoiceField):
    """One of the products that are offered, the cheapest first."""

    def __init__(self, **named: Any) -> None:
        super().__init__(queryset=Product.objects.none(), empty_label=None, **named)

    def offer(self, products: Iterable[Product]) -> None:
        self.queryset = Product.objects.filter(pk__in=[one.pk for one in products]).order_by("currency", "amount")

    def label_from_instance(self, product: Any) -> str:
        return product.name


class CreditsField(forms.DecimalField):
    """Cleaned they are micro-credits, exactly."""

    def __init__(self, **named: Any) -> None:
        super().__init__(min_value=Decimal("0.000001"), max_value=MOST_CREDITS, decimal_places=6, **named)
        self.widget.attrs |= {"inputmode": "decimal", "step": "any"}

    def clean(self, value: Any) -> Any:
        credits = super().clean(value)
        return None if credits is None else int(credits * MICRO)
