"""Anthropic's answer, whole or event by event, as OpenAI's chat.completion and its chunks."""

from __future__ import annotations

from collections.abc import Mapping
from time import time
from typing import Any

import orjson

from routing.contracts import ChatEvent, Usage
from routing.words import Finish

# Their word -> OpenAI's, ours.
STOPS: dict[object, tuple[str, str]] = {
    "end_turn": ("stop", Finish.STOP.value),
    "stop_sequence": ("stop", Finish.STOP.value),
    "max_tokens": ("length", Finish.LENGTH.value),
    "model_context_window_exceeded": ("length", Finish.LENGTH.value),
    "tool_use": ("tool_calls", Finish.TOOL_CALLS.value),
    "refusal": ("content_filter", Finish.REFUSAL.value),
}
OTHER_STOP = ("stop", Finish.OTHER.value)
DONE = ChatEvent(b"data: [DONE]\n\n", done=True)


def translate_message(message: Mapping[str, Any]) -> tuple[bytes, Usage, str]:
    """Body, usage and finish. Raises TypeError, KeyError or ValueError where it is no message."""
    usage = read_usage(message["usage"])
    reason, finish = _read_stop(message.get("stop_reason"))
    text = "".join(block["text"] for block in message["content"] if block["type"] == "text")
    calls = [_call(block) for block in message["content"] if block["type"] == "tool_use"]
    answer: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else ""), "refusal": None}
    if calls:
        answer["tool_calls"] = calls
    body = {
        "id": message["id"],
        "object": "chat.completion",
        "created": int(time()),
        "model": message["model"],
        "choices": [{"index": 0, "message": answer, "logprobs": None, "finish_reason": reason}],
        "usage": _usage_body(usage),
    }
    return orjson.dumps(body), usage, finish


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Their `input_tokens` leaves out what came from the cache and what went into it."""
    read, written = (usage.get(f"cache_{way}_input_tokens") or 0 for way in ("read", "creation"))
    counts = usage["input_tokens"] + read + written, usage["output_tokens"], read, written
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError
    return Usage(*counts)


class Chunker:
    """Anthropic's events, one after the other, to chunks. Raises what `translate_message` raises."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.usage: dict[str, Any] = {}
        self.spoke = False
        self.whole = False
        self.calls = 0
        self.arguments = ""

    def feed(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        take = {
            "message_start": self._start,
            "content_block_start": self._start_block,
            "content_block_delta": self._continue_block,
            "content_block_stop": self._stop_block,
            "message_delta": self._finish,
            "message_stop": self._stop,
        }.get(event["type"])
        return take(event) if take else []  # kinds of events may be added, says their versioning policy

    def _start(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        """Nothing goes out yet: until a first word has come, another provider may be asked."""
        message = event["message"]
        self.head = {
            "id": message["id"],
            "object": "chat.completion.chunk",
            "created": int(time()),
            "model": message["model"],
        }
        self.usage = dict(message["usage"])
        return []

    def _start_block(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        block = event["content_block"]
        if block["type"] == "text" and block.get("text"):
            return self._speak({"content": block["text"]}, len(block["text"]))
        if block["type"] != "tool_use":
            return []
        self.arguments = ""
        self.calls += 1
        function = {"name": block["name"], "arguments": ""}
        call = {"index": self.calls - 1, "id": block["id"], "type": "function", "function": function}
        return self._speak({"tool_calls": [call]}, len(block["name"]))

    def _continue_block(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        delta = event["delta"]
        if delta["type"] == "text_delta":
            return self._speak({"content": delta["text"]}, len(delta["text"]))
        if delta["type"] == "input_json_delta" and delta["partial_json"]:
            self.arguments += delta["partial_json"]
            return self._argue(delta["partial_json"])
        return []

    def _stop_block(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        """A call without arguments sends none; clients parse them, and nothing is no JSON."""
        if self.calls and self.arguments == "":
            self.arguments = "{}"
            return self._argue("{}")
        return []

    def _finish(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        self.usage |= {name: count for name, count in event["usage"].items() if count is not None}
        if (stop := event["delta"].get("stop_reason")) is None:
            return []
        reason, finish = _read_stop(stop)
        return self._speak({}, 0, reason, finish)

    def _stop(self, event: Mapping[str, Any]) -> list[ChatEvent]:
        self.whole = True
        usage = read_usage(self.usage)
        chunk = self.head | {"choices": [], "usage": _usage_body(usage)}
        return [ChatEvent(_encode(chunk), usage=usage, bare_usage=True), DONE]

    def _argue(self, arguments: str) -> list[ChatEvent]:
        call = {"index": self.calls - 1, "function": {"arguments": arguments}}
        return self._speak({"tool_calls": [call]}, len(arguments))

    def _speak(
        self, delta: dict[str, Any], letters: int, reason: str | None = None, finish: str = ""
    ) -> list[ChatEvent]:
        if not self.spoke:
            self.spoke = True
            delta = {"role": "assistant", "content": None if "tool_calls" in delta else ""} | delta
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return [ChatEvent(_encode(self.head | {"choices": [choice]}), letters, finish=finish)]


def _call(block: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": block["name"], "arguments": orjson.dumps(block["input"]).decode()}
    return {"id": block["id"], "type": "function", "function": function}


def _read_stop(reason: Any) -> tuple[str, str]:
    return STOPS.get(reason, OTHER_STOP) if isinstance(reason, str) else OTHER_STOP


def _usage_body(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def _encode(chunk: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"
