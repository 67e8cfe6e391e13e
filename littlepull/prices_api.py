"""GET /v1/prices: public, every price with its version and the day from which it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field

from billing.models import Price, Product
from billing.prices import Edition
from billing.pricing import format_credits
from billing.providers.words import Provider
from littlepull.price_list import PricedModel, PriceList, gather
from routing import catalogue

router = Router(tags=["Prices"])
Credits = Annotated[str, Field(pattern=r"^\d+\.\d{6}$", description="Credits; a credit is a US cent")]
Item = Price.Item
UNITS = {Item.PAGE: "page", Item.AUDIO_SECOND: "second", Item.LLM_MAPPING: "extraction"}


class WorkPriceOut(Schema):
    item: Literal["page", "audio_second", "llm_mapping"]
    description: str
    unit: Literal["page", "second", "extraction"]
    credits: Credits
    credits_per_minute: Credits | None = Field(description="Of sound. Charged by the second begun.")


class TableOut(Schema):
    version: int = Field(description="Quotes and charges name it.")
    effective_at: str
    items: list[WorkPriceOut]
    margin_percent: str = Field(description="On the prices of model providers; in the prices of models already.")


class ModelPriceOut(Schema):
    """Credits for a million tokens, margin included. Null: as other input."""

    id: str
    provider: str
    version: int
    effective_at: str
    input: Credits
    cached_input: Credits | None
    cache_write: Credits | None
    output: Credits


class ProductOut(Schema):
    code: str
    kind: Literal["top_up", "plan"]
    name: str
    credits: Credits = Field(description="For a plan: each month.")
    amount: int = Field(description="Before tax, in the currency's smallest unit.")
    currency: str
    providers: list[Provider] = Field(description="Where it can be paid for.")


class PricesOut(TableOut):
    credit: dict[str, str] = Field(description="What one credit is worth.")
    announced: list[TableOut] = Field(description="Published, and not in effect yet.")
    models: list[ModelPriceOut]
    products: list[ProductOut]


@router.get("/prices", response=PricesOut, auth=None, summary="Every price, with its version: public")
async def get_prices(
    request: HttpRequest, version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="A past one")] = None
) -> HttpResponse:
    known = await catalogue.fresh()
    try:
        told = await sync_to_async(gather)(known.live, version=version)
    except LookupError:
        raise Http404 from None
    response = JsonResponse(render(told))
    response["Cache-Control"] = "public, max-age=300"
    return response


def render(told: PriceList) -> dict[str, Any]:
    return {
        **_render_table(told.edition),
        "credit": {"amount": "0.01", "currency": "USD"},
        "announced": [_render_table(edition) for edition in told.announced],
        "models": [_render_model(model) for model in told.models],
        "products": [_render_product(product) for product in told.products],
    }


def _render_table(edition: Edition) -> dict[str, Any]:
    credits = edition.table.credits
    minute = 60 * credits[Item.AUDIO_SECOND]
    return {
        "version": edition.table.version,
        "effective_at": _stamp(edition.effective_at),
        "items": [
            {
                "item": item.value,
                "description": item.label,
                "unit": unit,
                "credits": format_credits(credits[item]),
                "credits_per_minute": format_credits(minute) if item == Item.AUDIO_SECOND else None,
            }
            for item, unit in UNITS.items()
        ],
        "margin_percent": render_margin(edition),
    }


def render_margin(edition: Edition) -> str:
    """As a percentage, exactly."""
    margin = format_credits(100 * edition.table.credits.get(Item.GATEWAY_MARGIN, 0))
    return margin.rstrip("0").rstrip(".")


def _render_model(model: PricedModel) -> dict[str, Any]:
    price = model.offer.price
    amounts = {name: getattr(price, name) for name in ("input", "cached_input", "cache_write", "output")}
    return {
        "id": model.offer.id,
        "provider": model.offer.provider,
        "version": getattr(price, "version", 0),
        "effective_at": _stamp(model.effective_at),
        **{name: None if amount is None else format_credits(amount) for name, amount in amounts.items()},
    }


def _render_product(product: Product) -> dict[str, Any]:
    refs = {Provider.DODO: product.dodo_ref, Provider.PADDLE: product.paddle_ref}
    return {
        "code": product.code,
        "kind": product.kind,
        "name": product.name,
        "credits": format_credits(product.credits),
        "amount": product.amount,
        "currency": product.currency,
        "providers": [provider.value for provider, ref in refs.items() if ref],
    }


def _stamp(moment: datetime) -> str:
    return moment.isoformat()
