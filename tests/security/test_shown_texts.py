"""What strangers wrote, wherever it is shown: pages, the console, mails, papers, archives and tables.

Each column that takes somebody's words is given words that would be an element, an attribute, a command of the
template language or a link that runs. Then all that shows rows is opened, and none of it has come to life.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser

import pypdfium2
import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import async_to_sync
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth import get_user_model
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client
from django.utils.html import escape
from fido2.cose import ES256
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts.models import SignIn, WebhookDelivery, WebhookEndpoint
from accounts.sign_in import tell_of_new_device
from accounts.spreadsheets import write_row
from billing import ledger, receipts
from billing.models import Payment, Product, Receipt, Refund, Subscription
from extraction.models import Job
from privacy import export
from privacy.models import SubjectRequest
from tests.people import Person
from tests.privacy.planted import plant_everything
from tests.security.test_others_pages import CONVERTER, fill, ids_of
from tests.security.test_roles import MODELS, pages_of
from tests.security.walking import RECEIPT, addresses, call, knock

pytestmark = pytest.mark.django_db
ALIVE = "\"'><b id=planted onplanted=x>{{'plan'|add:'ted!'}}"
COME_TO_LIFE = "planted!"  # what the template language would make of it
RUNS = "javascript:planted()"
# Whose words they are: the customer's own, their browser's, a sign-in or payment provider's, or an operator's.
MARKS = {"name", "key", "endpoint", "browser", "device", "product", "request", "refund", "label", "note", "passkey"}


def hostile(mark: str) -> str:
    return f"{mark}{ALIVE}"


class Living(HTMLParser):
    """What a browser would make of the planted words, were it to take them for more than words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            runs = name in ("href", "src", "action", "formaction") and (value or "").strip().startswith("javascript:")
            if name.startswith("onplanted") or (name, value) == ("id", "planted") or runs:
                self.found.append(f"<{tag} {name}={value}>")


@pytest.fixture
def alice() -> Person:
    person = plant_everything("alice")
    user = person.user
    get_user_model().objects.filter(pk=user.pk).update(name=hostile("name"))
    user.api_keys.update(name=hostile("key"))
    WebhookEndpoint.objects.filter(user=user).update(description=hostile("endpoint"), url=RUNS)
    WebhookDelivery.objects.filter(user=user).update(url=RUNS)
    SignIn.objects.filter(user=user).update(browser=hostile("browser"), device=hostile("device"))
    Product.objects.update(name=Concat(Value(hostile("product")), F("pk")))
    SubjectRequest.objects.filter(user=user, closed_at=None).update(note=hostile("request"))
    Refund.objects.update(reason=hostile("refund"))
    Job.objects.owned_by(user).update(metadata={hostile("label"): hostile("label")})
    Payment.objects.update(checkout_url=RUNS)
    Subscription.objects.update(checkout_url=RUNS)
    mine = Authenticator.objects.filter(user=user)
    mine.exclude(type="webauthn").delete()  # planted for their rows, with secrets that open nothing
    mine.update(data={"name": hostile("passkey"), "credential": dict(passkey())})
    ledger.grant(person.wallet, 1, key="hostile", note=hostile("note"))
    user.refresh_from_db()
    return person


