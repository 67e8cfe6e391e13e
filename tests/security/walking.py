"""What there is to walk: operations of the OpenAPI document, addresses of the site, and ids of what somebody has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import WebhookDelivery, WebhookEndpoint
from billing.models import BalanceAlert, Payment, Subscription
from extraction.models import Batch, Job, SavedSchema
from littlepull.asgi import application
from littlepull.site.reference import document
from littlepull.site.reference_schema import Reader
from privacy.models import SubjectRequest
from routing.models import Generation
from tests.people import Person
from tests.server import SAMPLES

RECEIPT = (SAMPLES / "receipt.jpg").read_bytes()
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def open(self) -> bool:
        return not self.told.get("security")

    def body(self) -> Any:
        """What the document gives as an example, and the schema therefore accepts."""
        content = self.told.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        return Reader(document()["components"]["schemas"]).sample_object(content["schema"])


def operations() -> list[Operation]:
    return [
        Operation(method.upper(), path, some[method])
        for path, some in document()["paths"].items()
        for method in METHODS
        if method in some
    ]


def call(method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
    content = "" if body is None else json.dumps(body)
    return Client().generic(method, path, content, "application/json", headers=headers)


async def knock(method: str, path: str, *, through: Any = application, **request: Any) -> httpx.Response:
    """At the ASGI application itself: uploads and static files are answered before Django."""
    transport = httpx.ASGITransport(app=through, raise_app_exceptions=False)
    ends = (request_started, request_finished)
    for signal in ends:  # as Django's own test client does: the connection is the test's, and stays
        signal.disconnect(close_old_connections)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path, **request)
    finally:
        for signal in ends:
            signal.connect(close_old_connections)


def addresses() -> Iterator[tuple[str, URLPattern]]:
    """Every address outside the API, as Django writes its pattern."""
    yield from _patterns(get_resolver().url_patterns, "")


def _patterns(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        whole = before + str(one.pattern)
        if isinstance(one, URLResolver):
            if whole != "v1/":
                yield from _patterns(one.url_patterns, whole)
        else:
            yield whole, one


# One of hers for each name that an address has for an id. Who adds an operation with another name adds it here.
IDS = {
    "payment_id": lambda person: Payment.objects.filter(user=person.user).earliest("created_at").pk,
    "subscription_id": lambda person: Subscription.objects.filter(user=person.user).earliest("created_at").pk,
    "key_id": lambda person: person.key.pk,
    "alert_id": lambda person: BalanceAlert.objects.get(wallet=person.wallet).pk,
    "batch_id": lambda person: Batch.objects.get(api_key=person.key).pk,
    "extraction_id": lambda person: Job.objects.owned_by(person.user).earliest("created_at").pk,
    "endpoint_id": lambda person: WebhookEndpoint.objects.get(user=person.user).pk,
    "delivery_id": lambda person: WebhookDelivery.objects.owned_by(person.user).earliest("created_at").pk,
    "name": lambda person: SavedSchema.objects.get(user=person.user).name,
    "generation_id": lambda person: Generation.objects.get(api_key=person.key).pk,
    "request_id": lambda person: SubjectRequest.objects.filter(user=person.user).earliest("opened_at").pk,
}


def id_of(name: str, person: Person) -> str:
    return str(IDS[name](person))


def unlike(id: str) -> str:
    """One of the same shape that nobody has."""
    return id[:-4] + ("zzzz" if not id.endswith("zzzz") else "yyyy")
