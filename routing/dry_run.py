"""Which model would answer a request, and why: everything up to the call, and not the call. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async

from accounts.models import ApiKey
from routing import catalogue
from routing.catalogue import Catalogue
from routing.choose import Decision, Left, Need, choose
from routing.choose_affinity import find_model
from routing.choose_filter import candidates, why_out
from routing.classify import Told, classify, load
from routing.errors import UnknownModel
from routing.generation_rows import render_left, render_placed
from routing.models import KeyPolicy
from routing.offers import need_of, restrictions
from routing.request import ChatRequest, parse
from routing.vitals import vitals

# What ninja cannot see, since the body is read as the gateway reads it.
BODY = {
    "requestBody": {
        "required": True,
        "description": "The body of POST /v1/chat/completions",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["model", "messages"],
                    "properties": {
                        "model": {"type": "string", "examples": ["auto", "auto:cheapest", "provider/model"]},
                        "messages": {"type": "array", "minItems": 1, "items": {"type": "object"}},
                        "models": {"type": "array", "items": {"type": "string"}},
                        "provider": {"type": "object"},
                    },
                }
            }
        },
    }
}


async def decide(key: ApiKey, content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Raises what the gateway would refuse the request with."""
    request = parse(content, headers)
    policy = await KeyPolicy.objects.filter(api_key=key).afirst()
    await sync_to_async(load, thread_sensitive=False)()  # the classifier, the first time
    told = classify(request.body)
    known = await catalogue.fresh()
    need = need_of(request, told, key, restrictions(policy))
    if need.named and not any(name in known.offers for name in need.named):
        raise UnknownModel
    stay_with = find_model(key.pk, request.session) if request.session and policy and policy.affinity else None
    decision = choose(need, known, vitals(), stay_with=stay_with)
    return _render(request, told, decision, known, _all_left(need, decision, known))


def _all_left(need: Need, decision: Decision, known: Catalogue) -> list[Left]:
    """Whoever could have been asked and is out: also those that no request of this installation can reach."""
    if need.named:
        return list(decision.excluded)
    said = {one.model for one in decision.excluded} | {one.model for one in decision.ranked}
    everybody = Catalogue({offer.id: offer for offer in known.offers.values() if not offer.callable})
    unreachable = [offer for offer in candidates(need, everybody) if offer.id not in said]
    return [*decision.excluded, *(Left(offer.id, why) for offer in unreachable if (why := why_out(offer, need, {})))]


def _render(request: ChatRequest, told: Told, decision: Decision, known: Catalogue, left: list[Left]) -> dict[str, Any]:
    return {
        "object": "dry_run",
        "task": told.task,
        "cause": told.cause,
        "confidence": round(told.confidence, 3),
        "difficulty": round(told.difficulty, 3),
        "policy": request.policy,
        "model": decision.ranked[0].model if decision.ranked else None,
        "decision": {
            "explored": decision.explored,
            "affine": decision.affine,
            "quality_version": known.quality_version,
            "price_version": known.price_version,
            "reason": decision.reason,
            "candidates": [render_placed(one) for one in decision.ranked],
            "excluded": [render_left(one) for one in left],
        },
    }
