"""The policy is accepted before the portal is used; one's own data is reached without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from privacy import policies
from privacy.models import PolicyAcceptance, PolicyVersion

pytestmark = pytest.mark.django_db
PAGE = "/portal/privacy/policy"


def publish(number: int, **facts) -> PolicyVersion:
    text = f"# Privacy policy\n\nThis is number {number}."
    whole = {"number": number, "effective_on": timezone.localdate(), "major": True, "text": text} | facts
    return PolicyVersion.objects.create(digest=policies.digest_of(text), **whole)


def test_a_significant_version_is_asked_for_once(portal, bob):
    publish(2)
    asked = portal.get("/portal/keys?a=b")
    assert asked.status_code == 302 and asked["Location"] == f"{PAGE}?next=%2Fportal%2Fkeys%3Fa%3Db"
    page = portal.get(asked["Location"]).content.decode()
    assert "Our privacy policy has changed" in page and "/privacy/versions/2" in page
    assert portal.post(PAGE, {"next": "/portal/keys"})["Location"] == "/portal/keys"
    assert portal.get("/portal/keys").status_code == 200
    assert PolicyAcceptance.objects.filter(user=bob.user, version_id=2).count() == 1
    assert portal.get(PAGE)["Location"] == "/portal", "nothing is left to accept"


@pytest.mark.parametrize("facts", [{"major": False}, {"effective_on": timezone.localdate() + timedelta(days=30)}])
def test_a_small_change_and_one_to_come_are_not_asked_for(portal, facts):
    publish(2, **facts)
    assert portal.get("/portal/keys").status_code == 200


def test_ones_own_data_is_reached_without(portal):
    publish(2)
    for path in ("/portal/privacy", "/portal/privacy/delete"):
        assert portal.get(path).status_code == 200
    assert portal.get("/v1/account").status_code == 401  # the API has no sessions; keys work as before


def test_accepting_leads_nowhere_else(portal):
    publish(2)
    for elsewhere in ("https://evil.example/portal", "//evil.example", "/admin/"):
        PolicyAcceptance.objects.filter(version_id=2).delete()
        assert portal.post(PAGE, {"next": elsewhere})["Location"] == "/portal"


def test_an_account_that_was_made_for_somebody_is_asked(bob):
    client = Client()
    client.force_login(bob.user)
    assert client.get("/portal")["Location"].startswith(PAGE)
    assert "Our privacy policy" in client.get(PAGE).content.decode()


def test_signing_up_is_accepting(client):
    assert "you accept our" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", {"email": "eve@example.com", "password1": "a long enough pass phrase"})
    eve = User.objects.get(email="eve@example.com")
    assert policies.has_accepted(eve, policies.find_required())
