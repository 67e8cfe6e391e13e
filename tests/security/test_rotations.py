"""Each secret of ours rotated as docs/security.md says: before, with both of them, and after the old one has gone."""

from __future__ import annotations

import hashlib
import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from accounts import signed_links
from accounts.api_keys import create_key
from accounts.models import AuditEntry
from extraction import jobs
from tests.extraction.jobs_in_hand import submit
from tests.portal.conftest import enter
from tests.privacy.planted import plant
from tests.security.walking import call, id_of
from tests.server import ROOT

pytestmark = pytest.mark.django_db
NEW_KEY = "another secret key, long enough to be one, and never seen before 0123456789"
NEW_SEED = hashlib.sha256(b"another seed").digest()


def test_the_secret_key(settings, alice, client):
    """Sessions and links go on while the old key is among the fallbacks, and end with it. API keys know nothing of it:
    only the SHA-256 of 238 random bits is kept, so there is no pepper to rotate."""
    browser, old = enter(alice), settings.SECRET_KEY
    job = submit(alice)
    jobs.cancel(job)
    link = signed_links.sign(f"/v1/extractions/{job.pk}/result").removeprefix(settings.SITE_URL)
    call_command("make_roles", verbosity=0)
    assert AuditEntry.objects.exists(), "something that the audit log's head is sealed for"

    def holds() -> tuple[bool, bool, bool]:
        session, linked = browser.get("/portal").status_code == 200, client.get(link).status_code == 200
        return session, linked, call("GET", "/v1/account", alice.headers).status_code == 200

    assert holds() == (True, True, True)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [old]
    assert holds() == (True, True, True)
    call_command("verify_audit", verbosity=0)
    create_key(alice.user)
    with_new = signed_links.sign(f"/v1/extractions/{job.pk}/result").removeprefix(settings.SITE_URL)
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(link).status_code == 404 and client.get(with_new).status_code == 200
    assert call("GET", "/v1/account", alice.headers).status_code == 200


def test_a_session_that_was_never_seen_meanwhile_ends_with_the_old_key(settings, alice):
    browser, settings.SECRET_KEY = enter(alice), NEW_KEY
    assert browser.get("/portal").status_code == 302


def test_the_sealing_keys(settings):
    """What is kept for long is wrapped anew by `manage.py reseal`; then the old key can go."""
    alice, old = plant("alice"), settings.SEALING_KEYS[0]
    Authenticator.objects.all().delete()  # hers is none that was sealed; tests/portal/test_sign_in.py has a real one
    paths = ["/v1/webhook-secret", f"/v1/webhook-endpoints/{id_of('endpoint_id', alice)}/secret"]
    paths.append(f"/v1/schemas/{id_of('name', alice)}")

    def read() -> list[tuple[int, dict]]:
        answers = [call("GET", path, alice.headers) for path in paths]
        return [(answer.status_code, {**answer.json(), "request_id": ""}) for answer in answers]

    before = read()
    assert [status for status, _ in before] == [200, 200, 200]
    settings.SEALING_KEYS = [hashlib.sha256(b"another").digest(), old]
    assert read() == before
    settings.SEALING_KEYS = settings.SEALING_KEYS[:1]
    with pytest.raises(Exception, match=r"\w"):  # what was forgotten to be wrapped anew is lost, and is not guessed at
        assert read() == before
    settings.SEALING_KEYS = [*settings.SEALING_KEYS, old]
    call_command("reseal", verbosity=0)
    settings.SEALING_KEYS = settings.SEALING_KEYS[:1]
    assert read() == before


def test_the_signing_seeds(settings, client, tmp_path, alice):
    """What was signed before is proved as long as the old seed is published, and no longer."""
    old = settings.SIGNING_SEEDS

    def published() -> list[str]:
        return [key["kid"] for key in client.get("/.well-known/littlepull-keys.json").json()["keys"]]

    def genuine(receipt: dict) -> bool:
        from accounts.signing import NotGenuine
        from extraction.receipts import verify_receipt

        try:
            verify_receipt(receipt, client.get("/.well-known/littlepull-keys.json").json())
        except NotGenuine:
            return False
        return True

    def receipt() -> dict:
        job = submit(alice)
        jobs.cancel(job)
        return call("GET", f"/v1/extractions/{job.pk}", alice.headers).json()["destruction_receipt"]

    first = receipt()
    assert genuine(first)
    settings.SIGNING_SEEDS = [NEW_SEED, *old]
    second = receipt()
    assert genuine(first) and genuine(second) and len(published()) == 1 + len(old)
    settings.SIGNING_SEEDS = [NEW_SEED]
    assert genuine(second) and not genuine(first)


def test_a_customers_webhook_secret(alice):
    """The old one signs along for a day: tests/accounts/test_webhooks_delivery.py tells of the two signatures."""
    shown = call("GET", "/v1/webhook-secret", alice.headers).json()
    rotated = call("POST", "/v1/webhook-secret/rotate", alice.headers).json()
    assert rotated != shown
    assert call("GET", "/v1/webhook-secret", alice.headers).json() == rotated


def test_every_secret_of_the_settings_has_its_procedure():
    """A secret that is added has to be told of."""
    source = (ROOT / "littlepull" / "settings.py").read_text()
    named = set(re.findall(r'(?:secret|env\.str|env\.list)\(\s*"(\w*(?:SECRET|KEY|KEYS|SEEDS)\w*)"', source))
    told = (ROOT / "docs" / "security.md").read_text()
    assert {"SECRET_KEY", "SEALING_KEYS", "SIGNING_SEEDS", "PADDLE_API_KEY"} <= named
    assert [name for name in sorted(named) if f"`{name}`" not in told] == []


def test_a_form_opened_before_a_rotation_can_still_be_sent(settings, alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice.user)
    page = browser.get("/accounts/logout/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    assert browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token[1]}).status_code == 302
