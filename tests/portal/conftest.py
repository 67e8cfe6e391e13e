"""People at the portal, signed in the way people are."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from privacy import policies
from tests.people import Person


def enter(person: Person) -> Client:
    """By password, a moment ago: what is asked for again after a quarter of an hour need not be yet."""
    EmailAddress.objects.create(user=person.user, email=person.user.email, verified=True, primary=True)
    policies.accept(person.user, policies.find_required())
    client = Client()
    answer = client.post("/accounts/login/", {"login": person.user.email, "password": "correct horse battery"})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture
def portal(bob) -> Client:
    return enter(bob)
