"""Answers that must be JSON: how they are asked for in words, asked for twice, and read strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from routing.contracts import Completion
from routing.errors import BadCompletion, ContextTooLong, UpstreamError, UpstreamRefused, UpstreamUnavailable

FENCED = re.compile(r"\A```(?:json)?\s*\n(.*)\n\s*```\Z", re.DOTALL)
# What providers answer to a schema they cannot enforce: too large, too many unions, a keyword they lack.
SCHEMA_REFUSED = {400, 422}

OBJECT_INSTRUCTION = "Answer with one JSON object and nothing else."


def schema_instruction(schema: dict[str, Any]) -> str:
    """For models that are held to a schema by grammar alone, and never get to read it, or not held at all."""
    compact = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return f"{OBJECT_INSTRUCTION} It must satisfy this JSON Schema:\n{compact}"


async def ask_enforced(ask: Callable[[bool], Awaitable[Completion]], *, enforce: bool) -> Completion:
    """Ask with the schema enforced by the provider; where it refuses that, once more by words alone."""
    if enforce:
        try:
            return await ask(True)
        except (UpstreamRefused, UpstreamUnavailable) as refusal:
            if not is_schema_refusal(refusal):
                raise
    return await ask(False)


def is_schema_refusal(refusal: UpstreamError) -> bool:
    """Perhaps the schema's fault. A request too long for the model is no shorter with the schema in words."""
    if refusal.provider == "selfhosted" and refusal.status == 500:
        return True  # how llama-cpp-python says that it does not know the word
    return refusal.status in SCHEMA_REFUSED and not isinstance(refusal, ContextTooLong)


def read_object(completion: Completion) -> dict[str, Any]:
    """The JSON object a completion consists of. Nothing is repaired: half an answer is a wrong one.

    A code fence round the whole is allowed, since models that no grammar holds like to draw one.
    """
    text = completion.text.strip()
    if fenced := FENCED.match(text):
        text = fenced.group(1)
    value = None if completion.stop_reason in {"length", "refusal"} else _parse(text)
    if not isinstance(value, dict):
        raise BadCompletion(completion.provider)
    return value


def _parse(text: str) -> Any:
    """None stands for "not JSON" too. The parser's own error carries the text, so it ends here."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> Any:
    raise ValueError  # NaN and Infinity are Python's, not JSON's
