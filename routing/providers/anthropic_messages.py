"""The messages of an OpenAI chat as Anthropic's turns: blocks of content, user and assistant in alternation.

Results of tools are blocks of the user's turn there, and must stand in the one right after the calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

import orjson

from routing.errors import UnsupportedParameter

PROVIDER = "anthropic"
Block = dict[str, Any]
Turns = list[dict[str, Any]]

SYSTEM_ROLES = {"system", "developer"}
IMAGE_DATA = re.compile(r"data:(image/(?:jpeg|png|gif|webp));base64,(.+)", re.DOTALL | re.IGNORECASE)
PDF_DATA = re.compile(r"data:application/pdf;base64,(.+)", re.DOTALL | re.IGNORECASE)


def read_system(messages: Iterable[Any]) -> list[str]:
    """All of them stand at the start there, whatever place they had."""
    texts = (_join_text(message.get("content")) for message in messages if message.get("role") in SYSTEM_ROLES)
    return [text for text in texts if text.strip()]


def read_turns(messages: Iterable[Any]) -> Turns:
    turns: Turns = []
    for message in messages:
        role = message.get("role")
        if role in SYSTEM_ROLES:
            continue
        if role not in READERS:
            _refuse("messages.role")
        speaker = "assistant" if role == "assistant" else "user"
        blocks = READERS[role](message)
        if turns and turns[-1]["role"] == speaker:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": speaker, "content": blocks})
    if turns and turns[-1]["role"] == "assistant":
        _trim(turns[-1]["content"])
    return turns


def _read_user(message: Block) -> list[Block]:
    content = message.get("content")
    if isinstance(content, str):
        return _text(content)
    blocks = []
    for part in _parts(content):
        kind = part.get("type")
        if kind not in PARTS:
            _refuse("messages.content")
        blocks += PARTS[kind](part)
    return blocks


def _read_assistant(message: Block) -> list[Block]:
    if message.get("audio") or message.get("function_call"):
        _refuse("messages.audio" if message.get("audio") else "messages.function_call")
    said = _text(_join_text(message.get("content")) or message.get("refusal") or "")
    return said + [_read_call(call) for call in message.get("tool_calls") or ()]


def _read_call(call: Any) -> Block:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        _refuse("messages.tool_calls")
    try:
        arguments = orjson.loads(function.get("arguments") or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        _refuse("messages.tool_calls.function.arguments")
    return {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": arguments}


def _read_result(message: Block) -> list[Block]:
    result: Block = {"type": "tool_result", "tool_use_id": message.get("tool_call_id")}
    if text := _join_text(message.get("content")):
        result["content"] = text
    return [result]


def _read_image(part: Block) -> list[Block]:
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str):
        _refuse("messages.image_url")
    if data := IMAGE_DATA.fullmatch(url):
        kind, encoded = data.groups()
        return [{"type": "image", "source": {"type": "base64", "media_type": kind.lower(), "data": encoded}}]
    if not url.startswith("https://"):
        _refuse("messages.image_url")
    return [{"type": "image", "source": {"type": "url", "url": url}}]


def _read_file(part: Block) -> list[Block]:
    file = part.get("file")
    encoded = file.get("file_data") if isinstance(file, dict) else None
    if not isinstance(encoded, str) or not (data := PDF_DATA.fullmatch(encoded)):
        _refuse("messages.file")
    source = {"type": "base64", "media_type": "application/pdf", "data": data.group(1)}
    return [{"type": "document", "source": source}]


def _join_text(content: Any) -> str:
    """Content of which only text has a place."""
    if isinstance(content, str):
        return content
    texts = []
    for part in _parts(content):
        text = part.get("text", part.get("refusal"))
        if not isinstance(text, str):
            _refuse("messages.content")
        texts.append(text)
    return "\n".join(texts)


def _text(text: Any) -> list[Block]:
    """No block for no text: an empty one is refused there."""
    return [{"type": "text", "text": text}] if isinstance(text, str) and text.strip() else []


def _parts(content: Any) -> list[Block]:
    parts = content or []
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        _refuse("messages.content")
    return parts


def _trim(blocks: list[Block]) -> None:
    """A last turn of the assistant is continued there, and may not end in white space."""
    if blocks[-1]["type"] == "text":
        blocks[-1]["text"] = blocks[-1]["text"].rstrip()


def _refuse(parameter: str) -> NoReturn:
    raise UnsupportedParameter(PROVIDER, parameter) from None


READERS = {"user": _read_user, "assistant": _read_assistant, "tool": _read_result}
PARTS = {
    "text": lambda part: _text(part.get("text")),
    "image_url": _read_image,
    "file": _read_file,
}
