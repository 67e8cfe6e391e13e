"""What a provider's refusal means to whoever asked: what happened, that nothing was charged, what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _

from billing.errors import BillingError
from billing.providers.errors import NotConfigured, NotOffered, ProviderError, ProviderUnavailable
from littlepull.portal.billing_offers import merchant


def explain(refusal: BillingError) -> str:
    """Of an order or of a wish about a plan."""
    if not isinstance(refusal, ProviderError):
        return _("This is not sold here, or not by that provider. Nothing was charged: choose another.")
    who = {"provider": merchant(refusal.provider)}
    if isinstance(refusal, ProviderUnavailable):
        return _("%(provider)s does not answer. Nothing was charged: try again in a moment.") % who
    if isinstance(refusal, NotConfigured):
        return _("Buying through %(provider)s is not switched on here. Nothing was charged.") % who
    if isinstance(refusal, NotOffered):
        return _("%(provider)s does not offer that. Nothing was charged: choose another provider.") % who
    return _("%(provider)s has refused this. Nothing was charged: try another way, or ask us.") % who
