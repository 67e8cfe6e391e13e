"""What is another's is not there: every operation of the document that takes an id, asked with another's."""

from __future__ import annotations

import json
import re

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps

from accounts.api_keys import create_key
from accounts.models import Scope
from billing.models import Payment, Subscription
from littlepull.site.reference import document
from littlepull.site.reference_schema import Reader
from tests.privacy.planted import plant
from tests.security.walking import IDS, RECEIPT, Operation, call, id_of, knock, operations, unlike

pytestmark = pytest.mark.django_db
WITH_IDS = [one for one in operations() if one.parameters]
LISTS = [one for one in operations() if one.method == "GET" and not one.parameters and not one.open]
# Beyond the document's own example: what makes the call one that the owner could make.
QUERIES = {"GET /v1/extractions/{extraction_id}/result": "signature=AAAA"}
# Where an object is named elsewhere than in the path. Each is asked about below.
NAMED = {
    "GET /v1/extractions batch_id",
    "GET /v1/webhook-deliveries endpoint_id",
    "POST /v1/credits/transfers from_key",
    "POST /v1/credits/transfers to_key",
    "POST /v1/extractions schema_name",
    "POST /v1/extractions/batch schema_name",
    "POST /v1/extractions/quote schema_name",  # a quote is for the media: the schema is not even looked up
    "POST /v1/keys pays_from",
    "POST /v1/payments key_id",
    "POST /v1/subscriptions key_id",
}


def fill(operation: Operation, ids: dict[str, str]) -> str:
    query = QUERIES.get(str(operation), "")
    return operation.path.format(**ids) + (f"?{query}" if query else "")


def read(path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Lists may be streamed."""
    answer = async_to_sync(knock)("GET", path, headers=headers)
    return answer.status_code, answer.text


def rows() -> dict[str, list]:
    """Everything that an operation could have touched; not when a key was last used."""
    ours = ("accounts", "billing", "routing", "extraction", "privacy")
    kept = [model for model in apps.get_models() if model._meta.app_label in ours]
    told = {}
    for model in kept:
        columns = [field.attname for field in model._meta.concrete_fields if field.attname != "last_used_at"]
        told[model._meta.label] = sorted(map(repr, model._base_manager.values_list(*columns)))
    return told


def test_every_operation_with_an_id_is_walked():
    """Who adds one with an id of a new kind says in `walking.IDS` how to make one."""
    assert {name for one in WITH_IDS for name in one.parameters} == IDS.keys()
    assert len(WITH_IDS) >= 30


@pytest.mark.parametrize("operation", WITH_IDS, ids=str)
def test_anothers_is_as_unknown_as_what_nobody_has(operation, charlie):
    alice = plant("alice")
    assert set(charlie.key.scopes) == set(Scope.values)
    ids = {name: id_of(name, alice) for name in operation.parameters}
    nobodys = {name: unlike(id) for name, id in ids.items()}
    call("GET", "/v1/account", charlie.headers)
    before = rows()
    theirs, unknown = (
        call(operation.method, fill(operation, some), charlie.headers, operation.body()) for some in (ids, nobodys)
    )
    assert (theirs.status_code, unknown.status_code) == (404, 404), theirs.content
    told = [{**json.loads(answer.content), "request_id": ""} for answer in (theirs, unknown)]
    assert told[0] == told[1] and told[0]["code"].endswith("not_found")
    assert set(theirs.headers) == set(unknown.headers)
    assert rows() == before, "a refusal changed something"


@pytest.mark.parametrize("operation", WITH_IDS, ids=str)
def test_its_owner_is_not_told_that_it_is_unknown(operation):
    """Else the refusal above would prove nothing."""
    alice = plant("alice")
    if operation.path.endswith("/result"):
        return  # opened by a signature and by nothing else: tests/flows/test_life_of_an_extraction.py
    path = fill(operation, {name: id_of(name, alice) for name in operation.parameters})
    answer = call(operation.method, path, alice.headers, operation.body())
    assert answer.status_code not in (401, 403, 404, 405, 500), answer.content


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_no_list_has_anything_of_anothers(operation, charlie):
    alice = plant("alice")
    traces = [alice.user.email, alice.user.pk, *(id_of(name, alice) for name in IDS)]
    status, told = read(operation.path, charlie.headers)
    assert status == 200 or (operation.path, status) == ("/v1/auto-top-up", 404), told
    assert [trace for trace in traces if trace in told] == []


def test_those_lists_have_what_is_ones_own():
    alice = plant("alice")
    told = "".join(read(one.path, alice.headers)[1] for one in LISTS)
    assert [name for name in IDS if id_of(name, alice) not in told] == []


def names_of(operation: Operation) -> set[str]:
    """Of queries and bodies."""
    reader = Reader(document()["components"]["schemas"])
    names = {told["name"] for told in operation.told.get("parameters", ()) if told["in"] == "query"}
    for content in operation.told.get("requestBody", {}).get("content", {}).values():
        names |= set(reader.follow(content["schema"]).get("properties", {}))
    return names


def test_other_places_that_name_an_object_are_known():
    found = {f"{one} {name}" for one in operations() for name in names_of(one)}
    assert {one for one in found if re.search(r"(_id|_key|pays_from|schema_name)$", one)} == NAMED


@pytest.mark.parametrize(
    "path", ["/v1/extractions?batch_id={batch_id}", "/v1/webhook-deliveries?endpoint_id={endpoint_id}"]
)
def test_a_filter_by_anothers_id_finds_nothing(path, charlie):
    alice = plant("alice")
    ids = {name: id_of(name, alice) for name in ("batch_id", "endpoint_id")}
    answers = [
        call("GET", path.format(**{name: change(id) for name, id in ids.items()}), charlie.headers)
        for change in (str, unlike)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["data"] for answer in answers] == [[], []]
    assert call("GET", path.format(**ids), alice.headers).json()["data"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/credits/transfers", {"to_key": "{}", "from_key": "{own}", "credits": "1"}),
        ("/v1/credits/transfers", {"to_key": "{own}", "from_key": "{}", "credits": "1"}),
        ("/v1/keys", {"pays_from": "{}"}),
        ("/v1/payments", {"key_id": "{}", "product": "credits-500"}),
        ("/v1/subscriptions", {"key_id": "{}", "product": "plan-1"}),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_anothers_key_is_as_unknown_as_what_nobody_has(path, body, alice, charlie):
    own, _plaintext = create_key(charlie.user)
    said = []
    for at, id in enumerate((alice.key.pk, unlike(alice.key.pk))):
        sent = {name: told.replace("{own}", own.pk).replace("{}", id) for name, told in body.items()}
        answer = call("POST", path, {**charlie.headers, "Idempotency-Key": f"once-{at}"}, sent)
        said.append((answer.status_code, {**answer.json(), "request_id": ""}))
    assert said[0] == said[1] and said[0][0] == 404, said
    assert alice.wallet.balance == charlie.wallet.balance == 100_000_000
    assert not Payment.objects.exists() and not Subscription.objects.exists()


@pytest.mark.parametrize("path", ["/v1/extractions", "/v1/extractions/batch"])
def test_no_extraction_by_anothers_schema(path, charlie):
    alice = plant("alice")
    said = []
    for name in (id_of("name", alice), "papers-nobody"):
        form = {"schema_name": name}
        files = {"file": ("receipt.jpg", RECEIPT)}
        answer = async_to_sync(knock)("POST", path, headers=charlie.headers, data=form, files=files)
        said.append((answer.status_code, {**answer.json(), "request_id": ""}))
    assert said[0] == said[1] and said[0][1]["code"] == "schema_not_found", said
