"""/v1/extractions/batch: many files, one schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from littlepull_client import extractions
from littlepull_client.addresses import escaped
from littlepull_client.errors import TimedOut
from littlepull_client.extraction import Extraction, read_extraction
from littlepull_client.flow import Emit, Flow, Pause, Request, Stream
from littlepull_client.orders import Options, Schema, make_body, make_order
from littlepull_client.sending import ask, with_key
from littlepull_client.sources import Source
from littlepull_client.told import moment
from littlepull_client.watching import FIRST_LOOK, LAST_LOOK, Deadline

if TYPE_CHECKING:
    from typing_extensions import Unpack

PATH = "/v1/extractions/batch"


@dataclass(frozen=True)
class Refused:
    """A file that was not accepted: its place among those sent, from 0, and why."""

    index: int
    code: str
    detail: str


@dataclass(frozen=True)
class Batch:
    """`extractions` in the order of the files, without results: `batch_results` fetches those."""

    id: str
    created_at: datetime
    finished: bool
    counts: dict[str, int]
    extractions: tuple[Extraction, ...]
    refused: tuple[Refused, ...]
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def batch(
    sources: Iterable[Source],
    *,
    schema: Schema,
    wait: bool | float = False,
    password: str | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Flow[Batch]:
    """Read many files with one schema. Without `wait`, the batch as it was accepted."""
    body = make_body(make_order(schema, options, password), sources, many=True)
    begun = read_batch((yield from ask(with_key(Request("POST", PATH, **body), idempotency_key))))
    limit = extractions.seconds_to_wait(wait)
    if not limit or begun.finished:
        return begun
    deadline, current, delay = Deadline.after(limit), begun, FIRST_LOOK
    while not current.finished:
        if deadline.left <= 0:
            raise TimedOut(f"{begun.id} has not ended within {limit:g} s. It goes on: get_batch() it later.")
        yield Pause(min(delay, max(deadline.left, 0)))
        delay = min(1.5 * delay, LAST_LOOK)
        current = yield from get_batch(begun.id)
    return current


def get_batch(batch_id: str) -> Flow[Batch]:
    """How a batch is getting on."""
    return read_batch((yield from ask(Request("GET", f"{PATH}/{escaped(batch_id)}"))))


def delete_batch(batch_id: str) -> Flow[Batch]:
    """Cancel what has not ended, destroy the results that are there."""
    return read_batch((yield from ask(Request("DELETE", f"{PATH}/{escaped(batch_id)}"))))


def batch_results(batch_id: str) -> Stream[Extraction]:
    """Every extraction of a batch with its result, each as soon as it has ended, well or badly."""
    return Stream(_results(batch_id))


def _results(batch_id: str) -> Flow[None]:
    seen: set[str] = set()
    delay = FIRST_LOOK
    while True:
        current = yield from get_batch(batch_id)
        ended = [one for one in current.extractions if one.is_finished and one.id not in seen]
        for one in ended:
            seen.add(one.id)
            yield Emit((yield from extractions.get(one.id)))
        if current.finished:
            return
        delay = FIRST_LOOK if ended else min(1.5 * delay, LAST_LOOK)
        yield Pause(delay)


def read_batch(told: dict[str, Any]) -> Batch:
    return Batch(
        id=told["id"],
        created_at=moment(told["created_at"]),
        finished=told["finished"],
        counts=told["counts"],
        extractions=tuple(read_extraction(one) for one in told["data"]),
        refused=tuple(Refused(one["index"], one["code"], one.get("detail", "")) for one in told["refused"]),
        raw=told,
    )
