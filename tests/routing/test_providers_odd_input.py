"""Whatever comes in, from a caller or from a provider, what comes out is an answer or an error of ours."""

from __future__ import annotations

import json
from contextlib import suppress

import orjson
from hypothesis import given, settings
from hypothesis import strategies as some

from routing.contracts import ChatEvent
from routing.errors import UnsupportedParameter, UpstreamError
from routing.providers.anthropic import ODD_SHAPE
from routing.providers.anthropic_reply import Chunker, translate_message
from routing.providers.anthropic_request import KNOWN, translate_request
from routing.providers.chunks import Fault, Splitter, read_answer_shape, read_event
from routing.providers.example import make_example
from routing.providers.failures import from_error_event, from_status
from routing.providers.limits import REMAINING_TOKENS, RESETS, read_retry_after, read_room

LEAVES = some.none() | some.booleans() | some.integers(-5, 2**70) | some.floats() | some.text(max_size=5)
NAMES = some.sampled_from(
    """type text content role user assistant tool system tool_calls function name arguments id choices delta index
    message usage prompt_tokens completion_tokens finish_reason error code status image_url url file file_data
    json_schema schema properties object array items anyOf $ref #/ required enum input_tokens output_tokens tool_use
    input content_block message_start message_delta content_block_delta content_block_start stop_reason model
    """.split()  # noqa: SIM905
)
WORDS = LEAVES | NAMES
ANYTHING = some.recursive(
    WORDS, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
OBJECTS = some.dictionaries(NAMES, ANYTHING, max_size=5)


@settings(max_examples=100, deadline=None)
@given(some.dictionaries(some.sampled_from(sorted(KNOWN)), ANYTHING, max_size=4), some.lists(OBJECTS, max_size=3))
def test_a_request_is_translated_or_refused(body: dict, messages: list):
    with suppress(UnsupportedParameter):
        json.dumps(translate_request(body | {"messages": messages}, "claude-sonnet-4-5"))


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_an_event_is_one_or_is_at_fault(value: object):
    event = read_event(b"data: " + json.dumps(value).encode() + b"\n\n")
    assert event is None or isinstance(event, ChatEvent | Fault)
    read_answer_shape(json.dumps(value).encode())
    if isinstance(event, Fault):
        assert isinstance(from_error_event("groq", event.error), UpstreamError | None)


@settings(max_examples=100, deadline=None)
@given(some.binary(max_size=200), some.lists(some.integers(1, 9), max_size=40))
def test_bytes_are_cut_and_none_is_lost(data: bytes, cuts: list[int]):
    splitter, blocks, left = Splitter(), [], data
    for cut in [*cuts, len(data)]:
        blocks += splitter.feed(left[:cut])
        left = left[cut:]
    assert b"".join(blocks) + splitter.rest == data
    assert all(read_event(block) is None or True for block in blocks)


@settings(max_examples=100, deadline=None)
@given(OBJECTS, some.lists(OBJECTS, max_size=4))
def test_an_answer_of_anthropic_is_translated_or_odd(message: dict, events: list):
    with suppress(*ODD_SHAPE):
        orjson.loads(translate_message(message)[0])
    chunker = Chunker()
    for event in events:
        with suppress(*ODD_SHAPE):
            chunker.feed(event)


@settings(max_examples=100, deadline=None)
@given(some.dictionaries(some.sampled_from([*RESETS, *REMAINING_TOKENS, "retry-after", "retry-after-ms"]), some.text()))
def test_headers_say_something_or_nothing(headers: dict[str, str]):
    wait, room = read_retry_after(headers, exhausted=True), read_room(headers)
    assert wait is None or 0 <= wait < float("inf")
    assert room.tokens is None or room.tokens >= 0


@settings(max_examples=100, deadline=None)
@given(some.integers(300, 599), some.binary(max_size=100) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_every_status_is_an_error_of_ours(status: int, body: bytes):
    assert from_status("groq", status, {}, body).status == status


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_an_example_is_made_or_refused_in_a_known_way(schema: object):
    with suppress(ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        make_example(schema)
