"""A quote: what a file will cost, and a token by which that price table holds for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

from billing.prices import current_prices, prices_of
from billing.pricing import PriceTable
from extraction.errors import ExtractionError

VALID = timedelta(minutes=15)
SALT = "extraction.quote"


class QuoteExpired(ExtractionError):
    code = "quote_expired"


def give_quote(prices: PriceTable) -> tuple[str, datetime]:
    """The token, and until when it is good."""
    return signing.dumps(prices.version, salt=SALT), timezone.now() + VALID


def prices_for(quote: str | None) -> PriceTable:
    """The quoted price table, or today's. Raises QuoteExpired for a token that is old or not ours."""
    if quote is None:
        return current_prices()
    try:
        return prices_of(signing.loads(quote, salt=SALT, max_age=VALID))
    except signing.BadSignature:
        raise QuoteExpired("This quote is not valid (any more): ask for another, or leave it out.") from None
