"""/v1/webhook-endpoints, their secrets, and the log of deliveries, by HTTP."""

from __future__ import annotations

import base64
import socket

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from accounts import delivery, webhooks
from accounts.models import Scope, User, WebhookDelivery, WebhookEndpoint
from tests.people import make_person
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db
ENDPOINTS, DELIVERIES = "/v1/webhook-endpoints", "/v1/webhook-deliveries"
UNKNOWN = "whe_" + "0" * 26
deliver_due = async_to_sync(delivery.deliver_due)


@pytest.fixture(autouse=True)
def trusted(settings) -> None:
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]


@pytest.fixture(autouse=True)
def public_names(monkeypatch) -> None:
    """Every name that is not ours has a public address, without asking anybody."""
    real = socket.getaddrinfo

    def resolve(host: str | bytes, *arguments: object, **options: object) -> list:
        name = host.decode() if isinstance(host, bytes) else host
        known = {"example.com": "93.184.215.14", "inside.example": "10.0.0.7"}
        return real(known.get(name, name), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


class Caller:
    """Somebody with a key, and Django's test client."""

    def __init__(self, client, person) -> None:
        self.client, self.person = client, person

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        ask = getattr(self.client, method)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return ask(path, **content, headers={**self.person.headers, **names})

    def make(self, url: str = "https://example.com/hooks", **body: object) -> dict:
        answer = self("post", ENDPOINTS, {"url": url, **body})
        assert answer.status_code == 201, answer.content
        return answer.json()


@pytest.fixture
def ask(client, alice) -> Caller:
    return Caller(client, alice)


@pytest.fixture
def bob_asks(client, bob) -> Caller:
    return Caller(client, bob)


def test_the_life_of_an_endpoint(ask):
    """F5: made, read, listed, changed, switched off and on, deleted."""
    made = ask("post", ENDPOINTS, {"url": "https://example.com/hooks", "description": "Production"})
    endpoint = made.json()
    path = f"{ENDPOINTS}/{endpoint['id']}"
    assert made["Location"] == path
    assert endpoint["enabled"] is True
    assert 24 <= len(base64.b64decode(endpoint["secret"].removeprefix("whsec_"))) <= 64
    read = ask("get", path).json()
    assert read["secret"] is None if "secret" in read else True
    assert ask("get", f"{path}/secret").json() == {"secret": endpoint["secret"]}
    assert [row["id"] for row in ask("get", ENDPOINTS).json()["data"]] == [endpoint["id"]]
    changed = ask("patch", path, {"event_types": ["extraction.failed"], "enabled": False}).json()
    assert (changed["event_types"], changed["enabled"]) == (["extraction.failed"], False)
    assert (changed["disabled_because"], changed["description"]) == ("owner", "Production")
    assert ask("post", f"{path}/test").json()["code"] == "webhook_endpoint_disabled"
    assert ask("patch", path, {"enabled": True}).json()["disabled_because"] is None
    assert ask("delete", path).status_code == 204
    assert ask("get", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://example.com/"}, "address_not_allowed"),
        ({"url": "https://127.0.0.1/"}, "address_not_allowed"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "address_not_allowed"),
        ({"url": "https://0x7f000001/"}, "address_not_allowed"),
        ({"url": "https://inside.example/hooks"}, "address_not_allowed"),
        ({"url": "https://a:b@example.com/"}, "address_not_allowed"),
        ({"url": "https://example.com/\x00"}, "invalid_request"),
        ({"url": "https://example.com/" + "a" * 2048}, "invalid_request"),
        ({"url": ""}, "invalid_request"),
        ({"url": None}, "invalid_request"),
        ({}, "invalid_request"),
        ({"url": "https://example.com/", "event_types": ["extraction.began"]}, "invalid_request"),
        ({"url": "https://example.com/", "event_types": "extraction.failed"}, "invalid_request"),
        ({"url": "https://example.com/", "secret": "mine"}, "invalid_request"),
        ({"url": "https://example.com/", "description": "a" * 201}, "invalid_request"),
        ({"url": "https://example.com/", "description": "\x00"}, "invalid_request"),
        ([], "invalid_request"),
    ],
)
def test_what_is_refused(ask, body, code):
    """F5: at creation and at change; nothing is made."""
    answer = ask("post", ENDPOINTS, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert ask("get", ENDPOINTS).json()["data"] == []
    if body:
        path = f"{ENDPOINTS}/{ask.make()['id']}"
        assert (ask("patch", path, body).status_code, ask("get", path).json()["url"]) == (
            422,
            "https://example.com/hooks",
        )


def test_there_is_room_for_twenty(ask, bob_asks):
    """F5: the next is refused, other accounts are not concerned."""
    for _ in range(20):
        ask.make()
    answer = ask("post", ENDPOINTS, {"url": "https://example.com/"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhook_endpoints")
    bob_asks.make()
    first = ask("get", f"{ENDPOINTS}?limit=15").json()
    rest = ask("get", f"{ENDPOINTS}?limit=15&cursor={first['next_cursor']}").json()
    assert len({row["id"] for row in first["data"] + rest["data"]}) == 20
    assert rest["next_cursor"] is None


def test_others_endpoints_and_messages_do_not_exist(ask, bob_asks):
    """F5, F7: foreign, unknown and malformed ids get the same 404."""
    endpoint = ask.make()["id"]
    sent = ask("post", f"{ENDPOINTS}/{endpoint}/test").json()["id"]
    bodies = set()
    for method, path, body in [
        ("get", "", None), ("patch", "", {"enabled": False}), ("delete", "", None), ("get", "/secret", None),
        ("post", "/rotate-secret", None), ("post", "/test", None),
    ]:  # fmt: skip
        for name in (endpoint, UNKNOWN, "whe_1", "%00"):
            answer = bob_asks(method, f"{ENDPOINTS}/{name}{path}", body)
            assert answer.status_code == 404, (method, path)
            bodies.add(answer.json()["detail"])
    for name in (sent, "dlv_" + "0" * 26, "dlv_1"):
        assert bob_asks("get", f"{DELIVERIES}/{name}").status_code == 404
        assert bob_asks("post", f"{DELIVERIES}/{name}/resend").status_code == 404
    assert len(bodies) == 1
    assert bob_asks("get", DELIVERIES).json()["data"] == []
    assert bob_asks("get", f"{DELIVERIES}?endpoint_id={endpoint}").json()["data"] == []
    assert WebhookEndpoint.objects.get(pk=endpoint).disabled_because == ""


def test_a_key_without_the_scope_may_only_look(client):
    """F5: reading is open to every key of the account, secrets and changes are not."""
    looker = Caller(client, make_person("looker", scopes=[Scope.EXTRACTIONS_READ]))
    endpoint, _ = webhooks.create_endpoint(looker.person.user, "https://example.com/")
    message = webhooks.send_test(endpoint)
    path = f"{ENDPOINTS}/{endpoint.pk}"
    for allowed in (ENDPOINTS, path, DELIVERIES, f"{DELIVERIES}/{message.pk}"):
        assert looker("get", allowed).status_code == 200
    for method, forbidden in [
        ("post", ENDPOINTS), ("patch", path), ("delete", path), ("get", f"{path}/secret"), ("post", f"{path}/test"),
        ("post", f"{path}/rotate-secret"), ("get", "/v1/webhook-secret"), ("post", "/v1/webhook-secret/rotate"),
        ("post", f"{DELIVERIES}/{message.pk}/resend"),
    ]:  # fmt: skip
        assert looker(method, forbidden, {"url": "https://example.com/"}).json()["code"] == "scope_missing"
    assert client.get(ENDPOINTS).status_code == 401


def test_a_test_message_and_its_log(ask):
    """F7: what was sent, when, how it was answered; sent again on request."""
    with Receiver(500, 204) as receiver:
        endpoint = ask.make(receiver.url, event_types=["extraction.failed"])
        sent = ask("post", f"{ENDPOINTS}/{endpoint['id']}/test")
        assert sent.status_code == 202
        message = sent.json()
        path = f"{DELIVERIES}/{message['id']}"
        assert (sent["Location"], message["status"], message["attempts"]) == (path, "pending", [])
        assert ask("post", f"{path}/resend").json()["code"] == "webhook_delivery_pending"
        deliver_due()
        tried = ask("get", path).json()
        assert (tried["status"], tried["attempts"][0]["status_code"]) == ("pending", 500)
        WebhookDelivery.objects.update(status="failed")
        again = ask("post", f"{path}/resend")
        assert (again.status_code, again.json()["status"]) == (202, "pending")
        deliver_due()
        done = ask("get", path).json()
        assert [attempt["status_code"] for attempt in done["attempts"]] == [500, 204]
        assert (done["status"], done["next_attempt_at"]) == ("delivered", None)
        first, second = receiver.messages
        assert first.id == second.id == done["event_id"]
        assert first.json["type"] == "webhook.test"
        assert second.is_signed_with(endpoint["secret"])


def test_the_log_can_be_filtered_and_turned_over(ask):
    """F7: by endpoint and by status, page by page."""
    one, two = ask.make()["id"], ask.make()["id"]
    for endpoint in (one, one, one, two):
        ask("post", f"{ENDPOINTS}/{endpoint}/test")
    WebhookDelivery.objects.filter(endpoint=two).update(status="failed")
    assert len(ask("get", f"{DELIVERIES}?endpoint_id={one}").json()["data"]) == 3
    assert [row["endpoint_id"] for row in ask("get", f"{DELIVERIES}?status=failed").json()["data"]] == [two]
    page = ask("get", f"{DELIVERIES}?limit=3").json()
    rest = ask("get", f"{DELIVERIES}?limit=3&cursor={page['next_cursor']}").json()
    assert len({row["id"] for row in page["data"] + rest["data"]}) == 4
    for wrong in ("status=lost", "limit=0", "limit=101", "cursor=%00", "endpoint_id=1"):
        assert ask("get", f"{DELIVERIES}?{wrong}").status_code == 422


def test_rotation(ask):
    """F9: a new secret, which is the one shown from then on; the account's own alike."""
    endpoint = ask.make()
    path = f"{ENDPOINTS}/{endpoint['id']}"
    new = ask("post", f"{path}/rotate-secret").json()["secret"]
    assert new != endpoint["secret"]
    assert ask("get", f"{path}/secret").json()["secret"] == new
    own = ask("get", "/v1/webhook-secret")
    assert own["Cache-Control"] == "no-store"
    assert ask("get", "/v1/webhook-secret").json() == own.json()
    assert ask("post", "/v1/webhook-secret/rotate").json()["secret"] not in {new, own.json()["secret"]}


def test_a_retry_makes_nothing_twice(ask):
    """F10: an endpoint, a rotation, a test, a resend: once per Idempotency-Key."""
    body = {"url": "https://example.com/hooks"}
    first = ask("post", ENDPOINTS, body, idempotency_key="one")
    again = ask("post", ENDPOINTS, body, idempotency_key="one")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert WebhookEndpoint.objects.count() == 1
    other = ask("post", ENDPOINTS, {**body, "description": "other"}, idempotency_key="one")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    path = f"{ENDPOINTS}/{first.json()['id']}"
    tests = [ask("post", f"{path}/test", idempotency_key="two").json()["id"] for _ in range(2)]
    assert tests[0] == tests[1]
    secrets = [ask("post", f"{path}/rotate-secret", idempotency_key="three").json()["secret"] for _ in range(2)]
    assert secrets[0] == secrets[1]
    WebhookDelivery.objects.update(status="delivered")
    resent = [ask("post", f"{DELIVERIES}/{tests[0]}/resend", idempotency_key="four").status_code for _ in range(2)]
    assert resent == [202, 202]


def test_a_refused_request_does_not_use_its_key_up(ask):
    """F10: the same key may try again."""
    path = f"{ENDPOINTS}/{ask.make()['id']}"
    ask("patch", path, {"enabled": False})
    assert ask("post", f"{path}/test", idempotency_key="one").status_code == 409
    ask("patch", path, {"enabled": True})
    assert ask("post", f"{path}/test", idempotency_key="one").status_code == 202


def test_staff_send_again_by_the_same_verb(ask, client):
    """F7: and the console shows the log without the payload."""
    message = webhooks.send_test(webhooks.create_endpoint(ask.person.user, "https://example.com/")[0])
    WebhookDelivery.objects.update(status="failed")
    client.force_login(User.objects.create_superuser("staff@example.com", "correct horse battery"))
    page = client.get(reverse("admin:accounts_webhookdelivery_change", args=[message.pk]))
    assert page.status_code == 200
    assert b"endpoint_id" not in page.content.replace(b'id="id_endpoint_id"', b"")
    form = {"action": "send_again", "_selected_action": [message.pk], "audit_reason": "asked for"}
    for expected in ("pending", "pending"):  # the second time it is refused, and says so
        client.post(reverse("admin:accounts_webhookdelivery_changelist"), form)
        message.refresh_from_db()
        assert message.status == expected
