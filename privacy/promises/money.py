"""Of payments: amounts, dates and the providers' references. Cards never come here."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, Field

from billing.models import Payment, PaymentEvent, Refund, Subscription
from privacy.promises.promise import Finding, found

CARD_COLUMN = re.compile(r"card|(^|_)(pan|cvc|cvv|iban|bic|expiry|holder)(_|$)", re.IGNORECASE)
CARD_FIELD = re.compile(r"""autocomplete=["']?cc-|name=["']?(card|cvc|cvv|iban)""", re.IGNORECASE)
PERSON_COLUMN = re.compile(
    r"(^|_)(street|address|city|zip|postcode|postal|phone|birth|country|tax_id|holder)", re.IGNORECASE
)
LONGEST_REFERENCE = 100
ADDRESS_OF_THE_CHECKOUT = {"checkout_url"}  # the provider's page, to come back to
OUR_REASON = {"reason"}  # of a refund, in the words of staff
DIGITS_OF_A_CARD = re.compile(r"(?<!\d)\d{13,19}(?!\d)")


def payments_hold_metadata_only() -> Finding:
    faults, count = [], 0
    for model in (Payment, Subscription, Refund, PaymentEvent):
        for field in model._meta.concrete_fields:
            count += 1
            if field.name not in ADDRESS_OF_THE_CHECKOUT | OUR_REASON and _says_more_than_a_reference(field):
                faults.append(f"{model._meta.label}.{field.name} has room for more than a reference")
            if PERSON_COLUMN.search(field.name):
                faults.append(f"{model._meta.label}.{field.name} could hold where somebody lives")
    return found(f"{count} columns about payments: amounts, dates, states and references", faults)


def no_column_holds_cards() -> Finding:
    columns = [f"{m._meta.label}.{f.name}" for m in apps.get_models() for f in m._meta.concrete_fields]
    faults = [f"{name} could hold a card" for name in columns if CARD_COLUMN.search(name.rpartition(".")[2])]
    return found(f"{len(columns)} columns, none of them for cards or bank accounts", faults)


def no_card_number_is_stored() -> Finding:
    """References and notes about payments are searched for numbers that are a card's by length and check digit."""
    faults, searched = [], 0
    for model in (Payment, Subscription, Refund, PaymentEvent):
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, CharField)]
        for values in model._default_manager.values_list(*names).iterator(chunk_size=1000):
            searched += 1
            if any(_is_card(text) for text in values if text):
                faults.append(f"a row of {model._meta.label} holds what looks like the number of a card")
    return found(f"{searched} rows about payments searched for numbers of cards", sorted(set(faults)))


def no_form_asks_for_cards() -> Finding:
    pages = sorted(Path(settings.BASE_DIR).glob("*/templates/**/*.html"))
    faults = [f"{page.name} asks for a card" for page in pages if CARD_FIELD.search(page.read_text())]
    return found(f"{len(pages)} templates, none with a field for a card", faults)


def _says_more_than_a_reference(field: Field) -> bool:
    if isinstance(field, CharField):
        return (field.max_length or 0) > LONGEST_REFERENCE and not field.choices
    return field.get_internal_type() in {"TextField", "JSONField", "BinaryField"}


def _is_card(text: str) -> bool:
    return any(_passes_luhn(number) for number in DIGITS_OF_A_CARD.findall(text))


def _passes_luhn(number: str) -> bool:
    digits = [int(letter) for letter in reversed(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
