"""Prompts, completions and keys reach the provider, and no log, message or repr on the way."""

from __future__ import annotations

import logging
import traceback

import pytest

from routing.complete import complete
from routing.contracts import Completion, CompletionRequest, Endpoint, Message
from routing.errors import UpstreamError
from tests.fakes import Answer, Drops, Fails, FakeVendor, Raw, Says

CANARY = "canary-7f3a91"
REQUEST = CompletionRequest(
    messages=(Message("system", f"system {CANARY}"), Message("user", f"user {CANARY}")),
    response_schema={"type": "object", "description": CANARY},
)
ANSWERS = [
    Fails(400),
    Fails(401),
    Fails(429),
    Fails(500),
    Drops(),
    Raw(CANARY.encode(), "text/plain"),
    Raw(f'{{"{CANARY}'.encode()),
    Says(f"no json {CANARY}"),
    Says(f'{{"{CANARY}": '),
    Says({"said": CANARY}),
]


@pytest.mark.parametrize(("provider", "dialect"), [("anthropic", "anthropic"), ("groq", "openai")])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_no_content_leaves_by_log_or_exception(settings, caplog, provider, dialect, answer: Answer):
    caplog.set_level(logging.DEBUG)  # as LOG_LEVEL=DEBUG would
    told = ""
    with FakeVendor(dialect, answer) as vendor:
        settings.LLM_PROVIDERS = {provider: vendor.settings()}
        try:
            await complete(REQUEST, model=f"{provider}/m")
        except UpstreamError as error:
            told = whole_chain(error)
    assert CANARY in vendor.requests[0].prompt
    assert CANARY not in caplog.text + told
    assert f"key-of-{dialect}" not in caplog.text + told


def whole_chain(error: BaseException | None) -> str:
    """Also what `from None` hides from a traceback: an error reporter walks it all the same."""
    told = "".join(traceback.format_exception(error)) if error else ""
    while error is not None:
        told += f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__
    return told


def test_no_contract_shows_content_in_its_repr():
    values = [
        REQUEST,
        Endpoint("groq", "https://example.org", CANARY),
        Completion(CANARY, 1, 1, "groq", "m", "stop"),
    ]
    assert CANARY not in repr(values)
