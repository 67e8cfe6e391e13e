"""The privacy centre, by its pages: what is held, taken along once, corrected, asked about, and deleted."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from asgiref.sync import async_to_sync
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import SignIn, User
from accounts.signing import public_keys, read_statement
from billing.models import Subscription
from privacy.models import ErasureRun, Export, SubjectRequest
from privacy.subject_requests import open_request
from tests.people import make_person
from tests.portal.conftest import enter
from tests.privacy.planted import find_traces, plant

CENTRE = "/portal/privacy"


@pytest.fixture
def zebulon(db):
    return plant("zebulon")


@pytest.fixture
def home(zebulon) -> Client:
    """Zebulon's browser; signing in by a second factor is tested elsewhere."""
    EmailAddress.objects.filter(user=zebulon.user).delete()
    Authenticator.objects.filter(user=zebulon.user).delete()
    return enter(zebulon)


def text_of(answer) -> str:
    return answer.content.decode()


def read(answer) -> bytes:
    async def gather() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(gather)()


def links_in(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="(/portal/privacy/exports/[^"]+)"', page)]


def digest_in(page: str) -> str:
    return re.search(r'name="digest" value="(\w{64})"', page)[1]


def test_it_shows_what_is_held_with_live_counts(portal, bob):
    page = text_of(portal.get(CENTRE))
    assert "What we hold about you" in page and "24 hours" in page and "Art. 6(1)(b)" in page
    row = re.search(
        r"<tr[^>]*><th scope=\"row\">Names, digests and dates of API keys</th><td class=\"number\">(\d+)", page
    )
    assert row[1] == "1"
    from accounts.api_keys import create_key

    create_key(bob.user)
    page = text_of(portal.get(CENTRE))
    assert 'API keys</th><td class="number">2<' in page


