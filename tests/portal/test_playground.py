"""The playground: what its page offers, the ticket it calls the API with, and one run as the page makes it."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import websockets
from django.test import Client
from django.utils import timezone

from accounts import api_keys
from accounts.models import ApiKey, Scope
from extraction import saved_schemas
from privacy import policies
from tests.people import make_person
from tests.portal.conftest import enter
from tests.server import ROOT, SAMPLES, submit

PAGE, TICKET = "/portal/playground", "/portal/playground/ticket"
STATIC, TEMPLATES = ROOT / "littlepull" / "static", ROOT / "littlepull" / "templates" / "portal"
SCRIPTS = sorted((STATIC / "portal" / "playground").glob("*.js"))


def shown(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_whoever_is_not_signed_in_is_sent_to_the_door(db):
    for answer in (Client().get(PAGE), Client().post(TICKET, {"key": "key_x"})):
        assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]


def test_it_offers_keys_that_can_run_test_keys_first(portal, bob, alice):
    api_keys.create_key(bob.user, mode=ApiKey.Mode.TEST, name="For trying")
    api_keys.create_key(bob.user, name="Reads only", scopes=[Scope.EXTRACTIONS_READ])
    api_keys.create_key(bob.user, name="Past", expires_at=timezone.now() - timedelta(days=1))
    api_keys.revoke_key(api_keys.create_key(bob.user, name="Revoked")[0])
    offered = re.findall(
        r'<option value="(key_\w+)" data-mode="(\w+)" data-available="([\d.]+)">([^<]*)', shown(portal)
    )
    assert [(mode, label.split(" · ")[0]) for _, mode, _, label in offered] == [
        ("test", "For trying"),
        ("live", "Unnamed key"),
    ]
    assert alice.key.pk not in shown(portal)


def test_a_key_shows_the_credits_that_it_pays_from(alice):
    key, _ = api_keys.create_key(alice.user, name="Shares")
    ApiKey.objects.filter(pk=key.pk).update(pays_from=alice.key)
    assert re.search(rf'value="{key.pk}" data-mode="live" data-available="100.000000"', shown(enter(alice)))


def test_no_plaintext_and_no_ticket_stands_in_the_page(portal, bob):
    page = shown(portal)
    assert bob.plaintext not in page
    assert "lp_page_" not in page


def test_without_a_key_it_leads_to_the_keys(db):
    nobody = make_person("nobody", scopes=[Scope.ACCOUNT_READ])
    page = shown(enter(nobody))
    assert 'href="/portal/keys"' in page and "First, a key" in page
    assert "playground/main.js" not in page


def test_it_offers_built_in_schemas_and_ones_own(portal, bob, alice):
    small = {"type": "object", "properties": {"total": {"type": "number"}}}
    saved_schemas.create_schema(bob.user, "my_receipt", small)
    saved_schemas.create_schema(alice.user, "her_receipt", small)
    page = shown(portal)
    assert {"receipt", "invoice", "voice_memo", "my_receipt"} <= set(re.findall(r'<option value="(\w+)"', page))
    assert "her_receipt" not in page


def test_without_scripts_it_says_so_and_shows_the_call(portal):
    hidden = re.search(r"<noscript>(.*?)</noscript>", shown(portal), re.S)[1]
    assert "needs JavaScript" in hidden and "curl " in hidden and "/v1/extractions" in hidden


def test_a_ticket_is_given_for_ones_own_usable_key_only(portal, bob, alice):
    answer = portal.post(TICKET, {"key": bob.key.pk})
    assert answer.status_code == 200 and answer["Cache-Control"].startswith("max-age=0")
    assert answer.json()["token"].startswith("lp_page_") and answer.json()["expires_at"].endswith("Z")
    for other in (alice.key.pk, "key_" + "0" * 26, ""):
        assert portal.post(TICKET, {"key": other}).status_code == 404
    api_keys.revoke_key(bob.key)
    assert portal.post(TICKET, {"key": bob.key.pk}).status_code == 404
    assert portal.get(TICKET, {"key": bob.key.pk}).status_code == 405


def test_a_foreign_page_gets_no_ticket(bob):
    policies.accept(bob.user, policies.find_required())
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(bob.user, backend="django.contrib.auth.backends.ModelBackend")
    assert guarded.post(TICKET, {"key": bob.key.pk}).status_code == 403
    token = re.search(r'<meta name="csrf" content="(\w+)"', shown(guarded))[1]
    assert guarded.post(TICKET, {"key": bob.key.pk}, HTTP_X_CSRFTOKEN=token).status_code == 200


def test_the_page_obeys_its_own_policy(portal):
    """Neither inline scripts nor inline styles, in what is sent and in what scripts make."""
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", shown(portal))
    made = "".join(script.read_text() for script in SCRIPTS)
    assert not re.search(r"innerHTML|insertAdjacentHTML|\beval\(|setAttribute\(\"style|localStorage|\.cookie", made)


def test_scripts_say_nothing_that_the_page_has_no_words_for():
    known = set(
        re.findall(r'data-word="([^"]+)"', "".join(page.read_text() for page in TEMPLATES.glob("_playground_*")))
    )
    said = {word for script in SCRIPTS for word in re.findall(r'say\("([^"]+)"', script.read_text())}
    assert said - known == set()
    assert {f"stage-{stage}" for stage in ("received", "decoding", "recognizing", "mapping", "done")} <= known
    assert {f"reason-{reason}" for reason in ("not_found", "ungrounded", "invalid", "unreadable")} <= known


def test_the_page_weighs_less_than_300_kilobytes(portal):
    page = shown(portal)
    linked = set(re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    files = [STATIC / name for name in linked] + SCRIPTS
    assert len(files) > len(SCRIPTS) + 5
    assert len(page) + sum(file.stat().st_size for file in files) < 300_000


def test_the_samples_are_the_samples():
    for name in ("receipt.jpg", "voice_memo.m4a"):
        assert (STATIC / "samples" / name).read_bytes() == (SAMPLES / name).read_bytes()


@pytest.mark.engine
def test_a_run_as_the_page_makes_it(product, tmp_path: Path):
    """F3: priced, sent, watched over the WebSocket and fetched, all with a ticket; then signed out."""
    product.create_key("pam@example.com", 5)
    with product.sign_in("pam@example.com") as browser:
        page = browser.get(PAGE).text
        key = re.search(r'<option value="(key_\w+)"', page)[1]
        csrf = {"X-CSRFToken": re.search(r'<meta name="csrf" content="(\w+)"', page)[1]}
        ticket = browser.post(TICKET, data={"key": key}, headers=csrf).json()["token"]
        with product.client(ticket) as api:
            run(product, api, ticket)
            submit(browser, "/accounts/logout/")
            assert api.get("/v1/extractions").status_code == 401


def run(product, api: httpx.Client, ticket: str) -> None:
    def file():
        return {"file": ("receipt.jpg", (SAMPLES / "receipt.jpg").read_bytes())}

    quote = api.post("/v1/extractions/quote", files=file()).json()
    options = json.dumps({"quote": quote["quote"], "include": []})
    begun = api.post("/v1/extractions", files=file(), data={"schema_name": "receipt", "options": options})
    assert begun.status_code == 202
    job = begun.json()["id"]
    events = asyncio.run(watch(f"ws://127.0.0.1:{product.port}/ws/extractions/{job}", ticket))
    assert events[-1]["type"] == "succeeded"
    ended = api.get(f"/v1/extractions/{job}").json()
    assert ended["cost"]["charged"] == quote["credits"] == "1.000000"
    assert ended["media_destroyed_at"] and ended["destruction_receipt"]["jws"]
    total = next(field for field in ended["fields"] if field["pointer"] == "/total")
    assert total["value"] == 42.05 and total["citations"][0]["bbox"]


async def watch(url: str, ticket: str) -> list[dict]:
    async with websockets.connect(url, subprotocols=["lp.v1", f"lp.key.{ticket}"], proxy=None) as socket:
        return [json.loads(message) async for message in socket]
