"""An OpenAI chat request in the words of Anthropic's Messages API.

What has no counterpart there is refused, since leaving it out would change what the caller gets. Left out
is what changes nothing: names for an account's own dashboard, hints about speed, a seed that promises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from routing.errors import UnsupportedParameter
from routing.providers.anthropic_messages import read_system, read_turns
from routing.structured import OBJECT_INSTRUCTION, schema_instruction

PROVIDER = "anthropic"
MAX_UNIONS = 16  # more nullable leaves than this are refused, so the round trip is saved
MAX_OUTPUT_TOKENS = 8192  # must be said there; the gateway says it, this is for whoever does not

# Refused unless they hold what they would hold if they were not there.
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "repetition_penalty": (1,),
    "min_p": (0,),
    "modalities": (["text"],),
    "audio": (),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "web_search_options": (),
}
LEFT_OUT = {
    "seed",
    "store",
    "metadata",
    "service_tier",
    "prediction",
    "verbosity",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "stream",
    "stream_options",
}
TRANSLATED = {
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "response_format",
    "stop",
    "user",
    "reasoning_effort",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "temperature",
    "top_p",
}
KNOWN = LEFT_OUT | TRANSLATED | set(NEUTRAL)
EFFORTS = {"none": "low", "minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh"}

# From version 2026-10-21 of their API on, no request may hold a temperature. The models before Claude 4.7 take one
# in the version before it; to all later ones the only value in range is the one they have, and it stays unsaid.
SAMPLING_MODELS = re.compile(r"claude-(3|(opus|sonnet|haiku)-4(-[0-6])?(-\d{8})?$)")
SAMPLING_VERSION = {"anthropic-version": "2023-06-01"}


def translate_request(body: Mapping[str, Any], model: str, *, enforce: bool = True) -> dict[str, Any]:
    """Arguments of the SDK's `messages.create`. `enforce`: the schema by grammar, else by words."""
    try:
        return _translate(body, model, enforce=enforce)
    except (AttributeError, LookupError, TypeError, RecursionError):
        pass  # a list where a name belongs, and the like: it has no counterpart anywhere
    raise UnsupportedParameter(PROVIDER, "unknown")


def _translate(body: Mapping[str, Any], model: str, *, enforce: bool) -> dict[str, Any]:
    for name, value in body.items():
        if value is not None and (name not in KNOWN or value not in NEUTRAL.get(name, (value,))):
            raise UnsupportedParameter(PROVIDER, name if name in KNOWN else "unknown")
    turns, system = read_turns(body["messages"]), read_system(body["messages"])
    if system and not turns:  # somebody must have spoken
        turns = [{"role": "user", "content": [{"type": "text", "text": system.pop()}]}]
    asked: dict[str, Any] = {"model": model, "max_tokens": _read_limit(body), "messages": turns}
    asked |= _translate_format(body.get("response_format"), system, enforce=enforce)
    if system:
        asked["system"] = "\n\n".join(system)
    if stops := _read_stops(body.get("stop")):
        asked["stop_sequences"] = stops
    if isinstance(user := body.get("user"), str) and user:
        asked["metadata"] = {"user_id": user}
    if effort := EFFORTS.get(str(body.get("reasoning_effort"))):
        asked["output_config"] = asked.get("output_config", {}) | {"effort": effort}
    return asked | _translate_tools(body) | _translate_sampling(body, model)


def can_enforce(schema: Any) -> bool:
    """Their grammar closes every object, so one that is meant to be open is better asked for in words."""
    return count_unions(schema) <= MAX_UNIONS and _all_closed(schema)


def count_unions(schema: Any) -> int:
    if isinstance(schema, list):
        return sum(map(count_unions, schema))
    if not isinstance(schema, dict):
        return 0
    here = "anyOf" in schema or isinstance(schema.get("type"), list)
    return here + sum(map(count_unions, schema.values()))


def _all_closed(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(_all_closed, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and (
        not schema.get("properties") or schema.get("additionalProperties", False) is not False
    ):
        return False
    return all(map(_all_closed, schema.values()))


def _close(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _close(part) for name, part in schema.items()}
    return closed | {"additionalProperties": False} if closed.get("type") == "object" else closed


def _translate_format(wanted: Any, system: list[str], *, enforce: bool) -> dict[str, Any]:
    """What must be said in words is added to `system`."""
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind in (None, "text"):
        return {}
    if kind == "json_object":
        system.append(OBJECT_INSTRUCTION)
        return {}
    schema = (wanted.get("json_schema") or {}).get("schema") if kind == "json_schema" else None
    if not isinstance(schema, dict):
        raise UnsupportedParameter(PROVIDER, "response_format")
    if enforce and can_enforce(schema):
        return {"output_config": {"format": {"type": "json_schema", "schema": _close(schema)}}}
    system.append(schema_instruction(schema))
    return {}


def _translate_tools(body: Mapping[str, Any]) -> dict[str, Any]:
    if not (tools := body.get("tools")):
        return {}
    translated: dict[str, Any] = {"tools": [_translate_tool(tool) for tool in tools]}
    choice = _translate_choice(body.get("tool_choice"))
    if body.get("parallel_tool_calls") is False and choice.get("type") != "none":
        choice = {"type": "auto"} | choice | {"disable_parallel_tool_use": True}
    return translated | ({"tool_choice": choice} if choice else {})


def _translate_tool(tool: Any) -> dict[str, Any]:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise UnsupportedParameter(PROVIDER, "tools")
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    told: dict[str, Any] = {"name": function["name"], "input_schema": schema}
    if function.get("description"):
        told["description"] = function["description"]
    if function.get("strict"):
        told |= {"strict": True, "input_schema": _close(schema)}
    return told


def _translate_choice(choice: Any) -> dict[str, Any]:
    if choice is None:
        return {}
    if isinstance(choice, str) and choice in {"auto", "none", "required"}:
        return {"type": "any" if choice == "required" else choice}
    function = choice.get("function") if isinstance(choice, dict) and choice.get("type") == "function" else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise UnsupportedParameter(PROVIDER, "tool_choice")
    return {"type": "tool", "name": function["name"]}


def _translate_sampling(body: Mapping[str, Any], model: str) -> dict[str, Any]:
    """One of the two at most: the models from Claude 4.5 on refuse both together."""
    if not SAMPLING_MODELS.match(model):
        return {}
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"extra_body": {name: min(max(value, 0), 1)}, "extra_headers": SAMPLING_VERSION}
    return {}


def _read_limit(body: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        if isinstance(limit := body.get(name), int):
            return limit
    return int(getattr(settings, "GATEWAY_MAX_OUTPUT_TOKENS", MAX_OUTPUT_TOKENS))


def _read_stops(stop: Any) -> list[str]:
    stops = [stop] if isinstance(stop, str) else list(stop or ())
    if not all(isinstance(word, str) and word.strip() for word in stops):
        raise UnsupportedParameter(PROVIDER, "stop")  # white space alone is refused there
    return stops
