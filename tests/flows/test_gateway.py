"""The gateway through the official OpenAI client, with a provider that answers by a script."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.flows.gateways import ASKED, add_models, balance, openai_client, scripted_provider
from tests.server import Product

NOTE = {
    "type": "json_schema",
    "json_schema": {
        "name": "note",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
            "required": ["title", "pages"],
            "additionalProperties": False,
        },
    },
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
TROUBLES = ("refuses", "hangs", "busy-seconds", "busy-date", "busy-ms", "busy-reset", "fails-500", "fails-502",
            "malformed", "html", "drops", "error-first", "empty")  # fmt: skip
CUTS = ("cut", "no-done", "error-event", "drips")
GOOD = "groq/openai/gpt-oss-20b"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Product]:
    with scripted_provider() as base_url:
        product = Product(
            tmp_path_factory.mktemp("gateway"),
            GROQ_API_KEY="secret-of-groq",
            GROQ_BASE_URL=base_url,
            GATEWAY_BUDGET_SECONDS="5",
            GATEWAY_IDLE_SECONDS="1.5",
            GATEWAY_EXPLORE="false",
            RATE_LIMIT_REQUESTS="5000",
            ENGINE_PRELOAD="",
        )
        product.start()
        add_models(product, (*TROUBLES, *CUTS, "too-long"))
        time.sleep(1.2)  # the web process looks at the catalogue once a second
        yield product
        product.kill()


@pytest.fixture(scope="module")
def key(gateway: Product) -> str:
    return gateway.create_key("gateway@example.com", 1000)


@pytest.fixture
def client(gateway: Product, key: str) -> openai.OpenAI:
    return openai_client(gateway, key)


@pytest.fixture
def plain(gateway: Product, key: str) -> Iterator[httpx.Client]:
    with gateway.client(key) as client:
        yield client


def settled(client: httpx.Client) -> int:
    """The credits available, once nothing is set aside any more."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        available, held = balance(client)
        if not held:
            return available
        time.sleep(0.1)
    raise AssertionError("credits stay held")


def test_a_chat_says_who_answered_why_and_what_it_cost(gateway, client, plain):
    """F35, F36, F37, F39, F49, F50: one door, a model chosen, the decision in headers and in a record."""
    before = settled(plain)
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=ASKED)
    chat = raw.parse()
    said = {name.removeprefix("x-littlepull-"): value for name, value in raw.headers.items() if "littlepull" in name}
    assert chat.choices[0].message.content
    assert (said["task"], said["provider"], said["attempts"]) == ("translation", "groq", "1")
    assert raw.headers["x-request-id"] and raw.headers["ratelimit"] and raw.headers["x-credits-remaining"]
    record = plain.get(f"/v1/generations/{said['generation']}").json()
    assert record["model"] == said["model"]
    assert (record["task"], record["status"], record["cause"]) == ("translation", "succeeded", said["cause"])
    assert record["usage"]["output_tokens"] == chat.usage.completion_tokens
    assert record["cost"]["total"] == said["cost"]
    parts = [record["cost"][name] for name in ("input", "cached_input", "cache_write", "output")]
    assert sum(round(float(part) * 1e6) for part in parts) == round(float(said["cost"]) * 1e6) > 0
    assert record["decision"]["candidates"] and record["decision"]["reason"]
    assert float(said["overhead-ms"]) < 1000
    assert before - settled(plain) == round(float(said["cost"]) * 1e6)
    gateway.manage("check_ledger")


