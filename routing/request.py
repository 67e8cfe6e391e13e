"""A chat request as it arrives: read once, checked, and parted from what is said to us and not to a provider.

Ours are `model`, `models` and `provider` (in OpenRouter's words) and the header X-LittlePull-Session. The rest is
OpenAI's, and goes on as it came; only what we must understand is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

import orjson

from billing.pricing import MICRO
from routing.choose_values import Need, Sort
from routing.errors import InvalidRequest, MalformedRequest, UnknownModel
from routing.words import Policy

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
FORMATS = frozenset({"text", "json_object", "json_schema"})
SORTS = frozenset(get_args(Sort))
MICRO_CREDITS_IN_A_DOLLAR = 100 * MICRO
TOKENS_OF_AN_IMAGE = 2000
LETTERS_OF_A_TOKEN = 4
MOST_CHOICES = 8
MOST_NAMES = 20
LONGEST_SESSION = 256


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`body`: for the provider. `input_bound`: tokens that it cannot exceed; `choices`: OpenAI's `n`."""

    body: dict[str, Any] = field(repr=False)
    policy: Policy
    model: str | None
    stream: bool
    include_usage: bool
    tools: bool
    structured: bool
    vision: bool
    choices: int
    max_output_tokens: int | None
    input_bound: int
    session: str = field(repr=False)
    preferences: Mapping[str, Any]

    def likely_input(self) -> int:
        return self.input_bound // LETTERS_OF_A_TOKEN + 1

    def need(self, *, standing: Mapping[str, Any], **told: Any) -> Need:
        """`standing`: the key's own restrictions, which a request can tighten and not loosen."""
        wishes = {**standing, **self.preferences}
        wishes["deny_training"] = bool(standing.get("deny_training") or self.preferences.get("deny_training"))
        kept = [wish.get("max_retention_days") for wish in (standing, self.preferences)]
        wishes["max_retention_days"] = min((days for days in kept if days is not None), default=None)
        return Need(
            input_tokens=self.likely_input(),
            max_output_tokens=self.max_output_tokens,
            tools=self.tools,
            structured=self.structured,
            vision=self.vision,
            streaming=self.stream,
            policy=self.policy,
            model=self.model,
            **wishes,
            **told,
        )


def parse(content: bytes, headers: Mapping[str, str]) -> ChatRequest:
    """Raises MalformedRequest, InvalidRequest and UnknownModel."""
    body = _read(content)
    images, image_bytes = _check_messages(body.get("messages"))
    named, preferences = body.pop("model", None), _preferences(body)
    policy, model = _policy(named, preferences)
    stream = _flag(body, "stream")
    most = _count(body, "max_completion_tokens") or _count(body, "max_tokens")
    return ChatRequest(
        body=body,
        policy=policy,
        model=model,
        stream=stream,
        include_usage=stream and _asks_for_usage(body),
        tools=bool(_list(body, "tools")),
        structured=_format(body) == "json_schema",
        vision=images > 0,
        choices=_count(body, "n", most=MOST_CHOICES) or 1,
        max_output_tokens=most,
        # A token is at least a byte, and JSON never writes a text shorter than it is.
        input_bound=len(content) - image_bytes + images * TOKENS_OF_AN_IMAGE,
        session=headers.get("x-littlepull-session", "")[:LONGEST_SESSION],
        preferences=preferences,
    )


def _read(content: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise MalformedRequest  # outside of `except`: the parser's error holds the document
    return body


def _check_messages(messages: Any) -> tuple[int, int]:
    """How many images are in it, and the bytes of those that are sent along."""
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages", "is a list with at least one message")
    images = size = 0
    for at, message in enumerate(messages):
        if not isinstance(message, dict) or not _is_one_of(message.get("role"), ROLES):
            raise InvalidRequest(f"messages[{at}].role", f"is one of {', '.join(sorted(ROLES))}")
        content = message.get("content")
        if isinstance(content, list):
            for part in content:
                shown = _image(part, f"messages[{at}].content")
                images += shown is not None
                size += shown or 0
        elif not isinstance(content, str | None):
            raise InvalidRequest(f"messages[{at}].content", "is a text or a list of parts")
    return images, size


def _is_one_of(value: Any, words: frozenset[str]) -> bool:
    """Where any JSON may stand: an object cannot even be looked up in a set."""
    return isinstance(value, str) and value in words


def _image(part: Any, where: str) -> int | None:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        raise InvalidRequest(where, "is a list of objects with a type")
    if part["type"] != "image_url":
        return None
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str):
        raise InvalidRequest(where, "has an image without a url")
    return len(url) if url.startswith("data:") else 0


