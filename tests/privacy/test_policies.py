"""Policies: published by version, filled in where they name an address, compared, accepted; and their pages."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from privacy import erase, policies
from privacy.models import PolicyAcceptance, PolicyVersion
from privacy.preview import reckon
from privacy.processors import KNOWN

pytestmark = pytest.mark.django_db
PAGES = ("/privacy", "/privacy/versions/1", "/privacy/processors", "/privacy/cookies")


def publish(text: str, *, number: int = 2, days: int = 0, major: bool = True) -> PolicyVersion:
    on = timezone.localdate() + timedelta(days=days)
    return PolicyVersion.objects.create(
        number=number, effective_on=on, major=major, text=text, digest=policies.digest_of(text)
    )


def test_the_first_version_is_in_force_and_shown(client, settings):
    settings.CONTACT_EMAIL = "privacy@acme.example"
    page = client.get("/privacy").content.decode()
    version = policies.find_current()
    assert version.number == 1 and version.digest == hashlib.sha256(version.text.encode()).hexdigest()
    assert "NGUETOUM NGOUANE Cyrille" in page and 'href="mailto:privacy@acme.example"' in page
    assert "{contact}" not in page and "{contact}" in version.text


def test_it_keeps_the_stricter_promise_of_both():
    text = policies.find_current().text
    for promise in (
        "not even anonymized", "One cookie, session_id", "local storage", "90 days", "Dodo Payments and Paddle",
        "Google and GitHub", "at most 30 days", "We answer within 30 days", "never stored",
    ):  # fmt: skip
        assert promise in text, promise
    for known in ("dodo", "paddle", "anthropic", "together", "fireworks", "groq", "google", "github"):
        assert KNOWN[known].name in text


def test_what_is_published_cannot_be_changed():
    version = policies.find_current()
    with pytest.raises(TypeError):
        version.save()
    with pytest.raises(TypeError):
        version.delete()


def test_a_version_to_come_is_shown_as_that_and_holds_from_its_day(client):
    publish("# Next\n\nMore.", days=10)
    assert policies.find_current().number == 1
    assert "not in force yet" in client.get("/privacy/versions/2").content.decode()
    publish("# Now\n\nLess.", number=3)
    assert policies.find_current().number == 3
    assert "replaced" in client.get("/privacy/versions/1").content.decode()


def test_differences_are_marked_word_by_word(client):
    first = policies.find_current()
    publish(first.text.replace("Records of gateway requests: 90 days.", "Records of gateway requests: 30 days."))
    page = client.get("/privacy/versions/2").content.decode()
    assert "gateway requests: <del>90</del><ins>30</ins> days." in page
    assert page.count("<del>") == 1 and "What changed since version 1" in page
    assert "<del>" not in client.get("/privacy/versions/1").content.decode()


def test_paragraphs_that_come_and_go_are_marked_whole():
    old = publish("# A\n\none\n\ntwo\n\n## B\n\nsame", number=5)
    new = publish("# A\n\ntwo\n\nthree\n\nfour\n\n## B\n\nsame", number=6)
    marks = [(piece.mark, piece.text) for line in policies.compare(old, new) for piece in line]
    assert marks == [("same", "# A"), ("gone", "one"), ("new", "three"), ("new", "four")]


def test_texts_cannot_bring_markup(client):
    publish("# <script>x</script>\n\n- <b>a</b>\n- b\n\nplain & simple")
    page = client.get("/privacy").content.decode()
    assert "<script>x" not in page and "&lt;b&gt;a" in page and "plain &amp; simple" in page


def test_an_acceptance_is_recorded_once(alice):
    version = policies.find_current()
    assert not policies.has_accepted(alice.user, version)
    assert policies.accept(alice.user, version) == policies.accept(alice.user, version)
    assert policies.has_accepted(alice.user, version) and PolicyAcceptance.objects.count() == 1


@pytest.mark.parametrize("page", PAGES)
def test_public_pages_need_no_account_and_set_no_cookie(client, page):
    answer = client.get(page)
    assert answer.status_code == 200 and not answer.cookies
    assert "style=" not in answer.content.decode() and "onclick" not in answer.content.decode()


def test_only_processors_in_use_are_marked(client, settings):
    settings.LLM_PROVIDERS, settings.DODO_PAYMENTS_API_KEY, settings.PADDLE_API_KEY = {"groq": {}}, "", "key"
    page = client.get("/privacy/processors").content.decode()
    rows = dict(line.split("</th>", 1) for line in page.split('<th scope="row">')[1:])
    used = {name for name, rest in rows.items() if "in use" in rest.replace("not in use", "")}
    assert used == {"Groq", "Paddle"}
    assert "At most 30 days" in rows["Groq"] and "Not at all" in rows["Fireworks AI"]
    assert "does not say" in rows["Together AI"]


def test_the_cookie_statement_says_what_is_set(client, settings):
    page = client.get("/privacy/cookies").content.decode()
    assert "session_id" in page and "24 hours" in page and "HttpOnly" in page and "SameSite=Lax" in page
    settings.SESSION_COOKIE_HTTPONLY = False
    assert "HttpOnly" not in client.get("/privacy/cookies").content.decode()


def test_a_receipt_outlives_the_key_that_signed_it(client, bob, settings):
    run = erase.erase_at_once(bob.user, reckon(bob.user).digest, source="portal")
    settings.SIGNING_SEEDS = [b"x" * 32]
    page = client.get(f"/privacy/erased/{run.pk}").content.decode()
    assert run.receipt in page and "not published any more" in page


def test_unknown_versions_and_receipts_are_not_there(client):
    for page in ("/privacy/versions/99", "/privacy/erased/era_x", "/privacy/erased/era_x/receipt.jws"):
        assert client.get(page).status_code == 404
