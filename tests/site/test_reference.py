"""The API reference: every operation of the document, with what a caller has to know, from this installation."""

from __future__ import annotations

import html
import json
import re
import shlex

import pytest
from django.conf import settings
from jsonschema_rs import Draft202012Validator

from littlepull.problems import PROBLEMS
from littlepull.site.reference import document, sections
from littlepull.site.reference_codes import BY_PLACE
from littlepull.site.reference_schema import Reader
from tests.server import ROOT

pytestmark = pytest.mark.django_db
MOST_BYTES = 300_000
METHODS = {"get", "post", "put", "patch", "delete"}


def pages(client):
    first = client.get("/docs/api").content.decode()
    addresses = sorted(set(re.findall(r'href="(/docs/api/[a-z-]+)"', first)))
    return {address: client.get(address).content.decode() for address in addresses} | {"/docs/api": first}


def operations():
    for path, some in document()["paths"].items():
        for method in METHODS & set(some):
            yield method, path, some[method]


def test_it_has_every_operation_that_the_api_serves_and_no_other(client):
    served = client.get("/v1/openapi.json").json()["paths"]
    expected = {(method.upper(), path) for path, some in served.items() for method in some}
    found = re.compile(r'<p class="address"><span class="method">(\w+)</span> <code>([^<]+)</code>')
    shown = [pair for page in pages(client).values() for pair in found.findall(page)]
    assert len(shown) == len(set(shown)) and set(shown) == expected


def test_each_page_is_light_with_all_that_it_loads(client):
    for address, page in pages(client).items():
        assets = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', page)
        weight = len(page.encode()) + sum((ROOT / "littlepull/static" / name).stat().st_size for name in set(assets))
        assert assets and weight < MOST_BYTES, (address, weight)


def test_every_link_within_the_reference_leads_somewhere(client):
    told = pages(client)
    for address, page in told.items():
        for target, anchor in re.findall(r'href="([^"#]*)#([^"]+)"', page):
            assert f'id="{anchor}"' in told[target or address], (address, target, anchor)
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids)), address


def test_nested_fields_types_limits_and_defaults_are_told(client):
    page = html.unescape(client.get("/docs/api/extractions").content.decode())
    assert "options.result_ttl_seconds" in page and "at least 0, at most 86400" in page
    assert "fields[].citations[].page" in page
    keys = html.unescape(client.get("/docs/api/keys").content.decode())
    assert "array<string> | null" in keys and '"extractions:read"' in keys


def test_the_scope_that_is_told_is_the_scope_that_is_asked(client, alice):
    alice.key.scopes = ["chat:read"]
    alice.key.save(update_fields=["scopes"])
    for section in sections("en", settings.SITE_URL):
        for one in section.operations:
            if one.method == "GET" and "{" not in one.path and one.scope:
                status = client.get(one.path, headers=alice.headers).status_code
                assert (status == 403) == (one.scope != "chat:read"), one.path


def test_what_is_called_open_is_open(client):
    told = [one for section in sections("en", settings.SITE_URL) for one in section.operations]
    plain = [one for one in told if one.method == "GET" and "{" not in one.path]
    assert {one.path for one in plain if one.open} == {"/v1/prices", "/v1/statistics/models"}
    for one in plain:
        assert (client.get(one.path).status_code == 401) != one.open, one.path


def test_examples_are_what_the_schemas_accept():
    reader = Reader(document()["components"]["schemas"])
    for method, path, operation in operations():
        content = operation.get("requestBody", {}).get("content", {})
        if set(content) == {"application/json"}:
            schema = content["application/json"]["schema"]
            whole = {**schema, "components": document()["components"]}
            Draft202012Validator(whole).validate(reader.sample_object(schema))
            assert reader.sample_object(schema), (method, path)


def test_examples_are_words_of_a_shell(client):
    for section in sections("en", "https://api.example.org"):
        for one in section.operations:
            words = shlex.split(one.curl.replace("\\\n", " "))
            assert words[0] == "curl" and any(word.startswith("https://api.example.org/v1/") for word in words)
            assert ("Authorization: Bearer $KEY" in words) != one.open
            if "-d" in words:
                json.loads(words[words.index("-d") + 1])


@pytest.mark.parametrize("path", ["/v1/schemas/lint", "/v1/credits/alerts", "/v1/chat/completions/dry-run"])
def test_an_example_can_be_sent_as_it_stands(client, alice, path):
    every = [one for section in sections("en", settings.SITE_URL) for one in section.operations]
    curl = next(one.curl for one in every if (one.method, one.path) == ("POST", path))
    body = shlex.split(curl.replace("\\\n", " "))[-1]
    answer = client.post(path, body, content_type="application/json", headers=alice.headers)
    assert answer.status_code < 300, answer.content


def test_examples_name_this_installation_and_not_the_host_that_was_asked_for(client, settings):
    settings.SITE_URL = "https://littlepull.example"
    settings.ALLOWED_HOSTS = ["evil.example"]
    page = client.get("/docs/api/keys", headers={"Host": "evil.example"}).content.decode()
    assert "https://littlepull.example/v1/keys" in page and "evil.example" not in page


def test_codes_are_those_of_the_table_at_places_of_the_document():
    assert {code for codes in BY_PLACE.values() for code in codes} <= set(PROBLEMS)
    assert all(any(path.startswith(place) for path in document()["paths"]) for place in BY_PLACE)


def test_every_problem_code_is_explained_under_its_name(client):
    page = client.get("/docs/api").content.decode()
    assert all(f'<tr id="{code}">' in page for code in PROBLEMS)


def test_every_operation_says_what_it_is_for():
    assert [(method, path) for method, path, one in operations() if not one.get("summary")] == []


def test_an_unknown_page_is_not_found(client):
    assert client.get("/docs/api/nothing").status_code == 404


def test_it_is_there_in_french(client):
    page = client.get("/docs/api/keys", headers={"Accept-Language": "fr"})
    assert page.status_code == 200 and '<html lang="fr"' in page.content.decode()


def test_the_gateway_s_own_endpoint_is_told_like_any_other(client):
    assert "/v1/chat/completions</code>" in client.get("/docs/api/gateway").content.decode()


def test_strangers_get_no_cookie_and_any_cache_may_keep_it(client):
    page = client.get("/docs/api")
    assert page.headers["Cache-Control"] == "public, max-age=300" and "Set-Cookie" not in page.headers