def test_the_download_is_made_on_the_fly_read_once_and_whole(home, zebulon, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = home.post(f"{CENTRE}/download", follow=True)
    assert "ready to download" in mail.outbox[-1].subject and "signature" not in mail.outbox[-1].body
    link = links_in(text_of(answer))[0]
    answer = home.get(link)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"] and "attachment" in answer["Content-Disposition"]
    packed = zipfile.ZipFile(io.BytesIO(read(answer)))
    assert json.loads(packed.read("data/accounts.User.json"))[0]["name"] == "Zebulon Quux"
    again = home.get(link)
    assert again.status_code == 410 and "used already" in text_of(again)


def test_the_link_is_its_owner_s_and_nothing_else_reads_it(home, portal, client):
    home.post(f"{CENTRE}/download")
    link = links_in(text_of(home.get(CENTRE)))[-1]
    assert portal.get(link).status_code == 410  # Bob, signed in as himself
    assert client.get(link).status_code == 302  # nobody
    assert home.head(link).status_code == 405  # a look ahead
    assert home.get(link.replace("signature=", "signature=x")).status_code == 410
    assert home.get(link.partition("?")[0]).status_code == 410
    assert Export.objects.readable().count() == 2  # the planted one, and this
    assert home.get(link).status_code == 200


@pytest.mark.parametrize("act", ["download", "delete"])
def test_the_password_is_asked_for_again_where_it_was_given_long_ago(portal, bob, act):
    SignIn.objects.update(at="2020-01-01T00:00Z")
    session = portal.session
    for record in session["account_authentication_methods"]:
        record["at"] = 0
    session.save()
    answer = portal.post(f"{CENTRE}/{act}", {"email": bob.user.email, "digest": "0" * 64})
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert not Export.objects.exists() and User.objects.get(pk=bob.user.pk).is_active


def test_a_name_is_corrected_at_once_and_that_is_on_record(portal, bob):
    page = text_of(portal.post(f"{CENTRE}/name", {"name": "Robert"}, follow=True))
    assert User.objects.get(pk=bob.user.pk).name == "Robert" and 'value="Robert"' in page
    request = SubjectRequest.objects.get()
    assert (request.kind, request.corrects, request.status) == ("rectification", "name", "complete")
    assert "Robert" not in str(list(SubjectRequest.objects.values()))
    portal.post(f"{CENTRE}/name", {"name": "Robert"})
    assert SubjectRequest.objects.count() == 1
    assert portal.post(f"{CENTRE}/name", {"name": "x" * 151}).status_code == 422


def test_any_request_is_opened_shown_with_its_due_date_and_withdrawn(portal, bob):
    page = text_of(portal.post(f"{CENTRE}/requests", {"kind": "access", "note": "all of it"}, follow=True))
    request = SubjectRequest.objects.get()
    assert request.pk in page and "answer due" in page and "Waiting to be looked at" in page
    assert request.note == "all of it" and "all of it" not in page
    page = text_of(portal.post(f"{CENTRE}/requests/{request.pk}/withdraw", follow=True))
    assert "Withdrawn" in page and "Cancelled" in page
    request.refresh_from_db()
    assert request.status == "cancelled" and request.note == ""
    assert portal.post(f"{CENTRE}/requests", {"kind": "nonsense"}).status_code == 422


def test_another_s_request_is_not_there(portal, zebulon):
    foreign = open_request("access", user=zebulon.user, source="portal", identity="session")
    assert foreign.pk not in text_of(portal.get(CENTRE))
    assert portal.post(f"{CENTRE}/requests/{foreign.pk}/withdraw").status_code == 404
    foreign.refresh_from_db()
    assert foreign.is_open


def test_deleting_shows_first_and_then_does_exactly_that(home, zebulon, portal, client):
    address = zebulon.user.email
    page = text_of(home.get(f"{CENTRE}/delete"))
    for words in ("Usage record", "erased", "masked", "kept", "Bookkeeping duty", "98 credits"):
        assert words in page, words
    answer = home.post(f"{CENTRE}/delete", {"digest": digest_in(page), "email": address.upper()})
    run = ErasureRun.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/privacy/erased/{run.pk}"
    assert find_traces("zebulon", address) == []
    assert home.get(CENTRE).status_code == 302 and portal.get(CENTRE).status_code == 200
    shown = text_of(client.get(answer["Location"]))  # anybody who has the address
    assert run.pk in shown and "zebulon" not in shown.lower() and "extraction.Job" in shown
    jws = client.get(f"{answer['Location']}/receipt.jws")
    assert "attachment" in jws["Content-Disposition"]
    assert read_statement(jws.content.decode(), public_keys())["erasure"] == run.pk


@pytest.mark.parametrize("typed", ["", "somebody@else.example", "not an address"])
def test_without_the_right_address_nothing_is_deleted(portal, bob, typed):
    digest = digest_in(text_of(portal.get(f"{CENTRE}/delete")))
    answer = portal.post(f"{CENTRE}/delete", {"digest": digest, "email": typed})
    assert answer.status_code == 409 and User.objects.get(pk=bob.user.pk).is_active
    assert not ErasureRun.objects.exists()


def test_what_changed_meanwhile_is_shown_again_and_not_deleted(portal, bob):
    from accounts.api_keys import create_key

    digest = digest_in(text_of(portal.get(f"{CENTRE}/delete")))
    create_key(bob.user)
    answer = portal.post(f"{CENTRE}/delete", {"digest": digest, "email": bob.user.email})
    assert answer.status_code == 409 and "has changed" in text_of(answer)
    assert User.objects.get(pk=bob.user.pk).is_active and digest_in(text_of(answer)) != digest
    portal.post(f"{CENTRE}/delete", {"digest": digest_in(text_of(answer)), "email": bob.user.email})
    assert not User.objects.get(pk=bob.user.pk).is_active


def test_a_running_plan_is_named_and_stops_it(portal, bob):
    Subscription.objects.create(user=bob.user, wallet=bob.wallet, provider="dodo", key="p", ref="s", status="active")
    page = text_of(portal.get(f"{CENTRE}/delete"))
    assert "cancel it first" in page and "disabled" in page
    answer = portal.post(f"{CENTRE}/delete", {"digest": digest_in(page), "email": bob.user.email})
    assert answer.status_code == 409 and User.objects.get(pk=bob.user.pk).is_active


def test_a_receipt_is_there_only_once_it_is_done(client, bob):
    from privacy.erase import place_preview

    run = place_preview(bob.user)
    assert client.get(f"/privacy/erased/{run.pk}").status_code == 404


def test_pages_keep_the_rules_of_the_house(home):
    for page in (CENTRE, f"{CENTRE}/delete"):
        answer = home.get(page)
        said = text_of(answer)
        assert not re.search(r"\sstyle=|<script>|onclick=|<style", said)
        assert "no-store" in answer["Cache-Control"] and len(answer.content) < 100_000
        assert set(home.cookies) == {"session_id"}


def test_strangers_are_sent_to_the_door(client, db):
    for page in (CENTRE, f"{CENTRE}/delete", f"{CENTRE}/exports/exp_x"):
        assert client.get(page)["Location"].startswith("/accounts/login/")
    assert make_person("late").user.date_joined <= timezone.now()
