"""/v1/schemas as its callers meet it: names, versions, owners, limits, and what is refused."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.test import AsyncClient

from accounts.sealing import SealBroken
from extraction.models import SavedSchema, SchemaVersion
from extraction.saved_schemas import find_schema
from tests.people import Person, make_person

TICKET = {"type": "object", "properties": {"seat": {"type": ["string", "null"]}}}
BETTER = {"type": "object", "properties": {"seat": {"type": ["string", "null"]}, "row": {"type": ["integer", "null"]}}}


async def call(who: Person, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """The response, its JSON as `.answer`."""
    data = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
    client = AsyncClient()
    response = await client.generic(
        method, f"/v1/schemas{path}", data, content_type="application/json", headers={**who.headers, **headers}
    )
    response.answer = json.loads(response.content) if response.content else None
    return response


async def save(who: Person, name: str = "ticket", schema: Any = TICKET, **more: Any) -> Any:
    return await call(who, "POST", "", {"name": name, "schema": schema, **more})


async def test_a_schema_is_saved_found_changed_and_pinned(alice):
    """F11: version 1 stays what it was when version 2 is there; the bare name means the newest."""
    made = await save(alice, description="Seats")
    assert (made.status_code, made["Location"]) == (201, "/v1/schemas/ticket")
    assert made.answer["id"].startswith("sch_") and made.answer["version"] == 1
    put = await call(alice, "PUT", "/ticket", {"schema": BETTER})
    assert (put.status_code, put.answer["version"], put.answer["description"]) == (200, 2, "Seats")
    for reference, schema, version in [
        ("ticket", BETTER, 2),
        ("ticket@1", TICKET, 1),
        ("ticket?version=1", TICKET, 1),
        (f"{made.answer['id']}@2", BETTER, 2),
    ]:
        found = await call(alice, "GET", f"/{reference}")
        assert (found.status_code, found.answer["schema"], found.answer["version"]) == (200, schema, version)
    for reference in ("ticket@3", "ticket?version=3", "ticket@x", "ticket@", "ticket@01", "ticket@²"):
        assert (await call(alice, "GET", f"/{reference}")).status_code == 404, reference


async def test_the_same_schema_again_is_no_new_version(alice):
    """F11: a deployment may PUT its schema every time; a new description needs no new version."""
    await save(alice)
    again = await call(alice, "PUT", "/ticket", {"schema": TICKET, "description": "Seats of a theatre"})
    assert (again.answer["version"], again.answer["description"]) == (1, "Seats of a theatre")
    versions = (await call(alice, "GET", "/ticket/versions")).answer
    assert [row["version"] for row in versions["data"]] == [1]


async def test_going_back_is_a_version_of_its_own(alice):
    """F11: only the newest counts as the same."""
    await save(alice)
    for schema in (BETTER, TICKET):
        await call(alice, "PUT", "/ticket", {"schema": schema})
    first = (await call(alice, "GET", "/ticket/versions?limit=2")).answer
    assert [row["version"] for row in first["data"]] == [3, 2]
    rest = (await call(alice, "GET", f"/ticket/versions?limit=2&cursor={first['next_cursor']}")).answer
    assert [row["version"] for row in rest["data"]] == [1] and rest["next_cursor"] is None


async def test_own_schemas_and_built_in_ones_are_listed_page_by_page(alice, charlie):
    """F11: every one once, own ones first, nobody else's."""
    for name in ("ticket", "pass", "badge"):
        await save(alice, name)
    await save(charlie, "secret")
    seen, cursor = [], ""
    while True:
        page = (await call(alice, "GET", f"?limit=2{cursor}")).answer
        seen += page["data"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    names = [row["name"] for row in seen]
    assert names[:3] == ["ticket", "pass", "badge"] and {"receipt", "invoice"} < set(names[3:])
    assert len(names) == len(set(names)) and "secret" not in names
    assert [row["built_in"] for row in seen] == [False] * 3 + [True] * (len(seen) - 3)
    assert all("schema" not in row for row in seen)


async def test_a_strangers_schema_does_not_exist(alice, charlie):
    """F11: foreign and unknown are the same 404, by name and by id, for every method."""
    made = (await save(alice)).answer
    for reference in ("ticket", made["id"], "nobodys", "sch_" + "0" * 26, "%00", "a" * 300):
        for method, body in [("GET", None), ("DELETE", None), ("PUT", {"schema": BETTER})]:
            answer = await call(charlie, method, f"/{reference}", body)
            assert (answer.status_code, answer.answer["code"]) == (404, "not_found"), (method, reference)
        assert (await call(charlie, "GET", f"/{reference}/versions")).status_code == 404
    assert (await call(alice, "GET", "/ticket@1")).answer["schema"] == TICKET


async def test_what_is_deleted_is_gone_with_its_keys(alice):
    """F11: later use is a 404, and no sealed copy or key stays in the tables."""
    made = (await save(alice)).answer
    assert (await call(alice, "DELETE", "/ticket")).status_code == 204
    assert (await call(alice, "GET", f"/{made['id']}")).status_code == 404
    assert not await SchemaVersion.objects.aexists()
    assert (await save(alice)).status_code == 201  # the name is free again


async def test_a_schema_lies_sealed(alice):
    """F11: what somebody looks for in papers stands in no column in the clear."""
    await save(alice, schema={"properties": {"hidden_diagnosis": {"type": "string"}}})
    version = await SchemaVersion.objects.aget()
    assert b"diagnosis" not in bytes(version.sealed) + bytes(version.wrapped_key)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("Ticket", 422, "schema_name_invalid"),
        ("1ticket", 422, "schema_name_invalid"),
        ("t" * 65, 422, "schema_name_invalid"),
        ("ticket@1", 422, "schema_name_invalid"),
        ("ticket\n", 422, "schema_name_invalid"),
        ("", 422, "schema_name_invalid"),
        ("receipt", 409, "schema_name_taken"),
        ("lint", 409, "schema_name_taken"),
        ("taken", 409, "schema_name_taken"),
    ],
)
async def test_a_name_is_refused(alice, name: str, status: int, code: str):
    """F11: names read as such in schema_name and in an address, and no name means two things."""
    await save(alice, "taken")
    answer = await save(alice, name)
    assert (answer.status_code, answer.answer["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


async def test_built_in_schemas_stay_as_they_are(alice):
    """F11: they are read like saved ones, and changed by nobody."""
    found = await call(alice, "GET", "/receipt@1")
    assert found.status_code == 200 and found.answer["built_in"] and "total" in found.answer["schema"]["properties"]
    assert (await call(alice, "GET", "/receipt@2")).status_code == 404
    assert (await call(alice, "GET", "/receipt/versions")).answer["data"] == [{"version": 1, "created_at": None}]
    for method, body in [("PUT", {"schema": TICKET}), ("DELETE", None)]:
        assert (await call(alice, method, "/receipt", body)).answer["code"] == "schema_name_taken"


@pytest.fixture
def reader(db) -> Person:
    return make_person("reader", scopes=["extractions:read"])


@pytest.fixture
def writer(db) -> Person:
    return make_person("writer", scopes=["extractions:write"])


async def test_scopes_part_reading_from_changing(reader, writer):
    """F11: extractions:read reads and lints, extractions:write changes, no key does nothing."""
    assert (await save(reader)).status_code == 403
    assert (await save(writer)).status_code == 201
    assert (await call(writer, "GET", "")).status_code == 403
    assert (await call(reader, "GET", "")).status_code == 200
    assert (await call(reader, "POST", "/lint", {"schema": {}})).status_code == 200
    assert (await AsyncClient().get("/v1/schemas")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "a"}, 422, "invalid_request"),
        ({"name": "a", "schema": TICKET, "extra": 1}, 422, "invalid_request"),
        ({"name": 7, "schema": TICKET}, 422, "invalid_request"),
        ({"name": "a", "schema": TICKET, "description": "x" * 301}, 422, "invalid_request"),
        ({"name": "a", "schema": TICKET, "description": "\x00"}, 422, "invalid_request"),
        ('{"name": "a", "schema": {}, "description": "\\ud800"}', 422, "invalid_request"),
        ({"name": "a", "schema": []}, 422, "schema_invalid"),
        ({"name": "a", "schema": "x"}, 422, "schema_invalid"),
        ("[]", 422, "invalid_request"),
        ("", 422, "schema_invalid"),
        ('{"name": "a", "name": "b", "schema": {}}', 422, "schema_invalid"),
        ({"name": "a", "schema": {"title": "x" * 120_000}}, 422, "schema_too_large"),
    ],
)
async def test_a_body_is_refused(alice, body: Any, status: int, code: str):
    """F11: nothing is guessed and nothing saved."""
    answer = await call(alice, "POST", "", body)
    assert (answer.status_code, answer.answer["code"]) == (status, code)
    assert not await SavedSchema.objects.aexists()


