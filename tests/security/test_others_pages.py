"""The same behind the session: every page of the site that takes an id, opened by somebody with an id of another's."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from accounts.models import SignIn
from littlepull.asgi import websockets
from privacy.models import Export
from routing.models import KeyLimit
from tests.portal.conftest import enter
from tests.privacy.planted import furnish_the_rest, plant
from tests.security.test_others_objects import rows
from tests.security.walking import addresses, id_of, unlike

pytestmark = pytest.mark.django_db
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
# What anybody may open, by design: pages of documents, and what is proved by a code or a signature, not by who asks.
OPEN = {"docs/api/<slug:slug>", "docs/<slug:slug>", "privacy/versions/<int:number>"}
OPEN |= {"privacy/erased/<str:erasure_id>", "privacy/erased/<str:erasure_id>/receipt.jws"}
OPEN |= {"privacy/ask/<str:request_id>", "privacy/ask/<str:request_id>/again"}  # tests/site/test_asking.py
OPEN |= {pattern for pattern, _ in addresses() if pattern.startswith("accounts/^") or pattern.startswith("^accounts/")}
IDS = {
    "job_id": "extraction_id",
    "generation_id": "generation_id",
    "key_id": "key_id",
    "order_id": "payment_id",
    "plan_id": "subscription_id",
    "alert_id": "alert_id",
    "request_id": "request_id",
    "limit_id": lambda person: KeyLimit.objects.get(api_key=person.key).pk,
    "export_id": lambda person: Export.objects.filter(user=person.user).earliest("pk").pk,
    "sign_in": lambda person: SignIn.objects.filter(user=person.user).earliest("pk").pk,
    "pk": lambda person: Authenticator.objects.get(user=person.user, type=Authenticator.Type.WEBAUTHN).pk,
}
WITH_IDS = sorted(
    pattern
    for pattern, _url in addresses()
    if CONVERTER.search(pattern) and not pattern.startswith("admin/") and pattern not in OPEN
)


def ids_of(person) -> dict[str, str | int]:
    return {name: id_of(how, person) if isinstance(how, str) else how(person) for name, how in IDS.items()}


def nobodys(id: str | int) -> str | int:
    return unlike(id) if isinstance(id, str) else id + 1_000_000


def fill(pattern: str, ids: dict[str, str | int]) -> str:
    return "/" + CONVERTER.sub(lambda found: str(ids[found[1]]), pattern)


def test_every_page_with_an_id_is_walked():
    assert {name for pattern in WITH_IDS for name in CONVERTER.findall(pattern)} == IDS.keys()
    assert len(WITH_IDS) >= 28


@pytest.mark.parametrize("pattern", WITH_IDS)
def test_anothers_page_is_as_unknown_as_what_nobody_has(pattern, charlie):
    alice = plant("alice")
    furnish_the_rest(alice, "alice")
    browser, theirs = enter(charlie), ids_of(alice)
    unknown = {name: nobodys(id) for name, id in theirs.items()}
    browser.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    browser.get("/portal")
    before, answered = rows(), []
    for method in (browser.get, browser.post):
        said = [method(fill(pattern, ids)) for ids in (theirs, unknown)]
        assert said[0].status_code == said[1].status_code, (method, said)
        if method == browser.get and (said[0].status_code, said[0].get("Location")) == (302, "/portal/billing"):
            continue  # what only takes a form leads back to the page that has it
        assert said[0].status_code in (404, 405, 410), said
        assert neutral(said[0], fill(pattern, theirs)) == neutral(said[1], fill(pattern, unknown))
        answered.append(said[0].status_code)
    assert {404, 410} & set(answered), "neither way of asking came as far as the object"
    assert rows() == before


def neutral(answer, address: str) -> str:
    """Without what differs at each request: the address that was asked for, and the form's token."""
    text = re.sub(r'(value|content)="\w{64}"', "", answer.content.decode())
    return re.sub(r"req_[0-9a-f]{24}", "", text).replace(address, "…")


@pytest.mark.parametrize("pattern", WITH_IDS)
def test_without_a_session_there_is_only_the_door(pattern, client):
    alice = plant("alice")
    furnish_the_rest(alice, "alice")
    for method in (client.get, client.post):
        answer = method(fill(pattern, ids_of(alice)))
        assert answer.status_code in (302, 405), answer
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/"), answer["Location"]


@pytest.mark.parametrize("known", [True, False], ids=["anothers", "nobodys"])
@pytest.mark.usefixtures("kept_connection")
async def test_no_watching_of_what_is_anothers(charlie, known):
    alice = await sync_to_async(plant)("alice")
    id = await sync_to_async(id_of)("extraction_id", alice)
    offered = ["lp.v1", f"lp.key.{charlie.plaintext}"]
    watcher = WebsocketCommunicator(websockets, f"/ws/extractions/{id if known else unlike(id)}", subprotocols=offered)
    connected, code = await watcher.connect()
    assert (connected, code) == (False, 1000)


@pytest.mark.usefixtures("kept_connection")
async def test_its_owner_may_watch():
    alice = await sync_to_async(plant)("alice")
    id = await sync_to_async(id_of)("extraction_id", alice)
    offered = ["lp.v1", f"lp.key.{alice.plaintext}"]
    watcher = WebsocketCommunicator(websockets, f"/ws/extractions/{id}", subprotocols=offered)
    assert (await watcher.connect())[0]
    await watcher.disconnect()


@pytest.mark.parametrize("spoilt", ["revoked", "scopeless", "unknown", "none"])
@pytest.mark.usefixtures("kept_connection")
async def test_no_watching_without_a_key_that_may(spoilt):
    alice = await sync_to_async(plant)("alice")
    id = await sync_to_async(id_of)("extraction_id", alice)
    key = alice.key
    if spoilt == "revoked":
        await sync_to_async(type(key).objects.filter(pk=key.pk).update)(revoked_at=key.created_at)
    if spoilt == "scopeless":
        await sync_to_async(type(key).objects.filter(pk=key.pk).update)(scopes=["chat:read"])
    plaintext = alice.plaintext[:-4] + "zzzz" if spoilt == "unknown" else alice.plaintext
    offered = ["lp.v1"] if spoilt == "none" else ["lp.v1", f"lp.key.{plaintext}"]
    watcher = WebsocketCommunicator(websockets, f"/ws/extractions/{id}", subprotocols=offered)
    assert (await watcher.connect())[0] is False
