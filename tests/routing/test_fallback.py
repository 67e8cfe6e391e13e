"""What goes wrong at one provider is made good by the next; what goes wrong at all of them is told once."""

from __future__ import annotations

import pytest

from routing.complete import complete
from routing.contracts import CompletionRequest, Message
from routing.errors import (
    BadCompletion,
    NoProvider,
    RateLimited,
    UnknownModel,
    UpstreamRefused,
    UpstreamUnavailable,
)
from routing.structured import read_object
from tests.fakes import Answer, Drops, Fails, FakeVendor, Raw, Says

REQUEST = CompletionRequest(messages=(Message("user", "Total 12.50"),), response_schema={"type": "object"})
FAILURES = [
    (Fails(429, {"retry-after": "7"}), "rate_limited"),
    (Fails(500), "upstream_unavailable"),
    (Fails(503), "upstream_unavailable"),
    (Fails(529), "upstream_unavailable"),
    (Fails(504), "upstream_timeout"),
    (Fails(401), "upstream_refused"),
    (Fails(402), "upstream_refused"),
    (Fails(404), "upstream_refused"),
    (Fails(400), "upstream_refused"),
    (Fails(307, {"location": "http://127.0.0.1:9/"}), "upstream_unavailable"),
    (Drops(), "upstream_unavailable"),
    (Raw(b"<html>Bad gateway</html>", "text/html"), "bad_completion"),
    (Raw(b'{"id": "1", "content": [{"ty'), "bad_completion"),
    (Raw(b"[]"), "bad_completion"),
    (Raw(b'"words"'), "bad_completion"),
    (Raw(b"null"), "bad_completion"),
    (Raw(b'{"content": 5, "choices": 5, "usage": {}}'), "bad_completion"),
    (Raw(b'{"content": [], "choices": []}'), "bad_completion"),
    (Raw(b"\xff\xfe"), "bad_completion"),
    (Says("Sorry, I cannot do that."), "bad_completion"),
    (Says('{"total": 12.'), "bad_completion"),
    (Says("[1, 2]"), "bad_completion"),
    (Says('{"total": NaN}'), "bad_completion"),
    (Says("[" * 100_000), "bad_completion"),
    (Says('{"total": 1}', stop="length"), "bad_completion"),
]


@pytest.mark.parametrize(("answer", "outcome"), FAILURES)
async def test_groq_answers_when_anthropic_fails(settings, answer: Answer, outcome: str):
    answer = Says(answer.content, stop="max_tokens") if isinstance(answer, Says) and answer.stop else answer
    with FakeVendor("anthropic", answer) as failing, FakeVendor("openai", Says({"total": 1})) as well:
        settings.LLM_PROVIDERS = {"groq": well.settings(), "anthropic": failing.settings()}
        completion = await complete(REQUEST)

    assert read_object(completion) == {"total": 1}
    first, second = completion.attempts
    assert (first.provider, first.outcome) == ("anthropic", outcome)
    assert (second.provider, second.outcome) == ("groq", "ok")
    assert completion.provider == "groq"


@pytest.mark.parametrize(("answer", "outcome"), FAILURES)
async def test_together_answers_when_groq_fails(settings, answer: Answer, outcome: str):
    with FakeVendor("openai", answer) as failing, FakeVendor("openai", Says({"total": 1})) as well:
        settings.LLM_PROVIDERS = {"groq": failing.settings(), "together": well.settings()}
        completion = await complete(REQUEST)

    assert [attempt.outcome for attempt in completion.attempts] == [outcome, "ok"]
    assert completion.provider == "together"


async def test_nobody_listening_is_unavailable(settings):
    with FakeVendor("openai", Says({})) as gone:
        entry = gone.settings()
    settings.LLM_PROVIDERS = {"groq": entry}
    with pytest.raises(UpstreamUnavailable):
        await complete(REQUEST)


async def test_a_named_model_is_not_swapped_for_another(settings):
    with FakeVendor("anthropic", Fails(500)) as failing, FakeVendor("openai", Says({})) as well:
        settings.LLM_PROVIDERS = {"anthropic": failing.settings(), "groq": well.settings()}
        with pytest.raises(UpstreamUnavailable):
            await complete(REQUEST, model="anthropic/claude-haiku-4-5")
    assert well.requests == []


async def test_when_all_fail_the_most_hopeful_failure_is_raised_with_every_attempt(settings):
    with FakeVendor("anthropic", Fails(401)) as refusing, FakeVendor("openai", Fails(429)) as busy:
        settings.LLM_PROVIDERS = {"anthropic": refusing.settings(), "groq": busy.settings()}
        with pytest.raises(RateLimited) as raised:
            await complete(REQUEST)
    assert [attempt.outcome for attempt in raised.value.attempts] == ["upstream_refused", "rate_limited"]


async def test_a_refusal_alone_is_raised_as_one(settings):
    with FakeVendor("anthropic", Fails(403)) as refusing:
        settings.LLM_PROVIDERS = {"anthropic": refusing.settings()}
        with pytest.raises(UpstreamRefused) as raised:
            await complete(REQUEST)
    assert (raised.value.provider, raised.value.status) == ("anthropic", 403)
    assert len(refusing.requests) == 1  # only a refused schema is worth a second try


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0.5", 0.5), ("-3", 0), ("soon", None), ("inf", None), ("", None)]
)
async def test_retry_after_is_passed_on(settings, header: str, seconds: float | None):
    with FakeVendor("openai", Fails(429, {"retry-after": header})) as busy:
        settings.LLM_PROVIDERS = {"groq": busy.settings()}
        with pytest.raises(RateLimited) as raised:
            await complete(REQUEST)
    assert raised.value.retry_after == seconds
    assert len(busy.requests) == 1


async def test_retry_after_may_be_a_date(settings):
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    with FakeVendor("anthropic", Fails(429, {"retry-after": date})) as busy:
        settings.LLM_PROVIDERS = {"anthropic": busy.settings()}
        with pytest.raises(RateLimited) as raised:
            await complete(REQUEST)
    assert raised.value.retry_after == 0


async def test_a_fence_round_the_whole_answer_is_allowed_and_nothing_more(settings):
    answers = Says('```json\n{"total": 1}\n```'), Says('Here it is: {"total": 1}')
    with FakeVendor("openai", *answers) as vendor:
        settings.LLM_PROVIDERS = {"groq": vendor.settings()}
        assert read_object(await complete(REQUEST)) == {"total": 1}
        with pytest.raises(BadCompletion):
            await complete(REQUEST)


async def test_with_nothing_configured_there_is_no_provider(settings):
    settings.LLM_PROVIDERS = {}
    with pytest.raises(NoProvider):
        await complete(REQUEST)


@pytest.mark.parametrize("model", ["", "auto:best", "groq", "groq/", "/x", "anthropic/claude-haiku-4-5", "no/x"])
async def test_a_model_nobody_here_serves_is_the_callers_mistake(settings, model: str):
    settings.LLM_PROVIDERS = {"groq": {"api_key": "k", "base_url": "http://127.0.0.1:9/v1"}}
    with pytest.raises(UnknownModel):
        await complete(REQUEST, model=model)