async def test_the_same_post_twice_saves_once(alice):
    """F11: an Idempotency-Key makes a retry harmless, and another body is noticed."""
    body = {"name": "ticket", "schema": TICKET}
    once, twice = [await call(alice, "POST", "", body, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert once.answer == twice.answer and twice["Idempotency-Replayed"] == "true"
    other = await call(alice, "POST", "", {**body, "name": "other"}, **{"Idempotency-Key": "k1"})
    assert other.answer["code"] == "idempotency_key_reused"
    refused = await call(alice, "POST", "", body, **{"Idempotency-Key": "k2"})
    assert refused.answer["code"] == "schema_name_taken"
    await call(alice, "DELETE", "/ticket")
    assert (await call(alice, "POST", "", body, **{"Idempotency-Key": "k2"})).status_code == 201


async def test_a_schema_of_120000_characters_is_saved_and_comes_back(alice):
    """F12: the limit counts compact JSON, so the largest schema fits, spaces and all."""
    large = {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(4_200)}}
    large["title"] = "é" * (120_000 - len(json.dumps({**large, "title": ""}, separators=(",", ":"))))
    body = json.dumps({"name": "large", "schema": large}, indent=4, ensure_ascii=False)
    assert (await call(alice, "POST", "", body)).status_code == 201
    assert (await call(alice, "GET", "/large")).answer["schema"] == large


async def test_an_account_keeps_so_many_schemas(alice, charlie, monkeypatch):
    """F11: the limits have codes of their own, and one account's do not touch another's."""
    monkeypatch.setattr("extraction.saved_schemas.MAX_SCHEMAS", 2)
    monkeypatch.setattr("extraction.saved_schemas.MAX_VERSIONS", 2)
    for name in ("one", "two"):
        assert (await save(alice, name)).status_code == 201
    assert (await save(alice, "three")).answer["code"] == "too_many_schemas"
    assert (await save(charlie, "three")).status_code == 201
    assert (await call(alice, "PUT", "/one", {"schema": BETTER})).status_code == 200
    assert (await call(alice, "PUT", "/one", {"schema": {}})).answer["code"] == "too_many_versions"
    assert (await call(alice, "PUT", "/one", {"schema": BETTER})).status_code == 200  # the newest again


async def test_an_older_draft_comes_back_as_sent_and_is_used_as_2020_12(alice):
    """F12: draft-07 says definitions and items lists; extraction sees what they mean in 2020-12."""
    old = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"sum": {"type": ["number", "null"]}},
        "properties": {"total": {"$ref": "#/definitions/sum"}, "pair": {"items": [{"type": "string"}]}},
    }
    assert (await save(alice, schema=old)).status_code == 201
    assert (await call(alice, "GET", "/ticket")).answer["schema"] == old
    used = await sync_to_async(find_schema)(alice.user, "ticket")
    assert used["$schema"].endswith("2020-12/schema") and "prefixItems" in used["properties"]["pair"]


async def test_versions_open_after_the_installations_key_was_changed(alice, settings):
    """F11: `manage.py reseal` wraps them anew, and the old key may go."""
    await save(alice)
    old, new = settings.SEALING_KEYS[0], b"k" * 32
    settings.SEALING_KEYS = [new, old]
    await sync_to_async(call_command)("reseal", stdout=io.StringIO())
    settings.SEALING_KEYS = [new]
    assert (await call(alice, "GET", "/ticket")).answer["schema"] == TICKET


async def test_a_version_cannot_be_passed_off_as_another(alice):
    """F11: each is sealed to its place; one moved to another number does not open."""
    await save(alice)
    await call(alice, "PUT", "/ticket", {"schema": BETTER})
    first = await SchemaVersion.objects.aget(number=1)
    await SchemaVersion.objects.filter(number=2).aupdate(sealed=first.sealed, wrapped_key=first.wrapped_key)
    with pytest.raises(SealBroken):
        await sync_to_async(find_schema)(alice.user, "ticket@2")