def passkey() -> RegistrationResponse:
    """As a browser brings one: what its page lists must be one."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    id, site = b"c" * 16, b"s" * 32
    told = AuthenticatorData.create(site, 0x45, 0, AttestedCredentialData.create(Aaguid.NONE, id, public))
    asked = CollectedClientData.create("webauthn.create", b"c" * 32, "http://127.0.0.1")
    proof = AttestationObject.create("none", told, {})
    return RegistrationResponse(
        raw_id=id, response=AuthenticatorAttestationResponse(client_data=asked, attestation_object=proof)
    )


def portal_pages(person: Person) -> Iterator[str]:
    ids = ids_of(person)
    for pattern, _url in addresses():
        ours = pattern.startswith(("portal", "accounts/")) and "^" not in pattern
        if ours and {*CONVERTER.findall(pattern)} <= ids.keys():
            yield fill(pattern, ids)


def test_no_page_brings_words_to_life(alice):
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("root@example.com", "correct horse battery"))
    customer = Client()
    customer.force_login(alice.user)
    customer.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    pages = [(customer, page) for page in portal_pages(alice)]
    pages += [(staff, page) for model in MODELS for page, _verb in pages_of(model)]
    alive, shown, read = [], set(), 0
    for browser, page in pages:
        answer = browser.get(page)
        assert answer.status_code < 500, page
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        told, read = answer.content.decode(), read + 1
        alive += [f"{page}: {one}" for one in Living(told).found]
        alive += [f"{page}: a command of the template language"] * (COME_TO_LIFE in told)
        shown |= {mark for mark in MARKS if escape(hostile(mark)) in told}
    assert not alive
    assert read > 150
    assert shown == MARKS, "words that no page shows prove nothing of pages"


def test_the_same_words_would_live_on_a_page_that_does_not_escape():
    """The reading above finds what it looks for."""
    assert len(Living(f"<p title='{ALIVE}'>{ALIVE}</p><a href='{RUNS}'>x</a>").found) >= 3


def test_no_paper_and_no_archive_does(alice):
    receipt = Receipt.objects.filter(payment__user=alice.user).earliest("pk")
    page = receipts.render_html(receipt)
    assert escape(hostile("name")) in page and not Living(page).found and COME_TO_LIFE not in page
    paper = pypdfium2.PdfDocument(receipts.render_pdf(receipt))
    assert "<b id=planted" in " ".join(sheet.get_textpage().get_text_range() for sheet in paper)
    assert not any(b"/%s" % word in receipts.render_pdf(receipt) for word in (b"JavaScript", b"JS", b"URI", b"Launch"))

    async def whole() -> bytes:
        return b"".join([piece async for piece in export.stream(alice.user)])

    archive = zipfile.ZipFile(io.BytesIO(async_to_sync(whole)()))
    assert not any(name.startswith("/") or ".." in name for name in archive.namelist())
    index = archive.read("index.html").decode()
    assert escape(hostile("name")) in index and not Living(index).found and COME_TO_LIFE not in index


def test_no_mail_does(alice, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = call("POST", "/v1/keys", alice.headers, {"name": hostile("fresh")})
    assert made.status_code == 201
    tell_of_new_device(SignIn.objects.filter(user=alice.user).earliest("pk"))
    for letter in mailoutbox:
        assert letter.content_subtype == "plain" and not getattr(letter, "alternatives", [])
        assert "planted" not in letter.subject and COME_TO_LIFE not in letter.body
    bodies = " ".join(letter.body for letter in mailoutbox)
    assert hostile("fresh") in bodies and hostile("browser") in bodies, "plain text is sent as it is"


FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1+1", '=HYPERLINK("http://evil.example")']


@pytest.mark.parametrize("words", FORMULAS, ids=ascii)
def test_no_table_carries_words_out(words):
    ((cell, amount, nothing),) = csv.reader(io.StringIO(write_row([words, "-1.500000", None]), newline=""))
    assert (cell, amount, nothing) == (f"'{words}", "-1.500000", "")


CLIMBING = [
    "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2fmanage.py", "/static/..%5cmanage.py",
    "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/littlepull/../../../../etc/passwd",
    "/docs/../README", "/docs/%2e%2e%2fREADME", "/docs/..%2f..%2fetc%2fpasswd", "/docs/api/..%2f..%2fmanage",
    "/v1/schemas/..%2f..%2fetc%2fpasswd", "/v1/extractions/..%2f..%2fetc%2fpasswd/result",
    "/privacy/versions/..%2f1", "/.well-known/../manage.py", "/.well-known/%2e%2e/manage.py",
]  # fmt: skip


@pytest.mark.parametrize("path", CLIMBING)
def test_no_address_climbs_out_of_its_folder(path, bob):
    answer = async_to_sync(knock)("GET", path, headers=bob.headers)
    assert answer.status_code in (301, 302, 401, 404), answer.status_code
    assert b"root:" not in answer.content and b"DJANGO_SETTINGS_MODULE" not in answer.content


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x", "/etc/cron.d/x", "..\\..\\x", "a\x00.jpg", "%2e%2e%2fx"])
def test_no_name_of_a_file_leads_anywhere(name, alice, settings):
    known = {path.name for path in settings.SPOOL_DIR.rglob("*")}
    form = {"schema": '{"type": "object"}'}
    files = {"file": (name, RECEIPT, "image/jpeg")}
    answer = async_to_sync(knock)("POST", "/v1/extractions", headers=alice.headers, data=form, files=files)
    assert answer.status_code == 202, answer.text
    fresh = {path.name for path in settings.SPOOL_DIR.rglob("*")} - known
    kept = {*Job.objects.owned_by(alice.user).values_list("spool_id", flat=True)}
    assert fresh and all(any(one.startswith(id) for id in kept) for one in fresh), fresh
    assert "cron" not in answer.text and not any("cron" in one or "%2e" in one for one in fresh)
