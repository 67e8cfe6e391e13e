"""What a key may call: the catalogue as its owner's policy leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from accounts.models import ApiKey
from billing.pricing import format_credits
from routing import catalogue
from routing.catalogue import REHEARSAL, Catalogue, Offer, Price
from routing.choose_filter import against_policy
from routing.choose_values import Need
from routing.classify import Told
from routing.models import KeyPolicy
from routing.request import ChatRequest
from routing.words import Policy, Task

CREATED = 0  # OpenAI's list has a date of each model; ours are not dated


async def offers_to(key: ApiKey) -> list[Offer]:
    known = await catalogue.fresh()
    policy = await KeyPolicy.objects.filter(api_key=key).afirst()
    need = Need(task=Task.OPEN_QA, **restrictions(policy))
    return [offer for offer in _open_to(key, known) if offer.priced and against_policy(offer, need) is None]


def restrictions(policy: KeyPolicy | None) -> dict[str, Any]:
    """A key's standing wishes, as a Need has them."""
    if policy is None:
        return {}
    return {
        "deny_training": policy.deny_training,
        "max_retention_days": policy.max_retention_days,
        "regions": tuple(policy.regions),
    }


def need_of(request: ChatRequest, told: Told, key: ApiKey, standing: Mapping[str, Any]) -> Need:
    """Test keys never reach a vendor: whatever they name, the script answers."""
    need = request.need(standing=standing, task=told.task, difficulty=told.difficulty, confidence=told.confidence)
    if not key.is_test:
        return need
    need = replace(need, only=(REHEARSAL,), ignore=(), order=(), regions=())
    if all(name.startswith(f"{REHEARSAL}/") for name in need.named):
        return need
    return replace(need, policy=Policy.AUTO, model=None, models=())


def _open_to(key: ApiKey, known: Catalogue) -> list[Offer]:
    """Test keys never reach a vendor."""
    if key.is_test:
        return [offer for offer in known.callable if offer.provider == REHEARSAL]
    return list(known.live)


def render_offer(offer: Offer) -> dict[str, Any]:
    """OpenAI's shape, and what it lacks."""
    able = {
        "tools": offer.tools,
        "structured_output": offer.structured,
        "vision": offer.vision,
        "streaming": offer.streaming,
    }
    return {
        "id": offer.id,
        "object": "model",
        "created": CREATED,
        "owned_by": offer.provider,
        "context_length": offer.context_tokens,
        "max_output_tokens": offer.max_output_tokens,
        "capabilities": [name for name, has in able.items() if has],
        "pricing": _price(offer.price),
        "data_policy": {
            "retention_days": offer.retention_days,
            "trains_on_requests": offer.trains,
            "region": offer.region or None,
        },
        "quality": {task: score / 1000 for task, score in offer.quality.items()},
    }


def _price(price: Price | None) -> dict[str, Any] | None:
    if price is None:
        return None
    amounts = {
        "input": price.input,
        "cached_input": price.cached_input,
        "cache_write": price.cache_write,
        "output": price.output,
    }
    shown = {name: None if amount is None else format_credits(amount) for name, amount in amounts.items()}
    return shown | {"unit": "credits per million tokens", "version": price.version}
