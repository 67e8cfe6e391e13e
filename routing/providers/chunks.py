"""OpenAI's answers on the wire, read no further than the router needs: usage, how it ended, how much was said.

Bytes go out as they came in. Whatever does not have the shape of an answer is told by None or a Fault, never
by an exception: a parser's own would hold the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from routing.contracts import ChatEvent, Usage
from routing.words import Finish

LARGEST_EVENT = 4 * 1024 * 1024
BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r){2}")
FINISHES: dict[object, str] = {
    "stop": Finish.STOP.value,
    "eos": Finish.STOP.value,
    "length": Finish.LENGTH.value,
    "tool_calls": Finish.TOOL_CALLS.value,
    "function_call": Finish.TOOL_CALLS.value,
    "content_filter": Finish.REFUSAL.value,
}
OTHER = Finish.OTHER.value
REFUSAL = Finish.REFUSAL.value
SPOKEN = {"content", "reasoning_content", "reasoning", "refusal"}  # each counts: each is paid for


@dataclass(frozen=True, slots=True)
class Fault:
    """An event that is none of an answer. `error`: what the provider says it is, where it says so."""

    error: Any = field(default=None, repr=False)


class Splitter:
    """Cuts what arrives into events, each with the blank line that ends it."""

    __slots__ = ("rest",)

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        held = self.rest + piece if self.rest else piece
        if b"\r" in held:
            blocks, self.rest = _split_any(held)
            return blocks
        *whole, self.rest = held.split(b"\n\n")
        return [block + b"\n\n" for block in whole]

    @property
    def overflows(self) -> bool:
        return len(self.rest) > LARGEST_EVENT


def _split_any(held: bytes) -> tuple[list[bytes], bytes]:
    blocks, start = [], 0
    for blank in BLANK_LINE.finditer(held):
        blocks.append(held[start : blank.end()])
        start = blank.end()
    return blocks, held[start:]


def read_event(block: bytes) -> ChatEvent | Fault | None:
    """None: a comment, sent to keep the connection alive."""
    data = _data_of(block)
    if not data:
        return None
    if data == b"[DONE]":
        return ChatEvent(block, done=True)
    chunk = parse_object(data)
    if chunk is None:
        return Fault()
    if error := chunk.get("error"):
        return Fault(error)
    choices = chunk.get("choices")
    usage = read_usage(chunk.get("usage"))
    if not isinstance(choices, list):
        return ChatEvent(block, usage=usage, bare_usage=True) if usage and choices is None else Fault()
    letters, finish = 0, ""
    for choice in choices:
        if not isinstance(choice, dict):
            return Fault()
        letters += _count_letters(choice.get("delta"))
        if reason := choice.get("finish_reason"):
            finish = _finish(reason)
    return ChatEvent(block, letters, usage, finish, bare_usage=usage is not None and not choices)


def _data_of(block: bytes) -> bytes:
    line = block.strip()
    if line.startswith(b"data:") and b"\n" not in line and b"\r" not in line:
        return line[5:].lstrip()
    return b"\n".join(line[5:].strip() for line in block.splitlines() if line.startswith(b"data:"))


def _count_letters(delta: Any) -> int:
    if not isinstance(delta, dict):
        return 0
    letters = 0
    for name, said in delta.items():
        if name in SPOKEN and isinstance(said, str):
            letters += len(said)
        elif name == "tool_calls" and isinstance(said, list):
            letters += sum(map(_count_call, said))
    return letters


def _count_call(call: Any) -> int:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return 0
    return sum(len(said) for name in ("name", "arguments") if isinstance(said := function.get(name), str))


def read_answer_shape(body: bytes) -> tuple[Usage | None, str] | None:
    """Usage and finish of a whole answer; None if it is no answer."""
    answer = parse_object(body)
    choices = answer.get("choices") if answer else None
    if not isinstance(choices, list) or not choices:
        return None
    if not all(isinstance(choice, dict) and isinstance(choice.get("message"), dict) for choice in choices):
        return None
    first = choices[0]
    refused = bool(first["message"].get("refusal"))
    return read_usage((answer or {}).get("usage")), REFUSAL if refused else _finish(first.get("finish_reason"))


def parse_object(body: bytes | str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _parse_leniently(body)
    return value if isinstance(value, dict) else None


def _parse_leniently(body: bytes | str) -> Any:
    """Half a surrogate pair is JSON, and comes from servers that cut an emoji in two; orjson takes none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def read_usage(usage: Any) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    asked, answered = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if asked is None or answered is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, Mapping) else None
    if cached is None:
        cached = _count(usage.get("cached_tokens"))  # Together's place for it
    return Usage(asked, answered, min(cached or 0, asked))


def _finish(reason: Any) -> str:
    return FINISHES.get(reason, OTHER) if isinstance(reason, str) else OTHER


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None
