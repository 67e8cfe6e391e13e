"""/v1/extractions: ask, wait, look, list, delete."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from littlepull_client.addresses import escaped
from littlepull_client.errors import ExtractionFailed
from littlepull_client.extraction import Event, Extraction, read_extraction
from littlepull_client.flow import Emit, Flow, Request, Stream
from littlepull_client.orders import Options, Schema, make_body, make_order
from littlepull_client.paging import follow_pages, given
from littlepull_client.quote import Quote, read_quote
from littlepull_client.sending import ask, with_key
from littlepull_client.sources import Source
from littlepull_client.watching import Deadline, Listener, wait_for_end, watch

if TYPE_CHECKING:
    from typing_extensions import Unpack

PATH = "/v1/extractions"
LONGEST_WAIT = 600.0
LONGEST_WAIT_OF_THE_SERVER = 60.0


def extract(
    source: Source,
    *,
    schema: Schema,
    wait: bool | float = True,
    on_progress: Listener | None = None,
    password: str | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Flow[Extraction]:
    """Read a file into JSON that fits a schema.

    `source` is a path, bytes, an open binary file, or an https address that the server fetches. `schema` is the name
    of a saved or built-in schema, a JSON Schema, or a Pydantic model. `wait` is True (ten minutes), a number of
    seconds, or False for the extraction as it was accepted. `on_progress` is called with each Progress.

    Raises ExtractionFailed (it ended badly), TimedOut (it has not ended in time), APIError (it was refused).
    """
    limit = seconds_to_wait(wait)
    request = _post(PATH, make_body(make_order(schema, options, password), [source]))
    # Who waits goes before others in the server's queue; who watches waits by the events.
    waited = 1.0 if on_progress else min(limit, LONGEST_WAIT_OF_THE_SERVER)
    request = with_key(_waiting(request, waited) if limit else request, idempotency_key)
    begun = read_extraction((yield from ask(request)))
    if not limit:
        return begun
    ended = yield from wait_for_end(begun, Deadline.after(limit, waited=waited), on_progress)
    if ended.status != "succeeded":
        raise ExtractionFailed(ended)
    return ended


def quote(
    source: Source | None = None,
    *,
    page_count: int | None = None,
    seconds: float | None = None,
    password: str | None = None,
    **options: Unpack[Options],
) -> Flow[Quote]:
    """What a file, or so many pages or seconds of sound, would cost at most. Nothing is kept or charged."""
    order = {**make_order(None, options, password), **given({"pages": page_count, "seconds": seconds})}
    request = _post(f"{PATH}/quote", make_body(order, [] if source is None else [source]))
    return read_quote((yield from ask(request)))


def get(extraction_id: str) -> Flow[Extraction]:
    """One extraction, and its result while there is one."""
    return read_extraction((yield from ask(Request("GET", address(extraction_id)))))


def wait(extraction_id: str, *, timeout: float = LONGEST_WAIT, on_progress: Listener | None = None) -> Flow[Extraction]:
    """One extraction once it has ended, well or badly. Raises TimedOut."""
    begun = yield from get(extraction_id)
    return (yield from wait_for_end(begun, Deadline.after(timeout), on_progress))


def iterate(*, limit: int | None = None, batch_id: str | None = None) -> Stream[Extraction]:
    """Your extractions, newest first, without results; pages are fetched as they are needed."""
    return Stream(follow_pages(PATH, read_extraction, limit=limit, params={"batch_id": batch_id}))


def delete(extraction_id: str) -> Flow[Extraction]:
    """Cancel it, or destroy its result, now."""
    return read_extraction((yield from ask(Request("DELETE", address(extraction_id)))))


def events(extraction_id: str, *, after: int = 0) -> Stream[Event]:
    """What happens to it, as it happens, to its end; `after` is the number of the last event already seen."""
    return Stream(watch(extraction_id, Emit, after=after))


def address(extraction_id: str) -> str:
    return f"{PATH}/{escaped(extraction_id)}"


def seconds_to_wait(wait: bool | float) -> float:
    return LONGEST_WAIT if wait is True else max(float(wait), 0.0)


def _waiting(request: Request, seconds: float) -> Request:
    return replace(request, headers={**request.headers, "Prefer": f"wait={math.ceil(seconds)}"}, lasts=seconds)


def _post(path: str, body: dict[str, Any]) -> Request:
    return Request("POST", path, **body)
