"""The security page says what the code does, and security.txt is what RFC 9116 asks for."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password

from accounts.api_keys import create_key
from littlepull.site import security

pytestmark = pytest.mark.django_db
ADDRESS = "/.well-known/security.txt"


def read(client, **more):
    answer = client.get(ADDRESS, **more)
    assert answer.status_code == 200
    return answer, dict(line.split(": ", 1) for line in answer.content.decode().splitlines())


def words(client):
    page = html.unescape(re.sub(r"<[^>]+>", "", client.get("/security").content.decode()))
    return re.sub(r"\s+", " ", page)


def test_security_txt_has_every_field_once_as_plain_text(client, settings):
    settings.SITE_URL, settings.CONTACT_EMAIL = "https://littlepull.example", "security+reports@littlepull.example"
    answer, fields = read(client)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(fields) == len(answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security+reports@littlepull.example"
    assert fields["Canonical"] == f"https://littlepull.example{ADDRESS}"
    assert fields["Policy"] == "https://littlepull.example/security"
    assert fields["Preferred-Languages"] == "en, fr"


def test_it_expires_within_a_year_and_never_soon(client):
    expires = datetime.strptime(read(client)[1]["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=362) < expires - datetime.now(UTC) < timedelta(days=365)
    assert (expires.hour, expires.minute) == (0, 0)


def test_it_names_this_installation_and_not_the_host_that_was_asked_for(client, settings):
    settings.ALLOWED_HOSTS = ["evil.example"]
    answer, fields = read(client, headers={"Host": "evil.example"})
    assert "evil.example" not in answer.content.decode() and fields["Canonical"].startswith(settings.SITE_URL)


def test_its_policy_and_its_contact_are_there(client, settings):
    page = client.get("/security")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "public, max-age=300"
    assert f'href="mailto:{settings.CONTACT_EMAIL}"' in page.content.decode()
    assert f'href="{ADDRESS}"' in page.content.decode() and "Set-Cookie" not in page.headers


def test_the_policy_of_browsers_that_it_shows_is_the_one_that_is_sent(client):
    sent = client.get("/security").headers["Content-Security-Policy"]
    assert sent in words(client)


def test_what_it_says_of_passwords_keys_and_the_cookie_is_so(client, alice, settings):
    told = words(client)
    assert "Argon2id" in told and make_password("correct horse battery").startswith("argon2$argon2id$")
    assert identify_hasher(alice.user.password).algorithm == "argon2"
    assert "238 random bits" in told
    key, plaintext = create_key(alice.user)
    assert len(key.digest) == 64 and plaintext.rpartition("_")[2] not in str(key.__dict__)
    assert f"{settings.SESSION_COOKIE_NAME}: HttpOnly, SameSite=Lax, for 24 hours" in told
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE) == (True, "Lax")
    assert settings.CSRF_USE_SESSIONS


def test_what_it_says_of_figures_is_what_is_set(client, monkeypatch):
    monkeypatch.setattr(security, "METADATA_KEPT", timedelta(days=7))
    monkeypatch.setattr(security, "LEAST_PORT", 4711)
    told = words(client)
    assert "for 7 days" in told and "from 4711 on" in told


def test_every_link_on_it_leads_somewhere(client):
    page = client.get("/security").content.decode()
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors and all(f'id="{anchor}"' in page for anchor in anchors)
    for address in set(re.findall(r'href="(/[^"#]*)"', page)):
        if not address.startswith("/static/"):
            assert client.get(address, follow=True).status_code == 200, address


def test_the_way_to_report_is_told_in_the_repository_too(client):
    assert "three working days" in words(client) and "90 days" in words(client)