def test_a_stream_has_its_usage_for_whom_asks_and_costs_the_same(client, plain):
    """F35: chunks, usage at the end where asked for, [DONE]."""
    before = settled(plain)
    chunks = list(
        client.chat.completions.create(model=GOOD, messages=ASKED, stream=True, stream_options={"include_usage": True})
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert chunks[-1].usage.completion_tokens > 0
    spent = before - settled(plain)
    whole = client.chat.completions.with_raw_response.create(model=GOOD, messages=ASKED)
    assert spent == round(float(whole.headers["x-littlepull-cost"]) * 1e6)
    bare = list(client.chat.completions.create(model=GOOD, messages=ASKED, stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in bare)


def test_tools_and_schemas_reach_the_model(client):
    """F35."""
    called = client.chat.completions.create(model="auto", messages=ASKED, tools=[WEATHER], tool_choice="required")
    [call] = called.choices[0].message.tool_calls
    assert (call.function.name, called.choices[0].finish_reason) == ("get_weather", "tool_calls")
    noted = client.chat.completions.create(model="auto", messages=ASKED, response_format=NOTE)
    assert json.loads(noted.choices[0].message.content).keys() == {"title", "pages"}


@pytest.mark.parametrize(
    ("asked", "expected", "code"),
    [
        ({"model": "auto", "messages": []}, openai.UnprocessableEntityError, "invalid_request"),
        ({"model": "gpt-unheard-of"}, openai.NotFoundError, "unknown_model"),
        ({"model": "groq/unheard-of"}, openai.NotFoundError, "unknown_model"),
        ({"model": "groq/too-long"}, openai.BadRequestError, "upstream_refused"),
        ({"model": "groq/busy-reset"}, openai.RateLimitError, "rate_limited"),
        ({"model": "groq/fails-500"}, openai.InternalServerError, "upstream_unavailable"),
        ({"model": "groq/malformed"}, openai.InternalServerError, "bad_completion"),
        ({"model": "auto", "max_tokens": 0}, openai.UnprocessableEntityError, "invalid_request"),
    ],
)
def test_errors_are_the_client_s_own(client, plain, asked, expected, code):
    """F35, F26: each with our code, nothing charged, no hold left open."""
    before = settled(plain)
    with pytest.raises(expected) as raised:
        client.chat.completions.create(**{"messages": ASKED, **asked})
    assert raised.value.code == code
    assert settled(plain) == before


def test_who_has_no_key_no_scope_or_no_credits_is_told_so(gateway):
    """F35, F48: 401, 403, 402."""
    with pytest.raises(openai.AuthenticationError):
        openai_client(gateway, "lp_live_nonsense").chat.completions.create(model="auto", messages=ASKED)
    reader = gateway.create_key("reader@example.com", 5, "--scopes", "chat:read")
    with pytest.raises(openai.PermissionDeniedError):
        openai_client(gateway, reader).chat.completions.create(model="auto", messages=ASKED)
    poor = gateway.create_key("poor@example.com", 0)
    with pytest.raises(openai.APIStatusError) as raised:
        openai_client(gateway, poor).chat.completions.create(model="auto", messages=ASKED)
    assert raised.value.status_code == 402
    assert raised.value.code == "insufficient_credits"
    assert float(raised.value.body["required"]) > 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_a_provider_does_the_next_one_answers(gateway, client, plain, trouble, stream):
    """F40, F41, F42: inside the budget; the record says who was tried; the failed try costs nothing."""
    raw = client.chat.completions.with_raw_response.create(
        model=f"groq/{trouble}", messages=ASKED, stream=stream, extra_body={"models": [f"groq/{trouble}", GOOD]}
    )
    assert list(raw.parse())
    record = plain.get(f"/v1/generations/{raw.headers['x-littlepull-generation']}").json()
    assert (record["status"], record["model"]) == ("succeeded", GOOD)
    assert record["attempts"][-1]["outcome"] == "ok"
    circuit_spared_it = len(record["attempts"]) == 1
    assert circuit_spared_it or record["attempts"][0]["outcome"] != "ok"
    settled(plain)
    gateway.manage("check_ledger")


@pytest.mark.parametrize("trouble", CUTS)
def test_a_stream_that_dies_ends_with_an_error_and_costs_what_was_delivered(gateway, plain, trouble):
    """F43: nobody else takes over after the first token."""
    before = settled(plain)
    asked = {"model": f"groq/{trouble}", "messages": ASKED, "stream": True, "models": [f"groq/{trouble}", GOOD]}
    with plain.stream("POST", "/v1/chat/completions", json=asked) as stream:
        assert stream.status_code == 200
        events = [line[6:] for line in stream.iter_lines() if line.startswith("data: ")]
    assert json.loads(events[-1])["error"]["code"] == "cut"
    assert "[DONE]" not in events
    record = plain.get(f"/v1/generations/{stream.headers['x-littlepull-generation']}").json()
    assert (record["status"], record["outcome"], record["model"]) == ("cut", "cut", f"groq/{trouble}")
    assert record["usage"]["estimated"] is True
    assert 0 < record["usage"]["output_tokens"] < 50
    assert before - settled(plain) == round(float(record["cost"]["total"]) * 1e6)
    gateway.manage("check_ledger")


def test_a_caller_who_goes_away_stops_the_provider_and_pays_for_what_came(gateway, plain):
    """F43: canceled, billed for the delivered tokens only."""
    before = settled(plain)
    with plain.stream(
        "POST", "/v1/chat/completions", json={"model": "groq/drips", "messages": ASKED, "stream": True}
    ) as s:
        generation = s.headers["x-littlepull-generation"]
        next(s.iter_lines())
    record = plain.get(f"/v1/generations/{generation}").json()
    assert record["status"] == "canceled"
    assert before - settled(plain) == round(float(record["cost"]["total"]) * 1e6)


def test_the_same_idempotency_key_is_carried_out_once(client, plain):
    """F10, F48: a repetition is told that answers are not kept, and pays nothing."""
    headers = {"Idempotency-Key": f"chat-{time.time_ns()}"}
    client.chat.completions.create(model=GOOD, messages=ASKED, extra_headers=headers)
    before = settled(plain)
    with pytest.raises(openai.ConflictError) as raised:
        client.chat.completions.create(model=GOOD, messages=ASKED, extra_headers=headers)
    assert raised.value.code == "answer_not_kept"
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(model=GOOD, messages=[*ASKED, *ASKED], extra_headers=headers)
    assert settled(plain) == before


def test_a_test_key_is_answered_by_the_script_and_pays_nothing(gateway):
    """F32: whatever it names, no vendor is reached."""
    key = gateway.create_key("tester@example.com", 0, "--mode", "test")
    raw = openai_client(gateway, key).chat.completions.with_raw_response.create(model=GOOD, messages=ASKED)
    assert raw.headers["x-littlepull-provider"] == "scripted"
    assert float(raw.headers["x-littlepull-cost"]) == 0


def test_a_dry_run_decides_and_calls_nobody(gateway, plain):
    """F38: the decision of the same body."""
    before = plain.get("/v1/generations").json()["data"]
    answer = plain.post("/v1/chat/completions/dry-run", json={"model": "auto:cheapest", "messages": ASKED}).json()
    assert answer["task"] == "translation"
    assert answer["model"] == answer["decision"]["candidates"][0]["model"]
    assert plain.get("/v1/generations").json()["data"] == before


def test_feedback_is_kept_with_the_record(client, plain):
    raw = client.chat.completions.with_raw_response.create(model=GOOD, messages=ASKED)
    path = f"/v1/generations/{raw.headers['x-littlepull-generation']}"
    assert plain.post(f"{path}/feedback", json={"score": 0.75}).json()["feedback"] == 0.75
    assert plain.get(path).json()["feedback"] == 0.75


def test_limits_of_a_key_hold_and_say_when_they_end(gateway):
    """F47: requests a minute, tokens a day; 429 with Retry-After, nothing charged."""
    for limit, allowed in ((("requests", "minute", 2), 2), (("tokens", "day", 1), 1)):
        email = f"limited-{limit[0]}@example.com"
        key = gateway.create_key(email, 10)
        make = "from routing.models import KeyLimit; from accounts.models import ApiKey; "
        make += f"KeyLimit.objects.create(api_key=ApiKey.objects.get(user__email='{email}'), "
        make += "resource='{}', window='{}', limit={})".format(*limit)
        gateway.manage("shell", "-v", "0", "-c", make)
        limited = openai_client(gateway, key)
        for _ in range(allowed):
            limited.chat.completions.create(model=GOOD, messages=ASKED)
        with pytest.raises(openai.RateLimitError) as raised:
            limited.chat.completions.create(model=GOOD, messages=ASKED)
        assert raised.value.code == "key_limit_reached"
        assert int(raised.value.response.headers["retry-after"]) > 0


def test_a_revoked_key_opens_nothing_after_a_second(gateway):
    """F54: the cache of keys is no older."""
    key = gateway.create_key("revoked@example.com", 10)
    client = openai_client(gateway, key)
    client.chat.completions.create(model=GOOD, messages=ASKED)
    revoke = "from accounts.models import ApiKey; from accounts.api_keys import revoke_key; "
    revoke += "revoke_key(ApiKey.objects.get(user__email='revoked@example.com'))"
    gateway.manage("shell", "-v", "0", "-c", revoke)
    time.sleep(1.1)
    with pytest.raises(openai.AuthenticationError):
        client.chat.completions.create(model=GOOD, messages=ASKED)


def test_a_request_for_zero_retention_is_not_sent_where_prompts_are_kept(plain):
    """F53: nor where it is unknown; the refusal and the dry run say why."""
    asked = {"model": "auto", "messages": ASKED, "provider": {"zdr": True, "only": ["groq"]}}
    answer = plain.post("/v1/chat/completions", json=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_candidate")
    decided = plain.post("/v1/chat/completions/dry-run", json=asked).json()
    assert decided["model"] is None
    assert {one["reason"] for one in decided["decision"]["excluded"]} == {"retention"}
