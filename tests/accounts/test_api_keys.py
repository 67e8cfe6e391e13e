"""API keys: shown once, kept as a digest, refused when anything about them is wrong."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts import api_keys
from accounts.models import ApiKey

pytestmark = pytest.mark.django_db


async def test_the_plaintext_finds_its_key(alice):
    assert await api_keys.afind_key(alice.plaintext) == alice.key


def test_only_the_digest_of_the_secret_is_kept(alice):
    secret = api_keys.parse_key(alice.plaintext).secret
    row = ApiKey.objects.filter(pk=alice.key.pk).values().get()
    assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(row)


@pytest.mark.parametrize("position", [3, 10, 25, 60, -1])
def test_one_wrong_character_is_refused_without_a_query(alice, position, django_assert_num_queries):
    letters = list(alice.plaintext)
    letters[position] = "x" if letters[position] != "x" else "y"
    with django_assert_num_queries(0):
        assert async_to_sync(api_keys.afind_key)("".join(letters)) is None


@pytest.mark.parametrize("nonsense", ["", "lp_live", "sk-123", "lp_live_é_ü", "lp_live_" + "a" * 12 + "_" + "b" * 46])
async def test_nonsense_is_refused(nonsense):
    assert await api_keys.afind_key(nonsense) is None


async def test_a_right_secret_under_another_id_is_refused(alice, bob):
    theirs, mine = api_keys.parse_key(alice.plaintext), api_keys.parse_key(bob.plaintext)
    body = f"lp_live_{theirs.public_id}_{mine.secret}"
    assert await api_keys.afind_key(body + api_keys._checksum(body)) is None


def test_revocation_bites_at_once(alice, client):
    assert client.get("/v1/account", headers=alice.headers).status_code == 200
    api_keys.revoke_key(alice.key)
    assert client.get("/v1/account", headers=alice.headers).status_code == 401


def test_an_expired_key_is_refused(alice, client):
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/v1/account", headers=alice.headers).status_code == 401


def test_a_locked_account_is_refused(alice, client):
    alice.user.is_active = False
    alice.user.save(update_fields=["is_active"])
    assert client.get("/v1/account", headers=alice.headers).status_code == 401


async def test_use_is_noted_at_most_once_a_minute(alice):
    await api_keys.note_use(alice.key)
    first = (await ApiKey.objects.aget(pk=alice.key.pk)).last_used_at
    await api_keys.note_use(alice.key)
    assert first is not None
    assert (await ApiKey.objects.aget(pk=alice.key.pk)).last_used_at == first


def test_passwords_are_hashed_by_argon2(alice):
    assert alice.user.password.startswith("argon2$argon2id$")
