"""What crosses between a caller, the router and a provider's adapter: plain values, nothing of any SDK.

Prompts, completions and keys are left out of `repr`, so that no traceback or log line can carry one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
StopReason = Literal["stop", "length", "refusal", "other"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """`response_schema`: a JSON Schema the answer must be an object of; None asks for free text.

    `model` is the provider's own id. `complete` writes it for each candidate; callers leave it empty.
    """

    messages: tuple[Message, ...]
    response_schema: dict[str, Any] | None = field(default=None, repr=False)
    max_output_tokens: int = 4096
    model: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model at one provider that a request may be sent to."""

    provider: str
    model: str

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider listens and what it wants to be shown."""

    provider: str
    base_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one candidate. `outcome` is "ok" or the code of a routing error; never any content."""

    provider: str
    model: str
    outcome: str
    latency: float  # seconds


@dataclass(frozen=True, slots=True)
class Completion:
    """`input_tokens`: all that was read, cached or not. `latency`: seconds of the try that answered."""

    text: str = field(repr=False)
    input_tokens: int
    output_tokens: int
    provider: str
    model: str
    stop_reason: StopReason
    latency: float = 0.0
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them. `input_tokens`: all that was read, cached or not."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """What a provider says is left of its rate limit; None where it says nothing."""

    requests: int | None = None
    tokens: int | None = None
    resets_in: float | None = None  # seconds, the longer of both


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A whole answer. `body` is an OpenAI chat.completion as bytes, given to the caller as it is."""

    body: bytes = field(repr=False)
    usage: Usage | None
    finish: str  # words.Finish
    room: Room = Room()


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """One server-sent event of a streamed answer.

    `data` is the whole event as it goes out, blank line included. `letters`: how much of the answer it carries.
    `bare_usage`: it carries usage and nothing else, which a caller who did not ask for usage must not see.
    The last event of a whole stream is `data: [DONE]`, with `done`.
    """

    data: bytes = field(repr=False)
    letters: int = 0
    usage: Usage | None = None
    finish: str = ""
    bare_usage: bool = False
    done: bool = False
    room: Room | None = None  # with the first event, where the provider says
