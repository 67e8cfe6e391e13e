"""Records of requests as the API shows them; and the wait for one that is on its way into the database."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from accounts.ids import CROCKFORD
from accounts.models import User
from billing.pricing import format_credits
from routing.choose_score import floor
from routing.choose_values import Left, Need, Placed
from routing.explain import explain
from routing.models import Generation, Weighed
from routing.words import Exclusion, Policy, Task

GENERATION_ID = re.compile(r"gen_[0-7][0-9a-hjkmnp-tv-z]{25}")
YOUNG_SECONDS = 10.0  # its record may still be on its way
WAIT_SECONDS = 2.0
LOOK_EVERY = 0.05
TIME_DIGITS = 10  # a ULID: 48 bits of time in the first ten digits


async def find_generation(user: User, generation_id: str) -> Generation | None:
    """A young one is waited for: the answer is out before its record is in."""
    if not GENERATION_ID.fullmatch(generation_id):
        return None
    rows = Generation.objects.owned_by(user).prefetch_related("attempts", "weighed")
    until = time.monotonic() + (WAIT_SECONDS if _age(generation_id) < YOUNG_SECONDS else 0)
    found = await rows.filter(pk=generation_id).afirst()
    while found is None and time.monotonic() < until:
        await asyncio.sleep(LOOK_EVERY)
        found = await rows.filter(pk=generation_id).afirst()
    return found


def _age(generation_id: str) -> float:
    """Seconds since the id was made, by the milliseconds that it begins with."""
    milliseconds = 0
    for digit in generation_id[4 : 4 + TIME_DIGITS]:
        milliseconds = milliseconds << 5 | CROCKFORD.index(digit)
    return time.time() - milliseconds / 1000


def render_row(generation: Generation) -> dict[str, Any]:
    return {
        "id": generation.pk,
        "object": "generation",
        "created_at": generation.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "api_key_id": generation.api_key_id,
        "status": generation.status,
        "outcome": generation.outcome,
        "task": generation.task,
        "cause": generation.cause,
        "confidence": generation.confidence / 1000,
        "difficulty": generation.difficulty / 1000,
        "policy": generation.policy,
        "model": generation.model_id,
        "provider": generation.model_id.partition("/")[0] if generation.model_id else None,
        "streamed": generation.streamed,
        "finish_reason": generation.finish or None,
        "usage": {
            "input_tokens": generation.input_tokens,
            "cached_tokens": generation.cached_tokens,
            "cache_write_tokens": generation.cache_write_tokens,
            "output_tokens": generation.output_tokens,
            "estimated": generation.estimated_tokens,
        },
        "cost": _cost(generation),
        "latency_ms": generation.latency_ms,
        "first_token_ms": generation.first_token_ms,
        "overhead_ms": generation.overhead_us / 1000,
        "feedback": None if generation.score is None else generation.score / 1000,
    }


def render_generation(generation: Generation) -> dict[str, Any]:
    """With the tries, and the decision: who was weighed, by which figures, and why this one."""
    weighed = sorted(generation.weighed.all(), key=lambda one: (one.rank is None, one.rank, one.model_id))
    attempts = sorted(generation.attempts.all(), key=lambda attempt: attempt.number)
    return render_row(generation) | {
        "attempts": [
            {
                "number": attempt.number,
                "model": attempt.model_id,
                "outcome": attempt.outcome,
                "status": attempt.status,
                "latency_ms": attempt.latency_ms,
                "first_token_ms": attempt.first_token_ms,
            }
            for attempt in attempts
        ],
        "decision": {
            "explored": generation.explored,
            "affine": generation.affine,
            "quality_version": generation.quality_version,
            "price_version": generation.price_version,
            "reason": _reason(generation, weighed),
            "candidates": [render_placed(one) for one in _placed(weighed)],
            "excluded": [render_left(one) for one in _left(weighed)],
        },
    }


def render_placed(one: Placed) -> dict[str, Any]:
    return {
        "model": one.model,
        "rank": one.rank,
        "score": one.score / 1000,
        "quality": None if one.quality is None else one.quality / 1000,
        "expected_cost": format_credits(one.expected_cost),
        "expected_ms": one.expected_ms,
    }


def render_left(one: Left) -> dict[str, Any]:
    return {"model": one.model, "reason": one.excluded}


def _cost(generation: Generation) -> dict[str, str | None]:
    parts = {
        "input": generation.cost_input,
        "cached_input": generation.cost_cached,
        "cache_write": generation.cost_cache_write,
        "output": generation.cost_output,
    }
    total = None if generation.cost is None else format_credits(generation.cost)
    return {"total": total} | {name: format_credits(part) for name, part in parts.items()}


def _placed(weighed: list[Weighed]) -> list[Placed]:
    return [
        Placed(one.model_id, one.rank, one.score, one.quality, one.expected_cost or 0, one.expected_ms or 0)
        for one in weighed
        if one.rank is not None
    ]


def _left(weighed: list[Weighed]) -> list[Left]:
    return [Left(one.model_id, Exclusion(one.excluded)) for one in weighed if one.rank is None]


def _reason(generation: Generation, weighed: list[Weighed]) -> str:
    """The sentence itself is not kept: it follows from the figures, which are."""
    ranked = _placed(weighed)
    named = generation.policy == Policy.NAMED
    need = Need(
        task=Task(generation.task),
        difficulty=generation.difficulty / 1000,
        confidence=generation.confidence / 1000,
        policy=Policy(generation.policy),
        models=tuple(one.model for one in ranked) if named else (),
    )
    enough = floor(need)
    good = sum((one.quality or 0) >= enough for one in ranked)
    flags = {"explored": generation.explored, "affine": generation.affine}
    return explain(need, ranked, _left(weighed), enough=enough, good=good, **flags)
