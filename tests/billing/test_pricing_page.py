"""GET /v1/prices and the public page of prices: the same figures, for anybody, from nobody else's server."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from billing.models import Price, Product
from billing.prices import publish_prices
from billing.pricing import MICRO, format_dollars
from routing import catalogue
from routing.models import ModelPrice
from tests.routing.offers import make_model

pytestmark = pytest.mark.django_db
TABLE = {"page": MICRO, "audio_second": 10_000, "llm_mapping": MICRO, "gateway_margin": 0}


@pytest.fixture(autouse=True)
def own_catalogue(settings):
    settings.LLM_PROVIDERS = {"acme": {"api_key": "k", "base_url": ""}}
    catalogue.forget()
    yield
    catalogue.forget()


def prices(client, **query: object) -> dict:
    answer = client.get("/v1/prices", query)
    assert answer.status_code == 200
    assert "public" in answer["Cache-Control"]
    return answer.json()


def page(client) -> str:
    answer = client.get("/pricing")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_anybody_reads_every_price_with_its_version(client):
    make_model("acme/large", dollars=3)
    told = prices(client)
    assert told["version"] == 1 and told["effective_at"]
    assert {row["item"]: row["credits"] for row in told["items"]} == {
        "page": "1.000000", "audio_second": "0.010000", "llm_mapping": "1.000000",
    }  # fmt: skip
    assert [row["credits_per_minute"] for row in told["items"]] == [None, "0.600000", None]
    assert (told["margin_percent"], told["announced"]) == ("0", [])
    [model] = told["models"]
    assert model["effective_at"] and (model["id"], model["version"]) == ("acme/large", 1)
    assert (model["input"], model["cached_input"], model["output"]) == ("300.000000", None, "300.000000")
    products = {row["code"]: row for row in told["products"]}
    assert products["credits-500"]["credits"] == "500.000000" and products["credits-500"]["amount"] == 500
    assert products["starter"]["kind"] == "plan"


def test_the_page_says_the_same(client):
    make_model("acme/large", dollars=3)
    told = page(client)
    for words in (
        "A minute of sound", "0.6", "$0.006", "$0.01", "free", "acme/</span>large", "$3.00", "Version 1", "500 credits",
        "5.00 USD", "9.00 USD a month", "and nothing on top", "/v1/prices",
    ):  # fmt: skip
        assert words in told, words


def test_a_new_version_is_announced_before_it_holds_and_the_old_one_can_be_looked_up(client):
    publish_prices(TABLE | {"page": 2 * MICRO}, effective_at=timezone.now() + timedelta(days=7))
    told = prices(client)
    assert told["version"] == 1
    [later] = told["announced"]
    assert (later["version"], later["items"][0]["credits"]) == (2, "2.000000")
    assert "version 2" in page(client)
    publish_prices(TABLE | {"page": 3 * MICRO}, effective_at=timezone.now())
    told = prices(client)
    assert (told["version"], told["items"][0]["credits"], told["announced"]) == (3, "3.000000", [])
    assert "3.00" not in page(client) and "$0.03" in page(client)
    assert prices(client, version=1)["items"][0]["credits"] == "1.000000"
    assert client.get("/v1/prices?version=9").json()["code"] == "not_found"
    assert client.get("/v1/prices?version=x").json()["code"] == "invalid_request"


def test_a_table_without_an_item_is_not_published():
    with pytest.raises(ValueError):
        publish_prices({"page": 1}, effective_at=timezone.now())
    assert not Price.objects.filter(version=2).exists()


def test_the_margin_is_told(client):
    publish_prices(TABLE | {"gateway_margin": 55_000}, effective_at=timezone.now())
    assert prices(client)["margin_percent"] == "5.5"
    assert "a margin of 5.5 %" in page(client)


def test_what_cannot_be_called_or_has_no_price_is_not_offered(client):
    make_model("acme/free?", dollars=None)
    half = make_model("acme/half", dollars=None)
    ModelPrice.objects.create(model=half, version=1, input=None, output=5)
    make_model("acme/off", enabled=False)
    make_model("other/large")  # nobody has configured that provider
    assert prices(client)["models"] == []
    assert "No provider of models is configured" in page(client)


def test_what_is_sold_no_more_is_not_listed(client):
    Product.objects.filter(pk="team").update(active=False)
    Product.objects.filter(pk="starter").update(paddle_ref="pri_1", name="<script>alert(1)</script>")
    products = {row["code"]: row for row in prices(client)["products"]}
    assert "team" not in products and products["starter"]["providers"] == ["paddle"]
    assert "<script>alert" not in page(client)


def test_the_page_asks_nobody_else_for_anything_and_runs_nothing(client):
    answer = client.get("/pricing")
    html = answer.content.decode()
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", html)
    assert all(where.startswith("/static/") for where in re.findall(r'<script[^>]*src="([^"]*)"', html))
    assert "style-src 'self'" in answer["Content-Security-Policy"]
    assert not answer.cookies


def test_a_stranger_s_page_may_be_kept_and_a_customer_s_may_not(client, bob):
    assert client.get("/pricing")["Cache-Control"] == "public, max-age=300"
    client.force_login(bob.user)
    assert client.get("/pricing")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("micro", "text"), [(10**8, "$1.00"), (10**6, "$0.01"), (600_000, "$0.006"), (1, "$0.00000001"), (0, "$0.00")]
)
def test_dollars_are_exact(micro, text):
    assert format_dollars(micro) == text
