"""POST /v1/extractions/quote: what it would cost, before it is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse
from ninja import Form, Router, Schema
from pydantic import Field

from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from billing.prices import current_prices
from billing.pricing import format_credits
from extraction import forms, jobs, quotes
from extraction.accepting import examine
from extraction.errors import BadForm
from extraction.mapping.choice import choose_llm
from extraction.orders import Order
from extraction.rendering import MediaOut, render_time

router = Router(tags=["Extractions"])
MOST_PAGES, MOST_SECONDS = 100_000, 10_000_000.0


class QuoteOut(Schema):
    """At most `credits`; as `options.quote` the token keeps these prices until `valid_until`."""

    credits: str
    price_version: int
    prices: dict[str, str]
    media: MediaOut
    quote: str = Field(description="For options.quote")
    valid_until: datetime


@router.post(
    "/extractions/quote",
    response=QuoteOut,
    summary="What a file, or so many pages or seconds, would cost",
    openapi_extra=forms.describe(),
    auth=ApiKeyAuth(Scope.EXTRACTIONS_WRITE),
)
async def create_quote(
    request: KeyRequest,
    url: Annotated[str | None, Form()] = None,
    pages: Annotated[int | None, Form(ge=1, le=MOST_PAGES)] = None,
    seconds: Annotated[float | None, Form(gt=0, le=MOST_SECONDS)] = None,
    options: Annotated[str | None, Form()] = None,
    password: Annotated[str | None, Form()] = None,
) -> HttpResponse:
    order = Order(output_schema={}, options=forms.parse_options(options), password=password)
    llm = choose_llm(order.options.mapper, test=request.auth.is_test)
    media = await _measure(request, order, url, pages, seconds)
    return JsonResponse(await sync_to_async(_quote)(media, llm_mapping=llm is not None, free=request.auth.is_test))


async def _measure(
    request: KeyRequest, order: Order, url: str | None, pages: int | None, seconds: float | None
) -> dict[str, Any]:
    if (pages is None) != (seconds is None):
        return {"type": "", "bytes": 0, "pages": pages, "seconds": seconds}
    if pages is not None:
        raise BadForm("Send a file, a url, pages or seconds: one of them.")
    facts = (await examine(forms.take_source(forms.get_upload(request), url), order)).facts
    selected = order.options.selected_pages(facts.pages or 0)
    count = len(selected) if selected else facts.pages
    return {"type": facts.media_type, "bytes": facts.bytes, "pages": count, "seconds": facts.seconds}


def _quote(media: dict[str, Any], *, llm_mapping: bool, free: bool) -> dict[str, Any]:
    prices = current_prices()
    most = jobs.price_of(prices, pages=media["pages"], seconds=media["seconds"], llm_mapping=llm_mapping)
    token, until = quotes.give_quote(prices)
    return {
        "credits": format_credits(0 if free else most),
        "price_version": prices.version,
        "prices": {item: format_credits(credits) for item, credits in prices.credits.items()},
        "media": media,
        "quote": token,
        "valid_until": render_time(until),
    }
