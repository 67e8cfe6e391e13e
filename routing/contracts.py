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
