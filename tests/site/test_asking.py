"""Somebody without an account asks about their data, from the form over the mailed code to the officer's list."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from privacy.models import SubjectRequest
from privacy.subject_requests import open_request

pytestmark = pytest.mark.django_db
PAGE = "/privacy/ask"
ASKED = {"email": "Vera@example.com", "kind": "erasure", "note": "Please forget me."}


def last_code() -> str:
    return re.search(r"^ +(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]


@pytest.fixture
def asked(client) -> str:
    answer = client.post(PAGE, ASKED)
    assert answer.status_code == 302
    return answer["Location"]


def test_a_code_confirms_it(client, asked, django_capture_on_commit_callbacks):
    made = SubjectRequest.objects.get()
    assert (made.status, made.source, made.email, made.user) == ("verifying", "written", "Vera@example.com", None)
    assert [one.to for one in mail.outbox] == [["Vera@example.com"]]
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(asked, {"code": last_code()})["Location"] == asked
    made.refresh_from_db()
    assert (made.status, made.identity) == ("pending", "code")
    page = client.get(asked).content.decode()
    assert made.pk in page and "We have your request" in page and "Vera" not in page
    assert made.pk in mail.outbox[-1].body and len(mail.outbox) == 2


def test_a_wrong_code_does_not_and_three_are_enough(client, asked):
    right = last_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(3):
        answer = client.post(asked, {"code": wrong})
        assert answer.status_code == 422 and "not valid, or not any more" in answer.content.decode()
    assert client.post(asked, {"code": right}).status_code == 422
    client.post(f"{asked}/again")
    assert client.post(asked, {"code": last_code()}).status_code == 302


def test_what_is_not_there_looks_alike(client, asked):
    nobodys = "/privacy/ask/req_" + "0" * 26
    assert client.get(nobodys).status_code == client.get(asked).status_code == 200
    told = [re.sub(r"csrf\w+\" value=\"\w+|req_\w+", "", client.get(url).content.decode()) for url in (nobodys, asked)]
    assert told[0] == told[1]
    assert client.post(nobodys, {"code": "123456"}).status_code == 422
    again = [client.post(f"{url}/again", follow=True).content.decode() for url in (nobodys, asked)]
    told = [re.sub(r"csrf\w+\" value=\"\w+|req_\w+", "", page) for page in again]
    assert told[0] == told[1] and "Another code is on its way" in told[0]


def test_who_asks_too_often_goes_unanswered(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"privacy_request": "100/h/ip"}
    led = [client.post(PAGE, ASKED)["Location"] for _ in range(12)]
    assert len({*led}) == 12 and led[0][:16] == led[-1][:16]  # numbers of this moment, all of them
    assert SubjectRequest.objects.count() == len(mail.outbox) == 10


def test_one_address_of_the_network_may_not_flood(client):
    assert [client.post(PAGE, ASKED | {"email": f"v{n}@example.com"}).status_code for n in range(11)][-2:] == [302, 429]


@pytest.mark.parametrize("wrong", [{"email": "vera"}, {"kind": "everything"}, {"note": "x" * 501}, {"email": "\0@a.b"}])
def test_what_makes_no_sense_is_said_and_nothing_is_kept(client, wrong):
    answer = client.post(PAGE, ASKED | wrong)
    assert answer.status_code == 422 and not SubjectRequest.objects.exists() and not mail.outbox


def test_a_request_of_the_portal_is_not_shown_here(client, alice):
    made = open_request("access", user=alice.user, source="portal", identity="session")
    assert "We have your request" not in client.get(f"{PAGE}/{made.pk}").content.decode()
    client.post(f"{PAGE}/{made.pk}/again")
    assert not mail.outbox