def _policy(named: Any, preferences: Mapping[str, Any]) -> tuple[Policy, str | None]:
    if not isinstance(named, str) or not named:
        raise InvalidRequest("model", 'is "auto", "auto:cheapest", "auto:fastest", "auto:best" or "provider/model"')
    if "/" in named:
        return Policy.NAMED, named
    head, _, tail = named.partition(":")
    if head != "auto" or (tail and tail not in (Policy.CHEAPEST, Policy.FASTEST, Policy.BEST)):
        raise UnknownModel
    if preferences.get("models"):
        return Policy.NAMED, None
    return Policy(tail or "auto"), None


def _preferences(body: dict[str, Any]) -> dict[str, Any]:
    """What OpenRouter calls `provider` and `models`, in the words of a Need."""
    wishes: dict[str, Any] = {"models": _names(body, "models")}
    provider = body.pop("provider", None)
    if provider is None:
        return wishes
    if not isinstance(provider, dict):
        raise InvalidRequest("provider", "is an object")
    for name in ("only", "ignore", "order"):
        wishes[name] = _names(provider, name, where="provider.")
    sort, collection = provider.get("sort"), provider.get("data_collection")
    if sort is not None and not _is_one_of(sort, SORTS):
        raise InvalidRequest("provider.sort", f"is one of {', '.join(sorted(SORTS))}")
    if collection not in (None, "allow", "deny"):
        raise InvalidRequest("provider.data_collection", "is allow or deny")
    if not isinstance(provider.get("zdr"), bool | None):
        raise InvalidRequest("provider.zdr", "is true or false")
    wishes |= {"sort": sort, "deny_training": collection == "deny"}
    if provider.get("zdr"):
        wishes["max_retention_days"] = 0
    return wishes | _price_caps(provider.get("max_price"))


def _price_caps(caps: Any) -> dict[str, int]:
    """Dollars for a million tokens, by OpenRouter's names or ours."""
    if caps is None:
        return {}
    if not isinstance(caps, dict):
        raise InvalidRequest("provider.max_price", "is an object of dollars for a million tokens")
    ours = {"prompt": "input", "completion": "output", "input": "input", "output": "output"}
    return {f"max_price_{ours[name]}": _dollars(caps[name], name) for name in caps if name in ours}


def _dollars(amount: Any, name: str) -> int:
    try:
        micro = Decimal(str(amount)) * MICRO_CREDITS_IN_A_DOLLAR
        if not isinstance(amount, bool) and 0 <= micro < 10**15:
            return int(micro)
    except InvalidOperation:
        pass
    raise InvalidRequest(f"provider.max_price.{name}", "is dollars for a million tokens")


def _names(holder: dict[str, Any], name: str, *, where: str = "") -> tuple[str, ...]:
    names = holder.pop(name, None) or []
    if not isinstance(names, list) or len(names) > MOST_NAMES or not all(isinstance(one, str) for one in names):
        raise InvalidRequest(f"{where}{name}", f"is a list of at most {MOST_NAMES} names")
    return tuple(names)


def _format(body: Mapping[str, Any]) -> str:
    wanted = body.get("response_format")
    if wanted is None:
        return "text"
    if not isinstance(wanted, dict) or not _is_one_of(wanted.get("type"), FORMATS):
        raise InvalidRequest("response_format.type", f"is one of {', '.join(sorted(FORMATS))}")
    if wanted["type"] == "json_schema":
        described = wanted.get("json_schema")
        if not isinstance(described, dict) or not isinstance(described.get("schema"), dict):
            raise InvalidRequest("response_format.json_schema.schema", "is a JSON Schema")
    return str(wanted["type"])


def _asks_for_usage(body: Mapping[str, Any]) -> bool:
    options = body.get("stream_options")
    if not isinstance(options, dict | None):
        raise InvalidRequest("stream_options", "is an object")
    return bool(options and options.get("include_usage"))


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool | None):
        raise InvalidRequest(name, "is true or false")
    return bool(value)


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name)
    if value is not None and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
        raise InvalidRequest(name, "is a list of objects")
    return value or []


def _count(body: Mapping[str, Any], name: str, *, most: int = 10_000_000) -> int | None:
    value = body.get(name)
    if value is not None and (type(value) is not int or not 1 <= value <= most):
        raise InvalidRequest(name, f"is a whole number from 1 to {most}")
    return value
