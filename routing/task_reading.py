"""What of a request the classifier looks at: the last user message first, the rest as weaker evidence.

Long texts are bounded to head and tail: an instruction stands before or after what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HEAD, TAIL = 1400, 600
ASIDE = 300  # letters looked at in the system prompt and in earlier turns
PARTS = 64  # content parts and messages looked at, from the end


@dataclass(frozen=True, slots=True)
class Reading:
    """`letters`: how long the last user message really is."""

    asked: str = field(repr=False)
    system: str = field(default="", repr=False)
    earlier: str = field(default="", repr=False)
    letters: int = 0


def read(body: Mapping[str, Any]) -> Reading:
    messages = body.get("messages")
    if not isinstance(messages, list | tuple):
        return Reading("")
    said = _said_by_user(messages)
    asked = said[0] if said else ""
    return Reading(
        asked=_bounded(asked),
        system=_system_prompt(messages),
        earlier=said[1][:ASIDE] if len(said) > 1 else "",
        letters=len(asked),
    )


def _said_by_user(messages: list[Any] | tuple[Any, ...]) -> list[str]:
    """The last two user messages that hold text, the last one first."""
    said: list[str] = []
    for message in reversed(messages[-PARTS:]):
        if isinstance(message, Mapping) and message.get("role", "user") == "user":
            text = _text_of(message.get("content")).strip()
            if text:
                said.append(text)
            if len(said) == 2:
                break
    return said


def _system_prompt(messages: list[Any] | tuple[Any, ...]) -> str:
    for message in messages[:4]:
        if isinstance(message, Mapping) and message.get("role") in ("system", "developer"):
            return _text_of(message.get("content")).strip()[:ASIDE]
    return ""


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple):
        return ""
    texts = [part.get("text") for part in content[:PARTS] if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _bounded(text: str) -> str:
    if len(text) <= HEAD + TAIL:
        return text
    return text[:HEAD] + "\n" + text[-TAIL:]
