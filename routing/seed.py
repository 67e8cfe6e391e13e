"""The catalogue's file put into the tables: what is new is added, what is news is changed, nothing is deleted.

A row that the operator has looked at since the file was read stays as it is. Prices and scores are never changed:
a new one is a new version, and a price of the operator's own stays in effect until the file has a new one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.db import transaction

FILE = Path(__file__).with_name("data") / "catalogue.json"
DOLLAR = 100_000_000  # micro-credits: a credit is a cent
PRICES = ("input", "cached_input", "cache_write", "output")
OF_PROVIDER = ("adapter", "base_url", "region", "retention_days", "trains", "source")
OF_MODEL = (
    "upstream_id",
    "context_tokens",
    "max_output_tokens",
    "tools",
    "structured",
    "vision",
    "streaming",
    "source",
)


@dataclass(slots=True)
class Loaded:
    """How many rows were made or changed."""

    providers: int = 0
    models: int = 0
    prices: int = 0
    scores: int = 0


def seed(apps: Any, schema_editor: Any) -> None:
    """For a migration's RunPython: a fresh installation knows the shipped catalogue."""
    load(read_file(FILE), apps)


def read_file(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@transaction.atomic
def load(document: Mapping[str, Any], apps: Any = installed) -> Loaded:
    """`apps`: where the tables are, the installed ones or a migration's."""
    read_on = date.fromisoformat(document["read"])
    loaded = Loaded()
    provider_table, model_table = apps.get_model("routing", "Provider"), apps.get_model("routing", "LanguageModel")
    for entry in document["providers"]:
        facts = {name: entry[name] for name in OF_PROVIDER}
        loaded.providers += _put(provider_table, entry["name"], facts, read_on)
    for entry in document["models"]:
        facts = {name: entry[name] for name in OF_MODEL}
        provider_name = entry["id"].partition("/")[0]
        loaded.models += _put(model_table, entry["id"], facts | {"provider_id": provider_name}, read_on)
        loaded.prices += _add_price(apps.get_model("routing", "ModelPrice"), entry["id"], entry["price"])
    loaded.scores = _add_scores(apps.get_model("routing", "ModelQuality"), document)
    return loaded


def micro_per_million(dollars: str | None) -> int | None:
    """Dollars for a million tokens, as vendors print them, in micro-credits; exactly."""
    if dollars is None:
        return None
    micro = Decimal(dollars) * DOLLAR
    if micro != int(micro) or micro < 0:
        raise ValueError("A price has at most eight decimal places and is not below zero.")
    return int(micro)


def _put(table: Any, key: str, facts: dict[str, Any], read_on: date) -> bool:
    row = table.objects.filter(pk=key).first()
    if row is None:
        table.objects.create(pk=key, checked_on=read_on, **facts)
        return True
    if row.checked_on is not None and row.checked_on > read_on:
        return False
    news = {name: value for name, value in facts.items() if getattr(row, name) != value}
    if news:
        table.objects.filter(pk=key).update(checked_on=read_on, **news)
    return bool(news)


def _add_price(table: Any, model: str, price: Mapping[str, Any]) -> bool:
    """A new version, where the file says something else than at its last word."""
    amounts = {name: micro_per_million(price[name]) for name in PRICES}
    versions = table.objects.filter(model_id=model).order_by("-version")
    newest = versions.first()
    last_word = versions.filter(source=price["source"]).first() or newest
    if last_word is not None and all(getattr(last_word, name) == amount for name, amount in amounts.items()):
        return False
    version = 1 if newest is None else newest.version + 1
    table.objects.create(model_id=model, version=version, source=price["source"], **amounts)
    return True


def _add_scores(table: Any, document: Mapping[str, Any]) -> int:
    """The scores that the file gives anew, in one new version of the table."""
    known: dict[tuple[str, str], set[int]] = {}
    version = 0
    for row in table.objects.order_by("version"):
        known.setdefault((row.model_id, row.task), set()).add(row.score)
        version = row.version
    weights = document["quality"]["weights"]
    new = [
        table(version=version + 1, model_id=entry["id"], task=task, score=score)
        for entry in document["models"]
        if entry["weights"]
        for task, score in weights[entry["weights"]]["scores"].items()
        if score not in known.get((entry["id"], task), set())
    ]
    table.objects.bulk_create(new)
    return len(new)
