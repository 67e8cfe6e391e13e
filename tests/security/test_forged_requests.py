"""What another site, a mailed link or a guesser could make a browser or our server do; and what every answer says."""

from __future__ import annotations

import base64
import json
import re
import secrets

import jwt
import pytest
from allauth.account.models import EmailAddress
from asgiref.sync import async_to_sync
from django.contrib.auth import hashers
from django.test import Client

from accounts import api_keys, signing
from littlepull.asgi import application
from littlepull.headers import with_security_headers
from tests.privacy.planted import furnish_the_rest, plant
from tests.security.test_others_pages import CONVERTER, fill, ids_of
from tests.security.walking import addresses, knock

pytestmark = pytest.mark.django_db
# Not asked for a token: the providers' signed messages, and a callback of theirs by its own state.
SIGNED = {"webhooks/dodo", "webhooks/paddle"}
NOT_FORMS = re.compile(r"^(admin/|v1/|\^|accounts/(\^|google|github|social/)|accounts/3rdparty)")
PAGES = sorted(
    pattern
    for pattern, _url in addresses()
    if not NOT_FORMS.match(pattern) and set(CONVERTER.findall(pattern)) <= {"job_id", "key_id", "order_id", "plan_id"}
)


def guarded(person) -> Client:
    """Signed in, and asked for tokens as browsers are."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person.user)
    return browser


def test_no_form_is_taken_without_its_token():
    alice = plant("alice")
    furnish_the_rest(alice, "alice")
    browser, ids, refused = guarded(alice), ids_of(alice), 0
    for pattern in PAGES:
        answer = browser.post(fill(pattern, ids), {"any": "thing"}, headers={"Origin": "https://evil.example"})
        if pattern in SIGNED:
            assert answer.status_code >= 400, pattern
        if pattern in SIGNED or pattern.startswith((".well-known", "healthz", "readyz", "metrics")):
            continue  # read without a session, and nothing is done by it
        assert answer.status_code == 403, (pattern, answer.status_code)
        refused += 1
    assert refused > 40


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "http:\\\\evil.example",
        "/%09/evil.example",
        "\t//evil.example",
    ],
)
def test_no_next_leads_elsewhere(target, alice):
    EmailAddress.objects.create(user=alice.user, email=alice.user.email, verified=True, primary=True)
    client = Client()
    form = {"login": alice.user.email, "password": "correct horse battery", "next": target}
    for answer in (client.post("/accounts/login/", form), client.post("/accounts/logout/", {"next": target})):
        assert answer.status_code == 302
        assert re.match(r"/[^/\\\t]", answer["Location"] + "x"), answer["Location"]
    accepting = enter_again(alice).post("/portal/privacy/policy", {"next": target, "accept": "on"})
    assert "evil.example" not in accepting.get("Location", "").partition("?")[0]


def enter_again(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "localhost:x"])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/password/reset/", "/portal", "/admin/"])
def test_another_host_than_ours_is_not_answered(path, host):
    answer = Client().get(path, headers={"Host": host})
    assert answer.status_code == 400 or "evil.example" not in answer.content.decode()


def test_a_link_that_is_mailed_leads_to_us_whatever_host_was_asked_for(alice, mailoutbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    EmailAddress.objects.create(user=alice.user, email=alice.user.email, verified=True, primary=True)
    headers = {"Host": "evil.example", "X-Forwarded-Host": "worse.example"}
    Client().post("/accounts/password/reset/", {"email": alice.user.email}, headers=headers)
    assert mailoutbox and "worse.example" not in mailoutbox[0].body
    links = re.findall(r"https?://\S+", mailoutbox[0].body)
    assert links and all(link.startswith(settings.SITE_URL) for link in links), links


# What every answer says


HEADERS = {
    "content-security-policy": r"default-src 'none';.*frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin|no-referrer",
    "permissions-policy": r"camera=\(\)",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
ASKED = {
    "page": ("GET", "/", 200),
    "no page": ("GET", "/nothing/here", 404),
    "door": ("GET", "/portal", 302),
    "console": ("GET", "/admin/", 302),
    "sign-in": ("GET", "/accounts/login/", 200),
    "forged form": ("POST", "/accounts/login/", 403),
    "api": ("GET", "/v1/prices", 200),
    "api document": ("GET", "/v1/openapi.json", 200),
    "api documentation": ("GET", "/v1/docs", 200),
    "api refusal": ("GET", "/v1/account", 401),
    "api nothing": ("GET", "/v1/nothing", 404),
    "api method": ("DELETE", "/v1/prices", 405),
    "chat refusal": ("POST", "/v1/chat/completions", 401),
    "upload refusal": ("POST", "/v1/extractions", 401),
    "keys": ("GET", "/.well-known/littlepull-keys.json", 200),
    "health": ("GET", "/healthz", 200),
    "webhook": ("POST", "/webhooks/paddle", None),
    "nul": ("GET", "/%00", 404),
    "static": ("GET", "/static/littlepull/page.css", None),
    "static nothing": ("GET", "/static/nothing.css", 404),
}


@pytest.mark.parametrize("kind", ASKED)
def test_every_kind_of_answer_has_its_headers(kind):
    method, path, status = ASKED[kind]
    answer = async_to_sync(knock)(method, path)
    assert status in (None, answer.status_code), answer.status_code
    policy = answer.headers.get("content-security-policy", "")
    assert "unsafe" not in policy and "*" not in policy
    missing = {name for name, held in HEADERS.items() if not re.search(held, answer.headers.get(name, ""))}
    assert missing == set()
    assert not re.search(r"\d\.\d|django|uvicorn|python", answer.headers.get("server", ""), re.IGNORECASE)
    assert "x-powered-by" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/v1/prices", "/v1/nothing", "/static/nothing.css", "/admin/"])
@pytest.mark.parametrize("behind_proxy", [True, False])
def test_in_production_browsers_come_back_by_https_alone(path, behind_proxy, settings):
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind_proxy else None
    served = with_security_headers(application)  # reads the settings once, as a server that starts does
    said = {
        scheme: async_to_sync(knock)("GET", path, through=served, headers={"X-Forwarded-Proto": scheme})
        for scheme in ("https", "http")
    }
    told = {scheme: answer.headers.get("strict-transport-security") for scheme, answer in said.items()}
    secured = "max-age=31536000; includeSubDomains; preload"
    assert told == {"https": secured if behind_proxy else None, "http": None}, "an unproved scheme is not believed"


def test_a_body_that_is_too_large_is_refused_with_its_headers(settings):
    settings.MAX_BODY_BYTES = 10
    answer = async_to_sync(knock)("POST", "/v1/keys", content=b"x" * 100)
    assert answer.status_code == 413 and all(name in answer.headers for name in HEADERS)


# Guessing


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """One for each time a password was hashed, by whatever way."""
    counted: list[str] = []
    for name in ("encode", "verify"):
        for kind in (hashers.Argon2PasswordHasher, hashers.PBKDF2PasswordHasher):
            own = getattr(kind, name)

            def counting(self, *given, own=own, **named):
                counted.append(own.__name__)
                return own(self, *given, **named)

            monkeypatch.setattr(kind, name, counting)
    return counted


def said(answer) -> str:
    text = re.sub(r'(value|content)="\w{64}"', "", answer.content.decode())
    return re.sub(r"(alice|charlie|nobody)[\w.-]*@example\.com", "…", text)


def test_a_wrong_password_and_an_unknown_address_are_told_and_cost_the_same(alice, hashed):
    EmailAddress.objects.create(user=alice.user, email=alice.user.email, verified=True, primary=True)
    seen = []
    for email in (alice.user.email, "nobody@example.com"):
        hashed.clear()
        answer = Client().post("/accounts/login/", {"login": email, "password": "wrong, and long enough"})
        seen.append((answer.status_code, said(answer), len(hashed)))
    assert seen[0] == seen[1] and seen[0][2] >= 1, [(one[0], one[2]) for one in seen]


def test_asking_for_a_new_password_tells_nobody_whether_there_is_an_account(alice, mailoutbox, hashed):
    EmailAddress.objects.create(user=alice.user, email=alice.user.email, verified=True, primary=True)
    seen = []
    for email in (alice.user.email, "nobody@example.com"):
        hashed.clear()
        answer = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        seen.append((answer.status_code, answer.redirect_chain, said(answer), len(hashed)))
    assert seen[0] == seen[1]


COMPARED = ["its own", "another secret", "an id that nobody has", "a revoked key's"]


@pytest.mark.django_db(transaction=True)  # the gateway reads keys in a thread of its own
@pytest.mark.parametrize("kind", COMPARED)
@pytest.mark.parametrize("door", ["/v1/account", "/v1/chat/completions"])
def test_a_secret_is_compared_in_constant_time_whatever_is_known_of_its_key(kind, door, alice, monkeypatch):
    """A wrong secret, an unknown id and a revoked key cost one look-up and one whole comparison, like the right one."""
    _, mode, public_id, tail = alice.plaintext.split("_")
    changed = {"another secret": (public_id, "x" * 40), "an id that nobody has": ("y" * 12, tail[:40])}
    presented = api_keys._as_plaintext(mode, *changed.get(kind, (public_id, tail[:40])))
    if kind == "a revoked key's":
        api_keys.revoke_key(alice.key)
    compared: list[tuple[int, int]] = []
    genuine = secrets.compare_digest

    def counting(one, other):
        compared.append((len(one), len(other)))
        return genuine(one, other)

    monkeypatch.setattr(secrets, "compare_digest", counting)
    method = "GET" if door == "/v1/account" else "POST"
    answer = async_to_sync(knock)(method, door, headers={"Authorization": f"Bearer {presented}"}, content=b"{}")
    assert (answer.status_code == 401) is (kind != "its own"), answer.text  # else what is wrong is the body
    assert (64, 64) in compared, "the digests, both of them whole"
    assert {*compared} <= {(6, 6), (64, 64)}


def test_signing_up_tells_nobody_whether_there_is_an_account(alice, hashed):
    EmailAddress.objects.create(user=alice.user, email=alice.user.email, verified=True, primary=True)
    seen = []
    for email in (alice.user.email, "nobody@example.com"):
        hashed.clear()
        form = {"email": email, "password1": "a long enough pass phrase", "accept_policy": "on"}
        answer = Client().post("/accounts/signup/", form, follow=True)
        seen.append((answer.status_code, answer.redirect_chain, said(answer), len(hashed)))
    assert seen[0][:3] == seen[1][:3]
    assert seen[0][3] == seen[1][3] >= 1, "a known address is told by the time that its password is not hashed"


# Signatures


def forgeries() -> list[str]:
    """Of a statement under the true key's name."""
    genuine = signing.sign_statement({"job_id": "ext_1"})
    kid = jwt.get_unverified_header(genuine)["kid"]
    public = signing.public_keys()["keys"][0]["x"]
    claim = json.dumps({"job_id": "ext_2"}).encode()
    secret = base64.urlsafe_b64decode(public + "==")
    unsigned = jwt.PyJWS().encode(claim, None, algorithm="none", headers={"kid": kid})
    confused = jwt.PyJWS().encode(claim, secret, algorithm="HS256", headers={"kid": kid})
    own = {"kid": kid, "jwk": {"kty": "oct", "k": public}, "jku": "https://evil.example/keys"}
    embedded = jwt.PyJWS().encode(claim, secret, algorithm="HS512", headers=own)
    header, _, signature = genuine.split(".")
    swapped = f"{header}.{base64.urlsafe_b64encode(claim).rstrip(b'=').decode()}.{signature}"
    return [unsigned, confused, embedded, swapped, f"{header}..{signature}", f"{swapped[:-4]}AAAA", "", "a.b.c"]


@pytest.mark.parametrize("at", range(8))
def test_no_other_algorithm_makes_a_statement_genuine(at):
    with pytest.raises(signing.NotGenuine):
        signing.read_statement(forgeries()[at], signing.public_keys())
    assert signing.read_statement(signing.sign_statement({"a": 1}), signing.public_keys()) == {"a": 1}
