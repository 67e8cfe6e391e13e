"""The first page: what the product does, shown on a document it has read, and what it promises, measured and costs."""

from __future__ import annotations

from typing import NamedTuple

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Price
from billing.prices import Edition, current_edition
from billing.pricing import format_dollars
from littlepull.site.example import SCHEMA, boxes, recorded, spell
from littlepull.site.showing import show

Item = Price.Item


class Measured(NamedTuple):
    """A figure of the README's tables, which say how it was taken."""

    what: Promise
    figure: str
    remark: Promise


ACCURACY = (
    Measured(_("Photographs of receipts"), "0.97", _("of all fields right or nearly, in 32 photographs")),
    Measured(_("Invoices as PDF"), "0.98", _("of all fields, in English, German and French")),
    Measured(_("Lines of invoices"), "0.97", _("of the items, with quantity and price")),
    Measured(_("Speech"), "7.4 %", _("wrong words, over seven languages, with the base model")),
)
SPEED = (
    Measured(_("Receipts"), "11.6", _("times as fast as EasyOCR")),
    Measured(_("Receipts"), "1.9", _("times as fast as RapidOCR, which finds the same")),
    Measured(_("Speech"), "2.8", _("times as fast as openai-whisper on the same weights")),
    Measured(_("Gateway"), "8.2", _("times the requests a second of LiteLLM’s proxy")),
)


async def home_page(request: HttpRequest) -> HttpResponse:
    example = recorded()
    context = {
        "schema": SCHEMA,
        "pieces": list(spell(example["data"])),
        "boxes": list(boxes(example["fields"])),
        "accuracy": ACCURACY,
        "speed": SPEED,
        "prices": _prices(await sync_to_async(current_edition)()),
    }
    return await show(request, "site/home.html", context)


def _prices(edition: Edition) -> list[tuple[Promise, str]]:
    credits = edition.table.credits
    return [
        (_("a page of an image or document"), format_dollars(credits[Item.PAGE])),
        (_("a minute of sound"), format_dollars(60 * credits[Item.AUDIO_SECOND])),
    ]


urlpatterns = [path("", home_page, name="home")]
