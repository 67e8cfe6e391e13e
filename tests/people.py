"""Alice has credits, Bob has none, Charlie is a stranger to both."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest

from accounts.api_keys import create_key
from accounts.models import ApiKey, User
from billing import ledger
from billing.models import Wallet
from billing.pricing import MICRO


@dataclass(frozen=True)
class Person:
    user: User
    key: ApiKey
    plaintext: str

    @property
    def wallet(self) -> Wallet:
        return ledger.get_wallet(self.key)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.plaintext}"}


def make_person(name: str, *, credits: int = 0, **key: object) -> Person:
    user = User.objects.create_user(f"{name}-{uuid.uuid4().hex[:8]}@example.com", "correct horse battery")
    api_key, plaintext = create_key(user, **key)
    person = Person(user, api_key, plaintext)
    if credits:
        ledger.grant(person.wallet, credits * MICRO, key="start")
    return person


@pytest.fixture
def alice(db) -> Person:
    return make_person("alice", credits=100)


@pytest.fixture
def bob(db) -> Person:
    return make_person("bob")


@pytest.fixture
def charlie(db) -> Person:
    return make_person("charlie", credits=100)
