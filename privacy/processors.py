"""Who else receives data: each third party by name, what it gets and what for, and whether this installation uses it.

The policy lists all of them; pages mark those in use. One that is configured here and not on this list is a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from privacy.data_map.row import Words
from routing.models import Provider

MODEL_CALLS = _("calls of language models: through the gateway, and for mapping where you choose a model")
PROMPTS = _("prompts, and recognized text where a model maps it; no name, no address, no account")
PAYING = _("takes payments, as the merchant of record, and issues invoices")
PAYER = _("your e-mail address and what you buy; card data goes to it alone and never to us")
SIGNING_IN = _("confirms who you are, if you choose to sign in by it")
ASKED_ONLY = _("that you sign in here; it tells us your name, e-mail address and picture")
MAILING = _("delivers the mails we send you")
MAILED = _("your e-mail address and the mail")
OWN_DUTY = _("as long as its own bookkeeping duty obliges it")
OWN_POLICY = _("by its own policy, as your provider")
UNTIL_DELIVERED = _("until the mail is delivered")


@dataclass(frozen=True, slots=True)
class Processor:
    """`keeps`: for how long, as far as the contract or its own statement says. `source`: where it says so."""

    code: str
    name: str
    does: Words
    receives: Words
    keeps: Words
    in_use: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    does: Words
    receives: Words
    keeps: Words  # of a vendor of model calls the catalogue says it
    is_used: Callable[[str], bool]


def _has_app(code: str) -> bool:
    return bool(settings.SOCIALACCOUNT_PROVIDERS.get(code, {}).get("APPS"))


def _is_vendor(code: str) -> bool:
    return code in settings.LLM_PROVIDERS


KNOWN = {
    "dodo": _Known("Dodo Payments", PAYING, PAYER, OWN_DUTY, lambda _code: bool(settings.DODO_PAYMENTS_API_KEY)),
    "paddle": _Known("Paddle", PAYING, PAYER, OWN_DUTY, lambda _code: bool(settings.PADDLE_API_KEY)),
    "anthropic": _Known("Anthropic", MODEL_CALLS, PROMPTS, "", _is_vendor),
    "together": _Known("Together AI", MODEL_CALLS, PROMPTS, "", _is_vendor),
    "fireworks": _Known("Fireworks AI", MODEL_CALLS, PROMPTS, "", _is_vendor),
    "groq": _Known("Groq", MODEL_CALLS, PROMPTS, "", _is_vendor),
    "google": _Known("Google", SIGNING_IN, ASKED_ONLY, OWN_POLICY, _has_app),
    "github": _Known("GitHub", SIGNING_IN, ASKED_ONLY, OWN_POLICY, _has_app),
    "mail": _Known("The mail relay", MAILING, MAILED, UNTIL_DELIVERED, lambda _code: "smtp" in settings.EMAIL_BACKEND),
}
OURS = frozenset({"selfhosted", "scripted"})  # servers of the operator: nobody else receives anything


def list_processors() -> list[Processor]:
    vendors = {vendor.name: vendor for vendor in Provider.objects.all()}
    return [_describe(code, known, vendors.get(code)) for code, known in KNOWN.items()]


def unlisted_processors() -> set[str]:
    """Configured here, and named nowhere: there must be none."""
    return set(settings.LLM_PROVIDERS) - set(KNOWN) - OURS


def _describe(code: str, known: _Known, vendor: Provider | None) -> Processor:
    keeps = known.keeps or _as_stated(vendor)
    source = vendor.source if vendor is not None else ""
    return Processor(code, known.name, known.does, known.receives, keeps, known.is_used(code), source)


def _as_stated(vendor: Provider | None) -> str:
    """By the vendor's own words, as the catalogue has them: what it does not say is not made up."""
    days = vendor.retention_days if vendor is not None else None
    if days is None:
        kept = gettext("It does not say for how long.")
    elif days == 0:
        kept = gettext("Not at all.")
    else:
        kept = gettext("At most %(days)d days, against fraud and abuse.") % {"days": days}
    trains = vendor.trains if vendor is not None else None
    training = {False: gettext("It does not train models on it."), True: gettext("It trains models on it.")}
    return f"{kept} {training[trains]}" if trains is not None else kept
