"""Requests made from the OpenAPI document, and against it: no answer is a fault of ours or one the document lacks.

As many for each operation as LITTLEPULL_FUZZ says; always the same ones.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from littlepull.site.reference import document
from tests.flows.gateways import add_models, scripted_provider
from tests.server import Product

EXAMPLES = int(os.environ.get("LITTLEPULL_FUZZ", "4"))
# What a part that is not configured here answers, by its documented code.
NOT_CONFIGURED = {"payment_provider_not_configured"}
LEAVES = "/v1/privacy/requests"  # may end the account, so somebody else does it
load_all_checks()
BY_THE_DOCUMENT = [
    CHECKS.get_one(name)
    for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
]
schema = schemathesis.openapi.from_dict(document())


class Target:
    """A running product, and what one of its accounts has."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.keys = {"stays": product.create_key("fuzz@example.com", 100_000)}
        self.keys["leaves"] = product.create_key("leaves@example.com", 1000)
        self.session = requests.Session()
        self.session.trust_env = False
        self.turns = itertools.count()
        self.ids = self._make_objects()

    def _make_objects(self) -> dict[str, str]:
        with self.product.client(self.keys["stays"]) as client:
            key = client.post("/v1/keys", json={"name": "another"}).json()["id"]
            client.post("/v1/schemas", json={"name": "papers", "schema": {"type": "object"}}).raise_for_status()
            alert = client.post("/v1/credits/alerts", json={"credits": "5"}).json()["id"]
            asked = client.post("/v1/privacy/requests", json={"kind": "access"}).json()["id"]
        return {"key_id": key, "name": "papers", "alert_id": str(alert), "request_id": asked}


@pytest.fixture(scope="module")
def target(tmp_path_factory, static_files) -> Iterator[Target]:
    with scripted_provider() as url:
        product = Product(
            tmp_path_factory.mktemp("fuzzed"),
            RATE_LIMIT_REQUESTS="1000000",
            ENGINE_PRELOAD="rapidocr",
            GROQ_API_KEY="key",
            GROQ_BASE_URL=url,
        )
        try:
            product.start(ready=False)
            add_models(product, ["fuzzed"])
            yield Target(product)
        finally:
            product.kill()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_tells_of(case: schemathesis.Case, target: Target) -> None:
    if next(target.turns) % 2 and case.path_parameters:
        for name, id in target.ids.items():
            if name in case.path_parameters:
                case.path_parameters[name] = id
    key = target.keys["leaves" if case.path == LEAVES and case.method.upper() == "POST" else "stays"]
    headers = {"Authorization": f"Bearer {key}"}
    answer = case.call(base_url=target.product.base_url, session=target.session, headers=headers, timeout=30)
    if answer.status_code >= 500:
        assert answer.json().get("code") in NOT_CONFIGURED, (answer.status_code, answer.text[:500])
    else:
        case.validate_response(answer, checks=BY_THE_DOCUMENT)
