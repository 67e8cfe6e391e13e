"""The gateway's catalogue, records and dry run, through the API."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async

from accounts.ids import new_id
from accounts.models import ApiKey, Scope
from routing import catalogue, vitals
from routing.models import Attempt, Generation, KeyPolicy, LanguageModel, Weighed
from routing.words import Exclusion, Policy, Task
from tests.people import make_person
from tests.routing.offers import make_generation, make_model

pytestmark = pytest.mark.django_db
DRY_RUN = "/v1/chat/completions/dry-run"


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Paraphrase this in plain words: we hereby give notice of the termination of the lease.", "rewriting"),
        ("Was wäre, wenn es keine Gezeiten gäbe?", "reasoning"),
        ("Suggère quelques plats pour un pique-nique.", "brainstorming"),
        ("Resume este informe en dos líneas:\n\nLa obra empezó en mayo. El puente abrirá en otoño.", "summarization"),
        ("Напиши короткий рассказ о фонарщике.", "creative_writing"),
        ("把下面的句子翻译成法文：火车晚点了。", "translation"),
    ],
)
def test_a_dry_run_tells_the_task_in_many_languages(client, alice, text, task):
    body = {"model": "auto", "messages": [{"role": "user", "content": text}]}
    told = client.post(DRY_RUN, body, "application/json", headers=alice.headers).json()
    assert told["task"] == task


@pytest.fixture(autouse=True)
def two_providers(db, settings):
    """One without a key here, and the script for test keys."""
    LanguageModel.objects.filter(provider="scripted").update(enabled=False)
    settings.LLM_PROVIDERS = {name: {"api_key": "k", "base_url": ""} for name in ("one", "two", "scripted")}
    make_model("one/small", dollars=0.1, quality=550)
    make_model("one/large", dollars=10, quality=990)
    make_model("two/kept", dollars=1, quality=800, provider={"retention_days": 30, "trains": None, "region": "us"})
    make_model("two/unpriced", dollars=None)
    make_model("three/elsewhere", dollars=1)
    make_model("scripted/act", dollars=0)
    catalogue.forget()
    vitals.forget()
    yield
    catalogue.forget()
    vitals.forget()


def ids(answer):
    return [row["id"] for row in answer.json()["data"]]


# What a key may call


def test_models_are_those_that_can_be_called_with_price_and_context(client, alice):
    answer = client.get("/v1/models", headers=alice.headers)
    assert answer.status_code == 200
    assert sorted(ids(answer)) == ["one/large", "one/small", "two/kept"]
    small = next(row for row in answer.json()["data"] if row["id"] == "one/small")
    assert small["object"] == "model"
    assert small["owned_by"] == "one"
    assert small["context_length"] == 100_000
    assert small["pricing"] == {
        "input": "10.000000",
        "cached_input": None,
        "cache_write": None,
        "output": "10.000000",
        "unit": "credits per million tokens",
        "version": 1,
    }
    assert small["data_policy"] == {"retention_days": 0, "trains_on_requests": False, "region": None}
    assert answer.json()["policies"] == ["auto", "auto:cheapest", "auto:fastest", "auto:best"]


def test_the_list_is_what_the_official_client_reads(client, alice):
    from openai.types import Model

    listed = [Model.model_validate(row) for row in client.get("/v1/models", headers=alice.headers).json()["data"]]
    assert {model.owned_by for model in listed} == {"one", "two"}


@pytest.mark.parametrize("wish", [{"deny_training": True}, {"max_retention_days": 7}, {"regions": ["", "eu"]}], ids=str)
def test_what_the_keys_owner_does_not_want_is_not_offered(client, alice, wish):
    KeyPolicy.objects.create(api_key=alice.key, **wish)
    assert sorted(ids(client.get("/v1/models", headers=alice.headers))) == ["one/large", "one/small"]


def test_a_test_key_is_offered_the_script_alone(client):
    tester = make_person("tester", mode=ApiKey.Mode.TEST)
    assert ids(client.get("/v1/models", headers=tester.headers)) == ["scripted/act"]


def test_where_nothing_is_configured_nothing_is_offered_but_the_script_to_test_keys(client, alice, settings):
    settings.LLM_PROVIDERS = {}
    tester = make_person("tester", mode=ApiKey.Mode.TEST)
    assert ids(client.get("/v1/models", headers=tester.headers)) == ["scripted/act"]
    answer = client.get("/v1/models", headers=alice.headers).json()
    assert (answer["data"], answer["policies"]) == ([], [])


@pytest.mark.parametrize("path", ["/v1/models", "/v1/generations"])
def test_a_key_and_its_scope_are_asked_for(client, path):
    assert client.get(path).status_code == 401
    writer = make_person("writer", scopes=[Scope.CHAT_WRITE])
    assert client.get(path, headers=writer.headers).status_code == 403


# Records


def record(person, **facts):
    generation = make_generation(person.key, "one/large", **facts)
    Attempt.objects.create(
        generation=generation, number=2, model_id="one/large", outcome="ok", status=200, latency_ms=900
    )
    Attempt.objects.create(
        generation=generation, number=1, model_id="one/small", outcome="rate_limited", status=429, latency_ms=12
    )
    weighed = {
        "generation": generation,
        "score": 1000,
        "quality": 990,
        "expected_cost": 1_500_000,
        "expected_ms": 12467,
    }
    Weighed.objects.create(model_id="one/large", rank=0, **weighed)
    Weighed.objects.create(generation=generation, model_id="two/kept", excluded=Exclusion.TRAINS)
    return generation


def test_a_request_is_shown_with_its_tries_and_the_decision(client, alice):
    generation = record(alice)
    shown = client.get(f"/v1/generations/{generation.pk}", headers=alice.headers).json()
    assert (shown["task"], shown["model"], shown["provider"]) == ("coding", "one/large", "one")
    assert shown["usage"]["input_tokens"] == 1000
    assert shown["cost"]["total"] == "3.000000"
    assert [attempt["outcome"] for attempt in shown["attempts"]] == ["rate_limited", "ok"]
    decision = shown["decision"]
    assert decision["candidates"] == [
        {
            "model": "one/large",
            "rank": 0,
            "score": 1.0,
            "quality": 0.99,
            "expected_cost": "1.500000",
            "expected_ms": 12467,
        }
    ]
    assert decision["excluded"] == [{"model": "two/kept", "reason": "trains"}]
    assert decision["reason"].startswith("one/large: most useful for its price and time of 1 model for coding")
    assert "two/kept excluded: not known to refrain from training" in decision["reason"]


def test_an_unknown_price_is_no_price(client, alice):
    generation = record(alice, cost=None)
    assert client.get(f"/v1/generations/{generation.pk}", headers=alice.headers).json()["cost"]["total"] is None


@pytest.mark.parametrize("policy", Policy)
def test_every_policy_has_its_reason(client, alice, policy):
    generation = record(alice, policy=policy)
    reason = client.get(f"/v1/generations/{generation.pk}", headers=alice.headers).json()["decision"]["reason"]
    assert reason.startswith("one/large: ")


def test_foreign_unknown_and_malformed_ids_are_the_same_404(client, alice, charlie):
    old = f"gen_{'0' * 26}"
    foreign = record(charlie, id="gen_01aaaaaaaaaaaaaaaaaaaaaaaa").pk
    for generation_id in (old, foreign, "gen_x", "ext_1", "gen_" + "z" * 26, "gen_%00"):
        answer = client.get(f"/v1/generations/{generation_id}", headers=alice.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_young_one_is_waited_for(async_client, alice):
    generation_id = new_id("gen")
    asking = asyncio.create_task(async_client.get(f"/v1/generations/{generation_id}", headers=alice.headers))
    await asyncio.sleep(0.3)
    assert not asking.done()
    await sync_to_async(record)(alice, id=generation_id)
    assert (await asking).json()["id"] == generation_id


async def test_a_young_one_that_does_not_come_is_given_up(async_client, alice, monkeypatch):
    monkeypatch.setattr("routing.generation_rows.WAIT_SECONDS", 0.2)
    answer = await async_client.get(f"/v1/generations/{new_id('gen')}", headers=alice.headers)
    assert answer.status_code == 404


def test_requests_are_listed_newest_first_by_pages(client, alice, charlie):
    mine = [make_generation(alice.key, "one/small").pk for _ in range(5)]
    make_generation(charlie.key, "one/small")
    first = client.get("/v1/generations", {"limit": 3}, headers=alice.headers).json()
    second = client.get("/v1/generations", {"limit": 3, "cursor": first["next_cursor"]}, headers=alice.headers).json()
    assert [row["id"] for row in first["data"] + second["data"]] == sorted(mine, reverse=True)
    assert second["next_cursor"] is None
    assert "attempts" not in first["data"][0]


def test_the_list_can_be_narrowed(client, alice):
    make_generation(alice.key, "one/small")
    math = make_generation(alice.key, "one/large", task=Task.MATH, status=Generation.Status.FAILED)
    for wanted in ({"task": "math"}, {"model": "one/large"}, {"status": "failed"}):
        assert ids(client.get("/v1/generations", wanted, headers=alice.headers)) == [math.pk]
    assert client.get("/v1/generations", {"task": "nonsense"}, headers=alice.headers).status_code == 422


def test_feedback_is_kept_and_learned_from(client, alice):
    generation = record(alice)
    path = f"/v1/generations/{generation.pk}/feedback"
    answer = client.post(path, {"score": 0.25}, "application/json", headers=alice.headers)
    assert (answer.status_code, answer.json()["feedback"]) == (200, 0.25)
    assert vitals.vitals()["one/large"].bad == 0.75
    client.post(path, {"score": 1}, "application/json", headers=alice.headers)
    generation.refresh_from_db()
    assert generation.score == 1000
    assert vitals.vitals()["one/large"].bad == 0.75  # one word for an answer, however often it is said


@pytest.mark.parametrize("body", [{"score": 1.01}, {"score": -0.1}, {"score": "good"}, {}, {"score": 1, "text": "x"}])
def test_feedback_is_a_number_and_nothing_else(client, alice, body):
    path = f"/v1/generations/{record(alice).pk}/feedback"
    assert client.post(path, body, "application/json", headers=alice.headers).status_code == 422


def test_feedback_on_a_strangers_request_is_404(client, alice, charlie):
    path = f"/v1/generations/{record(charlie, id='gen_01aaaaaaaaaaaaaaaaaaaaaaaa').pk}/feedback"
    assert client.post(path, {"score": 1}, "application/json", headers=alice.headers).status_code == 404


# The dry run


def dry_run(client, person, model="auto", content="Write a Python function that reverses a list.", **more):
    body = {"model": model, "messages": [{"role": "user", "content": content}]} | more
    return client.post(DRY_RUN, body, "application/json", headers=person.headers)


def test_a_dry_run_says_who_would_answer_and_why_and_stores_nothing(client, alice):
    answer = dry_run(client, alice)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["object"], told["task"], told["policy"]) == ("dry_run", "coding", "auto")
    assert 0 <= told["difficulty"] <= 1
    assert told["model"] == told["decision"]["candidates"][0]["model"]
    assert {one["model"] for one in told["decision"]["candidates"]} == {"one/small", "one/large", "two/kept"}
    assert told["decision"]["reason"].startswith(told["model"])
    assert not Generation.objects.exists()
    assert alice.wallet.held == 0


def test_a_dry_run_shows_everybody_who_is_out(client, alice):
    KeyPolicy.objects.create(api_key=alice.key, deny_training=True)
    excluded = {one["model"]: one["reason"] for one in dry_run(client, alice).json()["decision"]["excluded"]}
    assert excluded["two/kept"] == "trains"
    assert excluded["two/unpriced"] == "price_unknown"
    assert excluded["three/elsewhere"] == "not_configured"


def test_a_dry_run_repeats_nothing_of_the_prompt(client, alice):
    answer = dry_run(client, alice, content="Rewrite this: zanzibarmarker")
    assert answer.status_code == 200
    assert "zanzibarmarker" not in answer.content.decode()


@pytest.mark.parametrize(
    ("model", "first"),
    [("auto:best", "one/large"), ("auto:cheapest", "one/small"), ("two/kept", "two/kept")],
)
def test_a_dry_run_follows_the_policy_asked_for(client, alice, model, first):
    assert dry_run(client, alice, model).json()["model"] == first


def test_a_dry_run_follows_the_preferences_of_the_request(client, alice):
    cheap = {"max_price": {"input": 0.5, "output": 0.5}}
    assert dry_run(client, alice, "auto:best", provider=cheap).json()["model"] == "one/small"
    denied = dry_run(client, alice, "auto:best", provider={"data_collection": "deny", "only": ["two"]}).json()
    assert denied["model"] is None
    assert denied["decision"]["reason"].startswith("Nobody can serve this request")


@pytest.mark.parametrize("model", ["auto", "auto:best", "one/large", "scripted/act"])
def test_a_dry_run_with_a_test_key_is_of_the_script(client, model):
    tester = make_person("tester", mode=ApiKey.Mode.TEST)
    KeyPolicy.objects.create(api_key=tester.key, deny_training=True, max_retention_days=0, regions=["eu"])
    assert dry_run(client, tester, model).json()["model"] == "scripted/act"


def test_a_dry_run_refuses_what_the_gateway_refuses(client, alice):
    assert dry_run(client, alice, model="nobody/knows").json()["code"] == "unknown_model"
    assert dry_run(client, alice, messages="none").status_code in (400, 422)
    broken = client.post(DRY_RUN, b"{", "application/json", headers=alice.headers)
    assert broken.status_code == 400
    reader = make_person("reader", scopes=[Scope.CHAT_READ])
    assert dry_run(client, reader).status_code == 403
