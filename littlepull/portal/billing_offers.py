"""What can be bought here: the packs and plans that a configured provider sells, and who takes the money."""

from __future__ import annotations

from django.conf import settings

from billing.models import Product
from billing.providers.words import Provider
from billing.receipts import MERCHANTS

SETTINGS = {Provider.DODO: "DODO_PAYMENTS_API_KEY", Provider.PADDLE: "PADDLE_API_KEY"}
# Who is asked first, where both sell it: as the API does.
FIRST = {Product.Kind.TOP_UP: Provider.DODO, Product.Kind.PLAN: Provider.PADDLE}


def configured() -> list[Provider]:
    return [provider for provider, setting in SETTINGS.items() if getattr(settings, setting)]


def sellers(product: Product) -> list[Provider]:
    """The one that is asked first comes first."""
    refs = {Provider.DODO: product.dodo_ref, Provider.PADDLE: product.paddle_ref}
    selling = [provider for provider in configured() if refs[provider]]
    return sorted(selling, key=lambda provider: provider != FIRST[Product.Kind(product.kind)])


def offered() -> list[Product]:
    """Packs and plans together, the cheapest first."""
    active = Product.objects.filter(active=True).order_by("currency", "amount", "code")
    return [product for product in active if sellers(product)]


def merchant(provider: str) -> str:
    return MERCHANTS[Provider(provider)]
