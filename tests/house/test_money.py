"""Money is whole numbers, and no card is known here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
OURS = {"accounts", "billing", "routing", "extraction", "privacy"}
OF_OTHER_THINGS = {"chores.py", "rehearsal", "receipt_paper.py"}  # seconds, places on a page
CARD = re.compile(r"card|iban|cvc|cvv|\bpan\b|last_?(4|four)|expiry|cardholder|account_number|sort_code")


def money_modules() -> list[Path]:
    billing = [path for path in (ROOT / "billing").rglob("*.py") if not OF_OTHER_THINGS & set(path.parts)]
    return [*billing, ROOT / "routing" / "costs.py"]


def floats_in(path: Path) -> list[str]:
    """Where a module could make a float.

    A Decimal divides exactly enough to be shown. Seconds of sound are one, rounded up before they meet a price.
    """
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "Decimal" not in ast.unparse(node.left):
            found.append(f"{path.name}:{node.lineno} divides")
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and path.name != "pricing.py":
            found.append(f"{path.name}:{node.lineno} has {node.value}")
        if isinstance(node, ast.Name) and node.id == "float" and path.name != "pricing.py":
            found.append(f"{path.name}:{node.lineno} says float")
    return found


def test_no_float_touches_money():
    modules = money_modules()
    assert len(modules) > 30
    assert not [fault for path in modules for fault in floats_in(path)]


def test_columns_of_money_are_whole_numbers():
    wrong = [
        field
        for model in apps.get_models()
        if model._meta.app_label in ("billing", "routing")
        for field in model._meta.concrete_fields
        if isinstance(field, models.FloatField | models.DecimalField)
    ]
    assert not wrong


def test_no_column_could_hold_a_card():
    names = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.get_fields()
    }
    assert not [name for name in names if CARD.search(name.lower())]


def test_what_is_kept_of_a_providers_event_is_the_allow_list():
    """Ids, amounts, dates and words: nothing that says who paid, or with what."""
    kept = {field.name for field in apps.get_model("billing", "PaymentEvent")._meta.concrete_fields}
    assert kept == {
        "id", "provider", "event_id", "type", "kind", "occurred_at", "received_at", "outcome", "digest", "order_id",
        "payment_ref", "refund_ref", "dispute_ref", "subscription_ref", "customer_ref", "product_ref", "invoice_ref",
        "amount", "currency", "status", "period_start", "period_end", "cancels_at",
    }  # fmt: skip
