"""Headers, the account, the OpenAPI document, and the documentation page."""

from __future__ import annotations

import re

import httpx


def test_every_response_has_an_id_and_keeps_the_callers(product, alice_client):
    assert alice_client.get("/v1/account").headers["X-Request-Id"].startswith("req_")
    own = alice_client.get("/v1/account", headers={"X-Request-Id": "trace-4711-abc"})
    assert own.headers["X-Request-Id"] == "trace-4711-abc"
    assert httpx.get(f"{product.base_url}/healthz", trust_env=False).headers["X-Request-Id"]


def test_authenticated_responses_say_what_is_left(alice_client):
    """F27: limits and credits on every reply."""
    headers = alice_client.get("/v1/account").headers
    assert re.fullmatch(r'"default";q=\d+;w=\d+', headers["RateLimit-Policy"])
    assert re.fullmatch(r'"default";r=\d+;t=\d+', headers["RateLimit"])
    assert re.fullmatch(r"\d+\.\d{6}", headers["X-Credits-Remaining"])


def test_too_many_requests_are_told_when_to_come_back(own_product):
    """F27: 429 with Retry-After."""
    product = own_product(RATE_LIMIT_REQUESTS="3", ENGINE_PRELOAD="rapidocr")
    product.start(ready=False)
    with product.client(product.create_key()) as client:
        answers = [client.get("/v1/account") for _ in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    assert answers[3].status_code == 429
    assert answers[3].json()["code"] == "rate_limited"
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60


def test_the_account_shows_the_key_and_never_its_secret(alice_client, alice_key):
    account = alice_client.get("/v1/account")
    assert account.json()["email"] == "alice@example.com"
    assert account.json()["key"]["mode"] == "live"
    assert alice_key[-40:] not in account.text


def test_the_openapi_document_lists_operations_with_their_problems(product):
    document = httpx.get(f"{product.base_url}/v1/openapi.json", trust_env=False).json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/extractions", "/v1/extractions/{extraction_id}", "/v1/account"} <= document["paths"].keys()
    post = document["paths"]["/v1/extractions"]["post"]
    assert {"200", "202", "401", "402", "413", "415", "422", "429"} <= post["responses"].keys()
    assert post["requestBody"]["content"].keys() == {"multipart/form-data", "application/json"}
    assert {parameter["name"] for parameter in post["parameters"]} == {"Prefer", "Idempotency-Key"}


def test_the_documentation_loads_nothing_from_elsewhere(product):
    page = httpx.get(f"{product.base_url}/v1/docs", trust_env=False)
    assert page.status_code == 200
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert assets
    for asset in assets:
        assert asset.startswith("/"), asset
        assert httpx.get(product.base_url + asset, trust_env=False).status_code == 200, asset
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_no_cookie_is_set_by_the_api(alice_client):
    assert not alice_client.get("/v1/account").cookies
