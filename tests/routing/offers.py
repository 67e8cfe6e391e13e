"""Offers by their few telling traits, and the rows that make them; and records of requests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ApiKey
from routing.catalogue import Catalogue, Offer, Price
from routing.models import Generation, LanguageModel, ModelPrice, ModelQuality, Provider
from routing.words import Cause, Finish, Policy, Task

MILLION = 1_000_000
LONG_AGO = date(2020, 1, 1)


def offer(id: str, *, cost: int | None = 10, quality: int | None = 700, **traits: Any) -> Offer:
    """`cost`: credits for a million tokens of either kind."""
    price = None if cost is None else Price(1, cost * MILLION, None, None, cost * MILLION)
    facts: dict[str, Any] = {
        "provider": id.partition("/")[0],
        "upstream_id": id.partition("/")[2],
        "adapter": "openai_compatible",
        "context_tokens": 100_000,
        "max_output_tokens": 10_000,
        "tools": True,
        "structured": True,
        "vision": True,
        "streaming": True,
        "price": price,
        "retention_days": 0,
        "trains": False,
        "region": "eu",
        "quality": {} if quality is None else dict.fromkeys(Task, quality),
        "level": quality,
    }
    return Offer(id, **(facts | traits))


def catalogue_of(*offers: Offer) -> Catalogue:
    return Catalogue({one.id: one for one in offers}, quality_version=1, price_version=1)


def make_model(
    id: str, *, dollars: float | None = 1, quality: int = 700, provider: dict[str, Any] | None = None, **facts: Any
) -> LanguageModel:
    """A row of a provider of its own name, with a price (in dollars for a million tokens) and scores."""
    name = id.partition("/")[0]
    Provider.objects.get_or_create(name=name, defaults={"retention_days": 0, "trains": False, "checked_on": LONG_AGO})
    Provider.objects.filter(name=name).update(**(provider or {"name": name}))
    facts = {"context_tokens": 100_000, "max_output_tokens": 10_000, "tools": True, "structured": True} | facts
    model = LanguageModel.objects.create(id=id, provider_id=name, upstream_id=id.partition("/")[2], **facts)
    if dollars is not None:
        amount = round(dollars * 100 * MILLION)
        ModelPrice.objects.create(model=model, version=1, input=amount, output=amount)
    ModelQuality.objects.bulk_create(ModelQuality(version=1, model=model, task=task, score=quality) for task in Task)
    return model


def make_generation(key: ApiKey, model: str | None, *, minutes_ago: float = 5, **facts: Any) -> Generation:
    """A finished request of a key, as the bookkeeping writes it."""
    known: dict[str, Any] = {
        "status": Generation.Status.SUCCEEDED,
        "task": Task.CODING,
        "cause": Cause.CONTENT,
        "confidence": 900,
        "difficulty": 500,
        "policy": Policy.AUTO,
        "input_tokens": 1000,
        "output_tokens": 500,
        "cost": 3_000_000,
        "cost_input": 1_000_000,
        "cost_output": 2_000_000,
        "latency_ms": 2200,
        "first_token_ms": 200,
        "finish": Finish.STOP,
    }
    created_at = timezone.now() - timedelta(minutes=minutes_ago)
    return Generation.objects.create(api_key=key, model_id=model, created_at=created_at, **(known | facts))
