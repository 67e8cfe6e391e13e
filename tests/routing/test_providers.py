"""Each provider, asked through the router at a local server that speaks its wire format."""

from __future__ import annotations

import pytest

from routing.complete import complete
from routing.contracts import CompletionRequest, Message
from routing.errors import UpstreamRefused
from routing.structured import read_object
from tests.fakes import Fails, FakeVendor, Says

SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": ["number", "null"]}},
    "required": ["total"],
    "additionalProperties": False,
}
REQUEST = CompletionRequest(
    messages=(Message("system", "Fill the form."), Message("user", "Total 12.50")),
    response_schema=SCHEMA,
    max_output_tokens=300,
)
OPENAI_COMPATIBLE = ["groq", "together", "fireworks", "selfhosted"]


async def test_anthropic_is_asked_in_its_own_words(settings):
    with FakeVendor("anthropic", Says({"total": 12.5})) as vendor:
        settings.LLM_PROVIDERS = {"anthropic": vendor.settings()}
        completion = await complete(REQUEST, model="anthropic/claude-haiku-4-5")

    sent = vendor.requests[0]
    assert sent.json == {
        "model": "claude-haiku-4-5",
        "max_tokens": 300,
        "system": "Fill the form.",
        "messages": [{"role": "user", "content": "Total 12.50"}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }
    assert read_object(completion) == {"total": 12.5}
    assert (completion.input_tokens, completion.output_tokens) == (16, 7)  # what came from the cache counts
    assert (completion.provider, completion.model) == ("anthropic", "claude-haiku-4-5")
    assert completion.stop_reason == "stop"
    assert [attempt.outcome for attempt in completion.attempts] == ["ok"]
    assert completion.latency > 0


@pytest.mark.parametrize("provider", OPENAI_COMPATIBLE)
async def test_the_others_are_asked_in_the_words_of_openai(settings, provider):
    with FakeVendor("openai", Says({"total": 12.5})) as vendor:
        settings.LLM_PROVIDERS = {provider: vendor.settings()}
        completion = await complete(REQUEST, model=f"{provider}/org/some-model")

    sent = vendor.requests[0].json
    assert sent["model"] == "org/some-model"
    assert sent["max_tokens"] == 300
    assert sent["response_format"]["json_schema"] == {"name": "result", "strict": True, "schema": SCHEMA}
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert '"additionalProperties":false' in sent["messages"][0]["content"]
    assert read_object(completion) == {"total": 12.5}
    assert (completion.input_tokens, completion.output_tokens) == (11, 7)


async def test_free_text_is_asked_for_without_any_format(settings):
    request = CompletionRequest(messages=(Message("user", "Say hello."),))
    for provider, dialect in (("anthropic", "anthropic"), ("groq", "openai")):
        with FakeVendor(dialect, Says("hello")) as vendor:
            settings.LLM_PROVIDERS = {provider: vendor.settings()}
            completion = await complete(request, model=f"{provider}/m")
        assert completion.text == "hello"
        assert not {"response_format", "output_config", "system"} & set(vendor.requests[0].json)


@pytest.mark.parametrize(("provider", "dialect"), [("anthropic", "anthropic"), ("together", "openai")])
async def test_a_schema_the_vendor_cannot_enforce_is_put_in_words(settings, provider, dialect):
    with FakeVendor(dialect, Fails(400), Says({"total": 3})) as vendor:
        settings.LLM_PROVIDERS = {provider: vendor.settings()}
        completion = await complete(REQUEST, model=f"{provider}/m")

    _, second = vendor.requests
    assert "output_config" not in second.json
    assert second.json.get("response_format", {"type": "json_object"}) == {"type": "json_object"}
    assert '"total"' in second.prompt
    assert read_object(completion) == {"total": 3}
    assert len(completion.attempts) == 1


async def test_a_second_400_is_the_end_of_it(settings):
    with FakeVendor("openai", Fails(400)) as vendor:
        settings.LLM_PROVIDERS = {"groq": vendor.settings()}
        with pytest.raises(UpstreamRefused) as raised:
            await complete(REQUEST, model="groq/m")
    assert raised.value.status == 400
    assert len(vendor.requests) == 2


async def test_anthropic_is_spared_a_schema_with_more_unions_than_it_takes(settings):
    leaves = {f"leaf_{n}": {"type": ["string", "null"]} for n in range(17)}
    schema = {"type": "object", "properties": leaves, "required": [*leaves], "additionalProperties": False}
    request = CompletionRequest(messages=(Message("user", "…"),), response_schema=schema)
    with FakeVendor("anthropic", Says({})) as vendor:
        settings.LLM_PROVIDERS = {"anthropic": vendor.settings()}
        await complete(request, model="anthropic/m")
    assert "output_config" not in vendor.requests[0].json
    assert "leaf_16" in vendor.requests[0].json["system"]


async def test_the_environment_has_no_say(settings, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "somebody-else")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "somebody-else")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-private")
    for provider, dialect in (("anthropic", "anthropic"), ("groq", "openai")):
        with FakeVendor(dialect, Says({"total": 1})) as vendor:
            settings.LLM_PROVIDERS = {provider: vendor.settings()}
            await complete(REQUEST, model=f"{provider}/m")
        assert "private" not in str(vendor.requests[0].headers)
