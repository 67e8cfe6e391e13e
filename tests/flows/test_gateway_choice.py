"""How the gateway chooses, seen from outside: by price, by what providers have left, by session, by exploring."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.flows.gateways import ASKED, add_models, scripted_provider
from tests.server import Product

CHEAP, DEAR, BUSY = "groq/cheap", "together/dear", "groq/busy-seconds"
HIGH_PRICE = {"input": "3", "cached_input": None, "cache_write": None, "output": "12", "source": "https://example.com"}
TWINS = ("groq/twin", "together/twin")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Product]:
    with scripted_provider() as base_url:
        keys = {f"{name}_API_KEY": "secret" for name in ("GROQ", "TOGETHER")}
        urls = {f"{name}_BASE_URL": base_url for name in ("GROQ", "TOGETHER")}
        product = Product(
            tmp_path_factory.mktemp("choice"), **keys, **urls, ENGINE_PRELOAD="", RATE_LIMIT_REQUESTS="5000"
        )
        product.start()
        add_models(product, ["cheap", "busy-seconds", "twin"])
        add_models(product, ["dear"], provider="together", price=HIGH_PRICE)
        add_models(product, ["twin"], provider="together")
        time.sleep(1.2)  # the web process looks at the catalogue once a second
        yield product
        product.kill()


@pytest.fixture(scope="module")
def key(gateway: Product) -> str:
    return gateway.create_key("choice@example.com", 1000)


@pytest.fixture
def client(gateway: Product, key: str) -> Iterator[httpx.Client]:
    with gateway.client(key) as client:
        yield client


def ask(client: httpx.Client, **asked) -> httpx.Response:
    headers = asked.pop("headers", {})
    body = {"model": "auto", "messages": ASKED, "max_tokens": 50, **asked}
    return client.post("/v1/chat/completions", json=body, headers=headers)


def record(client: httpx.Client, answer: httpx.Response) -> dict:
    return client.get(f"/v1/generations/{answer.headers['x-littlepull-generation']}").json()


def test_a_caller_may_sort_by_price_and_name_a_highest_one(client):
    """F44: the cheaper first when asked so; nobody above the cap, and a clear refusal where that leaves nobody."""
    for only, first in (([CHEAP, DEAR], CHEAP), ([DEAR, "groq/openai/gpt-oss-20b"], "groq/openai/gpt-oss-20b")):
        answer = ask(client, provider={"only": only, "sort": "price"})
        assert answer.headers["x-littlepull-model"] == first
    assert ask(client, models=[DEAR, CHEAP]).headers["x-littlepull-model"] == DEAR
    capped = ask(client, models=[DEAR, CHEAP], provider={"max_price": {"prompt": 2, "completion": 8}})
    assert capped.headers["x-littlepull-model"] == CHEAP
    nobody = ask(client, models=[DEAR], provider={"max_price": {"prompt": 2}})
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (422, "no_candidate")


def test_a_provider_that_said_it_is_full_is_left_alone_until_the_time_it_named(client):
    """F45: the first request learns of it, the next one does not knock there."""
    first = ask(client, models=[BUSY, DEAR])
    assert first.headers["x-littlepull-model"] == DEAR
    assert int(first.headers["x-littlepull-attempts"]) > 1
    second = ask(client, models=[BUSY, DEAR])
    assert (second.headers["x-littlepull-model"], second.headers["x-littlepull-attempts"]) == (DEAR, "1")
    excluded = {one["model"]: one["reason"] for one in record(client, second)["decision"]["excluded"]}
    assert excluded[BUSY] == "rate_limit"


def test_a_session_stays_with_its_model_where_the_key_wants_that(gateway):
    """F46: for the provider's prompt cache; another session is chosen for anew."""
    key = gateway.create_key("stays@example.com", 100)
    public_id = key.split("_")[2]
    gateway.manage(
        "shell", "-c",
        "from accounts.models import ApiKey; from routing.models import KeyPolicy; "
        f"KeyPolicy.objects.create(api_key=ApiKey.objects.get(public_id='{public_id}'), affinity=True, explore=False)",
    )  # fmt: skip
    with gateway.client(key) as client:
        chosen = ask(client).headers["x-littlepull-model"]
        other = next(name for name in (DEAR, CHEAP) if name != chosen)
        ask(client, model=other, headers={"X-LittlePull-Session": "one"})
        stayed = ask(client, headers={"X-LittlePull-Session": "one"})
        assert stayed.headers["x-littlepull-model"] == other
        assert record(client, stayed)["decision"]["affine"] is True
        assert ask(client, headers={"X-LittlePull-Session": "two"}).headers["x-littlepull-model"] == chosen


def test_records_older_than_ninety_days_are_gone_and_their_number_is_told(gateway, client):
    """F52: the purge says how many, and from when to when."""
    answer = ask(client, model=CHEAP)
    generation = record(client, answer)["id"]
    gateway.manage(
        "shell", "-c",
        "from datetime import timedelta; from routing.models import Generation; "
        f"g = Generation.objects.get(pk='{generation}'); "
        "Generation.objects.filter(pk=g.pk).update(created_at=g.created_at - timedelta(days=91))",
    )  # fmt: skip
    assert "routing.Generation: 1 " in gateway.manage("purge_expired")
    assert client.get(f"/v1/generations/{generation}").status_code == 404


def test_a_small_share_explores_near_equals_and_says_so(client):
    """F56: twins at the same price: most requests go to the first of them, a bounded few to the other."""
    went, explored = Counter(), 0
    only = {"provider": {"only": [*TWINS]}}
    answers = [ask(client, **only) for _ in range(60)]
    for answer in answers:
        went[answer.headers["x-littlepull-model"]] += 1
        explored += record(client, answer)["decision"]["explored"]
    assert set(went) <= set(TWINS)
    assert explored <= 15
    assert went.most_common(1)[0][1] >= 45


def test_statistics_are_open_to_all_and_hold_back_what_too_few_stand_behind(gateway):
    """F57: the thresholds are stated; nothing of a few keys is shown."""
    told = httpx.get(f"{gateway.base_url}/v1/statistics/models", trust_env=False).json()
    assert told["thresholds"] == {"keys": 20, "requests": 500}
    assert told["data"] == []
    assert httpx.get(f"{gateway.base_url}/statistics/models", trust_env=False).status_code == 200
