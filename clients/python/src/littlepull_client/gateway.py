"""/v1/chat/completions in OpenAI's shape, and what is known of a request afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from littlepull_client.addresses import escaped
from littlepull_client.errors import ConnectionFailed
from littlepull_client.flow import Answer, Emit, Flow, Line, NoAnswer, Request, Stream
from littlepull_client.paging import follow_pages, given
from littlepull_client.record import Record
from littlepull_client.refusals import error_of
from littlepull_client.sending import ask, parse, send, with_key
from littlepull_client.sse import Messages
from littlepull_client.told import amount

CHAT, GENERATIONS = "/v1/chat/completions", "/v1/generations"
LONGEST_THOUGHT = 570.0
LAST = "[DONE]"


@dataclass(frozen=True)
class Routing:
    """Who answered and why, by the headers of the answer. `cost` in credits; a stream is not yet reckoned up."""

    generation: str
    provider: str
    model: str
    task: str
    attempts: int
    overhead_ms: float
    cost: Decimal | None


class ChatCompletion(Record):
    """As OpenAI's, and `routing`."""

    def __init__(self, raw: dict[str, Any], routing: Routing) -> None:
        super().__init__(raw)
        self.routing = routing


def complete(body: dict[str, Any], idempotency_key: str | None) -> Flow[ChatCompletion]:
    answer = yield from send(_asking(body, idempotency_key))
    return ChatCompletion(parse(answer), read_routing(answer.headers))


def stream(body: dict[str, Any], idempotency_key: str | None) -> Stream[Record]:
    return Stream(_chunks(_asking({**body, "stream": True}, idempotency_key)))


def get_generation(generation_id: str) -> Flow[Record]:
    """One request through the gateway: figures, tries, and the decision behind it."""
    return Record((yield from ask(Request("GET", f"{GENERATIONS}/{escaped(generation_id)}"))))


def list_generations(
    *, limit: int | None = None, task: str | None = None, model: str | None = None, status: str | None = None
) -> Stream[Record]:
    """Your requests, newest first."""
    params = {"task": task, "model": model, "status": status}
    return Stream(follow_pages(GENERATIONS, Record, limit=limit, params=params))


def give_feedback(generation_id: str, score: float) -> Flow[Record]:
    """How good the answer was: 0 useless, 1 as wished. A later word replaces an earlier one."""
    path = f"{GENERATIONS}/{escaped(generation_id)}/feedback"
    return Record((yield from ask(Request("POST", path, json={"score": score}))))


def list_models() -> Flow[list[Record]]:
    """The models that this key may call, with prices and policies."""
    told = yield from ask(Request("GET", "/v1/models", params=given({})))
    return [Record(model) for model in told["data"]]


def read_routing(headers: Mapping[str, str]) -> Routing:
    said = {name.removeprefix("x-littlepull-"): value for name, value in headers.items()}
    return Routing(
        generation=said.get("generation", ""),
        provider=said.get("provider", ""),
        model=said.get("model", ""),
        task=said.get("task", ""),
        attempts=int(said.get("attempts", 1)),
        overhead_ms=float(said.get("overhead-ms", 0)),
        cost=amount(said["cost"]) if "cost" in said else None,
    )


def _asking(body: dict[str, Any], idempotency_key: str | None) -> Request:
    return with_key(Request("POST", CHAT, json=body, lasts=LONGEST_THOUGHT), idempotency_key)


def _chunks(request: Request) -> Flow[None]:
    """Tried again until it begins, and never after: what has been handed over cannot be taken back."""
    answer = yield from send(request, stream=True)
    messages = Messages()
    try:
        while (line := (yield Line())) is not None:
            message = messages.feed(line)
            if message == LAST:
                return
            if message is not None:
                yield Emit(_chunk(message, answer))
    except NoAnswer as broken:
        raise ConnectionFailed(f"The answer broke off: {broken}") from None
    raise ConnectionFailed("The answer broke off before its end.")


def _chunk(message: str, answer: Answer) -> Record:
    told = json.loads(message)
    if "error" in told:
        raise error_of(Answer(502, answer.headers, message.encode()))
    return Record(told)
