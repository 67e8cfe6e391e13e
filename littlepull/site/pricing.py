"""The public page of prices: the same figures as GET /v1/prices, for people."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from billing.models import Price, Product
from billing.prices import Edition
from billing.pricing import format_credits, format_dollars, format_money
from littlepull.price_list import PricedModel, PriceList, gather
from littlepull.prices_api import render_margin
from littlepull.site.showing import show
from routing import catalogue

Item = Price.Item


async def pricing_page(request: HttpRequest) -> HttpResponse:
    known = await catalogue.fresh()
    told = await sync_to_async(gather)(known.live)
    return await show(request, "site/pricing.html", describe(told))


def describe(told: PriceList) -> dict[str, Any]:
    models = groupby(told.models, key=lambda model: model.offer.provider)
    return {
        "edition": told.edition,
        "work": _rows_of(told.edition),
        "announced": [(edition, _rows_of(edition)) for edition in told.announced],
        "margin": render_margin(told.edition),
        "packs": [_describe_product(one) for one in told.products if one.kind == Product.Kind.TOP_UP],
        "plans": [_describe_product(one) for one in told.products if one.kind == Product.Kind.PLAN],
        "providers": [(provider, [_describe_model(one) for one in some]) for provider, some in models],
    }


def _rows_of(edition: Edition) -> list[tuple[str, str, str, str]]:
    """What, a remark, credits, dollars."""
    credits = edition.table.credits
    minute = 60 * credits[Item.AUDIO_SECOND]
    second = {"second": _short(credits[Item.AUDIO_SECOND])}
    by_the_second = _("Charged by the second begun: %(second)s credits.") % second
    return [
        _row(_("A page of an image or document"), _("An image is one page."), credits[Item.PAGE]),
        _row(_("A minute of sound"), by_the_second, minute),
        _row(_("Making JSON of it, by our own mapper"), _("Nothing leaves the machine."), 0),
        _row(_("Making JSON of it, by a language model"), _("Once for each extraction."), credits[Item.LLM_MAPPING]),
    ]


def _row(what: str, remark: str, micro: int) -> tuple[str, str, str, str]:
    return what, remark, _short(micro), format_dollars(micro) if micro else _("free")


def _describe_product(product: Product) -> dict[str, str]:
    return {
        "name": product.name,
        "credits": _short(product.credits),
        "money": format_money(product.amount, product.currency),
    }


def _describe_model(model: PricedModel) -> dict[str, Any]:
    price = model.offer.price
    assert price is not None  # it is priced
    return {
        "name": model.offer.id.removeprefix(f"{model.offer.provider}/"),
        "input": format_dollars(price.input or 0),
        "cached": format_dollars(price.input or 0 if price.cached_input is None else price.cached_input),
        "output": format_dollars(price.output or 0),
        "version": price.version,
        "since": model.effective_at,
    }


def _short(micro: int) -> str:
    whole, _, places = format_credits(micro).partition(".")
    return f"{int(whole):,}" + (f".{places.rstrip('0')}" if int(places) else "")
