"""Messages on their way: signed, tried again, given up, sent again. Over real sockets, to servers of ours."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime

import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.db import connections, transaction
from django.utils import timezone

from accounts import attempts, delivery, signed_links, webhook_secrets, webhooks
from accounts.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from privacy.retention import purge
from tests.people import make_person
from tests.receivers import Answers, Receiver
from tests.server import ROOT

pytestmark = pytest.mark.django_db
DUE = [0, 5, 300, 1800, 7200, 18000, 36000, 36000]  # F6: seconds before each attempt


@pytest.fixture(autouse=True)
def trusted(settings) -> None:
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]


deliver_due = async_to_sync(delivery.deliver_due)


def deliver_all() -> int:
    """As if time had passed: everything that waits is due."""
    WebhookDelivery.objects.filter(status="pending").update(next_attempt_at=timezone.now())
    return deliver_due()


def deliver_until_the_end() -> None:
    while deliver_all():
        pass


def enqueue(person, **options) -> WebhookDelivery:
    [message] = webhooks.enqueue(person.user, "extraction.succeeded", {"id": "ext_1", "status": "succeeded"}, **options)
    return message


def test_a_message_is_signed_as_the_standard_says(alice):
    """F5: checked by code written from the specification; the body holds type, timestamp and data."""
    with Receiver(204) as receiver:
        _, secret = webhooks.create_endpoint(alice.user, receiver.url)
        message = enqueue(alice)
        assert deliver_due() == 1
        [arrived] = receiver.messages
        assert arrived.is_signed_with(secret)
        assert not arrived.is_signed_with("whsec_" + "A" * 43 + "=")
        assert arrived.id == message.event_id
        assert arrived.id.startswith("evt_")
        assert arrived.headers["content-type"] == "application/json"
        assert arrived.json.keys() == {"type", "timestamp", "data"}
        assert arrived.json["data"] == {"id": "ext_1", "status": "succeeded"}
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("delivered", 1)
    assert deliver_all() == 0


def test_the_recipe_in_our_documentation_verifies_it(alice):
    """F5: the ten lines that developers copy."""
    recipe = (ROOT / "docs" / "webhooks.md").read_text().partition("```python\n")[2].partition("```")[0]
    copied: dict = {}
    exec(recipe, copied)
    with Receiver(204) as receiver:
        _, secret = webhooks.create_endpoint(alice.user, receiver.url)
        enqueue(alice)
        deliver_due()
    [arrived] = receiver.messages
    assert copied["is_genuine"](secret, arrived.headers, arrived.body)
    assert not copied["is_genuine"](secret, arrived.headers, arrived.body + b" ")
    stale = {**arrived.headers, "webhook-timestamp": str(int(time.time()) - 301)}
    assert not copied["is_genuine"](secret, stale, arrived.body)


def test_each_endpoint_hears_what_it_asked_for(alice, bob):
    """F5: all, some kinds, none when switched off, nobody else's; a single url by the account's own secret."""
    with Receiver(204) as everything, Receiver(204) as failures, Receiver(204) as off, Receiver(204) as single:
        webhooks.create_endpoint(alice.user, everything.url)
        webhooks.create_endpoint(alice.user, failures.url, event_types=["extraction.failed"])
        webhooks.disable_endpoint(webhooks.create_endpoint(alice.user, off.url)[0])
        webhooks.create_endpoint(bob.user, off.url)
        sent = webhooks.enqueue(alice.user, "extraction.succeeded", {"id": "ext_1"}, url=single.url)
        assert deliver_due() == 2
        assert len({message.event_id for message in sent}) == 1
        assert (len(everything.messages), len(failures.messages), len(off.messages)) == (1, 0, 0)
        assert single.messages[0].is_signed_with(webhook_secrets.account_secret(alice.user))
        assert not everything.messages[0].is_signed_with(webhook_secrets.account_secret(alice.user))


def test_a_message_and_what_it_tells_of_are_one_transaction(alice):
    """F5: what is rolled back is not told."""
    with Receiver(204) as receiver:
        webhooks.create_endpoint(alice.user, receiver.url)
        with pytest.raises(RuntimeError), transaction.atomic():
            enqueue(alice)
            raise RuntimeError
        assert deliver_due() == 0
        assert not receiver.messages


def test_links_are_made_anew_for_each_attempt_and_never_kept(alice, settings, monkeypatch):
    """F8: a signed URL in the data, good for an hour from the attempt."""
    with Receiver(500, 204) as receiver:
        webhooks.create_endpoint(alice.user, receiver.url)
        message = enqueue(alice, links={"result_url": "/v1/extractions/ext_1/result"})
        deliver_all()
        hour_ago = time.time
        monkeypatch.setattr("django.core.signing.time.time", lambda: hour_ago() + 3000)
        deliver_all()
        urls = [arrived.json["data"]["result_url"] for arrived in receiver.messages]
        assert urls[0] != urls[1]
        path = "/v1/extractions/ext_1/result"
        for url in urls:
            assert url.startswith(f"{settings.SITE_URL}{path}?signature=")
            assert signed_links.is_valid(path, url.partition("signature=")[2])
            assert not signed_links.is_valid("/v1/extractions/ext_2/result", url.partition("signature=")[2])
        monkeypatch.setattr("django.core.signing.time.time", lambda: hour_ago() + 3700)
        assert [signed_links.is_valid(path, url.partition("signature=")[2]) for url in urls] == [False, True]
    message.refresh_from_db()
    assert "signature" not in json.dumps(message.payload)


def test_an_attempt_that_fails_is_followed_by_another_until_one_succeeds(alice):
    """F6, F7: the same webhook-id each time, every attempt in the log."""
    with Receiver(500, Answers(302, {"location": "/elsewhere"}), 200) as receiver:
        endpoint, secret = webhooks.create_endpoint(alice.user, receiver.url)
        message = enqueue(alice)
        for _ in range(3):
            assert deliver_all() == 1
        assert len({arrived.id for arrived in receiver.messages}) == 1
        assert all(arrived.is_signed_with(secret) for arrived in receiver.messages)
    assert [(log.number, log.status_code) for log in message.log.all()] == [(1, 500), (2, 302), (3, 200)]
    message.refresh_from_db()
    endpoint.refresh_from_db()
    assert (message.status, endpoint.failures_in_a_row) == ("delivered", 0)


def test_the_schedule_and_the_end_of_it(alice):
    """F6: eight attempts, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h apart, a tenth more or less; then given up."""
    with Receiver(503) as receiver:
        endpoint, _ = webhooks.create_endpoint(alice.user, receiver.url)
        message = enqueue(alice)
        for delay in DUE[1:]:
            deliver_all()
            message.refresh_from_db()
            wait = (message.next_attempt_at - timezone.now()).total_seconds()
            assert 0.9 * delay - 1 <= wait <= 1.1 * delay
            assert message.status == "pending"
            assert deliver_due() == 0  # not before its time
        deliver_all()
        assert len(receiver.messages) == 8
        assert deliver_all() == 0
    message.refresh_from_db()
    endpoint.refresh_from_db()
    assert (message.status, message.log.count(), endpoint.failures_in_a_row) == ("failed", 8, 1)
    assert message.ended_at


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        *(("3600", 3600), ("1", 5), ("999999999999", 36000), ("soon", 5), ("-5", 5), ("", 5), ("²", 5)),
        *(("in an hour", 3600), ("in a year", 36000), ("Thu, 01 Jan 1970 00:00:00 GMT", 5)),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 5),
    ],
)
def test_a_receiver_may_ask_for_more_time(alice, retry_after, seconds):
    """F6: Retry-After in seconds or as a date, when it is longer than ours, ten hours at most."""
    if retry_after.startswith("in a"):
        wait = timedelta(hours=1) if "hour" in retry_after else timedelta(days=365)
        retry_after = format_datetime(timezone.now() + wait, usegmt=True)
    with Receiver(Answers(429, {"retry-after": retry_after.encode().decode("latin-1")})) as receiver:
        message = enqueue(alice, url=receiver.url)
        assert deliver_due() == 1
    message.refresh_from_db()
    assert (message.next_attempt_at - timezone.now()).total_seconds() == pytest.approx(seconds, rel=0.11, abs=3)


def test_whoever_is_not_there_is_tried_again(alice):
    """F6, F7: no answer is logged as our code, without a status."""
    with Receiver(204) as receiver:
        url = receiver.url
    message = enqueue(alice, url=url)
    deliver_due()
    [log] = message.log.all()
    assert (log.status_code, log.error) == (None, "address_unreachable")


def test_a_name_that_leads_inside_later_is_not_followed(alice, monkeypatch, settings):
    """F5: what was public when the endpoint was made is checked again at each attempt."""
    endpoint, _ = webhooks.create_endpoint(alice.user, "https://rebinding.example/hooks")
    message = enqueue(alice)
    real = socket.getaddrinfo
    with Receiver(204) as receiver:
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, port, **options: real("127.0.0.1", receiver.port, **options)
        )
        deliver_due()
        assert not receiver.messages
    assert message.log.get().error == "address_not_allowed"
    assert (message.log.get().status_code, endpoint.url) == (None, "https://rebinding.example/hooks")


def test_gone_is_gone(alice):
    """F6: 410 switches the endpoint off at once; its owner is told."""
    with Receiver(410) as receiver:
        endpoint, _ = webhooks.create_endpoint(alice.user, receiver.url)
        first, second = enqueue(alice), enqueue(alice)
        WebhookDelivery.objects.filter(pk=second.pk).update(next_attempt_at=timezone.now() + timedelta(hours=1))
        deliver_due()
        deliver_until_the_end()
        assert len(receiver.messages) == 1
    endpoint.refresh_from_db()
    assert endpoint.disabled_because == "gone"
    assert [log.error for log in second.log.all()] == ["endpoint_disabled"]
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"failed"}
    assert webhooks.enqueue(alice.user, "extraction.succeeded", {"id": first.pk}) == []
    assert [message.to for message in mail.outbox] == [[alice.user.email]]
    assert "410" in mail.outbox[0].body


def test_ten_messages_given_up_in_a_row_switch_an_endpoint_off(alice):
    """F6: and its owner is told by mail, once; switched on again it starts afresh."""
    with Receiver(500) as receiver:
        endpoint, _ = webhooks.create_endpoint(alice.user, receiver.url)
        for number in range(1, 11):
            message = enqueue(alice)
            WebhookDelivery.objects.filter(pk=message.pk).update(attempts=7)
            endpoint.refresh_from_db()
            assert (endpoint.disabled_because, endpoint.failures_in_a_row) == ("", number - 1)
            deliver_all()
    endpoint.refresh_from_db()
    assert (endpoint.disabled_because, endpoint.failures_in_a_row) == ("failures", 10)
    [told] = mail.outbox
    assert told.to == [alice.user.email]
    assert endpoint.pk in told.body
    webhooks.enable_endpoint(endpoint)
    with Receiver(204) as receiver:
        webhooks.update_endpoint(endpoint, url=receiver.url)
        enqueue(alice)
        assert deliver_due() == 1


def test_one_success_ends_the_row_of_failures(alice):
    """F6: ten in a row, not ten altogether."""
    with Receiver(500, 204, 500) as receiver:
        endpoint, _ = webhooks.create_endpoint(alice.user, receiver.url)
        for expected in (1, 0, 1):
            WebhookDelivery.objects.filter(pk=enqueue(alice).pk).update(attempts=7)
            deliver_all()
            endpoint.refresh_from_db()
            assert endpoint.failures_in_a_row == expected


def test_after_a_rotation_both_secrets_sign_for_a_day(alice):
    """F9: then only the new one."""
    with Receiver(204) as receiver:
        endpoint, old = webhooks.create_endpoint(alice.user, receiver.url)
        new = webhook_secrets.rotate_secret(endpoint)
        assert new != old
        assert webhook_secrets.find_secret(endpoint) == new
        enqueue(alice)
        deliver_due()
        replaced = WebhookSecret.objects.exclude(expires_at=None)
        assert (replaced.get().expires_at - timezone.now()).total_seconds() == pytest.approx(86400, abs=60)
        replaced.update(expires_at=timezone.now() - timedelta(seconds=1))
        enqueue(alice)
        deliver_due()
        during, after = receiver.messages
    assert during.is_signed_with(old)
    assert during.is_signed_with(new)
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    assert after.is_signed_with(new)
    assert not after.is_signed_with(old)
    purge()
    assert WebhookSecret.objects.count() == 1


def test_the_accounts_own_secret_rotates_alike(alice):
    """F9: for messages to a single webhook_url."""
    with Receiver(204) as receiver:
        old = webhook_secrets.account_secret(alice.user)
        new = webhook_secrets.rotate_account_secret(alice.user)
        assert webhook_secrets.account_secret(alice.user) == new
        enqueue(alice, url=receiver.url)
        deliver_due()
        assert all(receiver.messages[0].is_signed_with(secret) for secret in (old, new))


def test_secrets_are_sealed_and_survive_a_rotation_of_the_sealing_key(alice, settings):
    """F9: nothing in the row is the secret, and reseal moves it under the new key."""
    endpoint, secret = webhooks.create_endpoint(alice.user, "https://example.com/hooks")
    row = WebhookSecret.objects.get(endpoint=endpoint)
    assert secret.removeprefix("whsec_")[:20] not in str(vars(row))
    settings.SEALING_KEYS = [b"n" * 32, *settings.SEALING_KEYS]
    assert webhooks.reseal() == 1
    settings.SEALING_KEYS = settings.SEALING_KEYS[:1]
    assert webhook_secrets.find_secret(endpoint) == secret


def test_a_secret_that_cannot_be_opened_costs_an_attempt_and_no_more(alice, settings):
    """F6: the operator may find the key again."""
    with Receiver(204) as receiver:
        webhooks.create_endpoint(alice.user, receiver.url)
        message = enqueue(alice)
        right, settings.SEALING_KEYS = settings.SEALING_KEYS, [b"x" * 32]
        deliver_all()
        assert message.log.get().error == "secret_unreadable"
        settings.SEALING_KEYS = right
        deliver_all()
        assert len(receiver.messages) == 1


def test_sent_again_it_keeps_its_id(alice):
    """F7: delivered or failed; the log goes on."""
    with Receiver(204, 500, 204) as receiver:
        webhooks.create_endpoint(alice.user, receiver.url)
        message = enqueue(alice)
        deliver_due()
        webhooks.resend(message)
        deliver_due()
        deliver_all()
        assert len(receiver.messages) == 3
        assert {arrived.id for arrived in receiver.messages} == {message.event_id}
    assert [log.number for log in message.log.all()] == [1, 2, 3]


def test_sent_again_after_it_was_given_up_it_has_a_whole_round(alice):
    """F7: eight attempts more, by the same schedule."""
    with Receiver(500) as receiver:
        message = enqueue(alice, url=receiver.url)
        deliver_until_the_end()
        message.refresh_from_db()
        assert (message.status, len(receiver.messages)) == ("failed", 8)
        webhooks.resend(message)
        deliver_until_the_end()
        assert len(receiver.messages) == 16
    assert [log.number for log in message.log.all()] == list(range(1, 17))


def test_an_endpoint_deleted_while_a_message_is_underway(alice):
    """F5: the answer that comes then is nobody's."""
    endpoint, _ = webhooks.create_endpoint(alice.user, "https://example.com/hooks")
    enqueue(alice)
    [claim] = attempts.claim(at_most=5)
    webhooks.delete_endpoint(endpoint)
    assert attempts.finish(claim, attempts.Outcome(timezone.now(), status_code=410)) == ""
    assert WebhookDelivery.objects.count() == WebhookSecret.objects.count() == 0


def test_what_waits_follows_its_endpoint_to_a_new_address(alice):
    """F7: also what is sent again."""
    with Receiver(500) as old, Receiver(204) as new:
        endpoint, _ = webhooks.create_endpoint(alice.user, old.url)
        enqueue(alice)
        deliver_due()
        webhooks.update_endpoint(endpoint, url=new.url)
        deliver_all()
        assert (len(old.messages), len(new.messages)) == (1, 1)


def test_after_ninety_days_the_log_is_forgotten(alice):
    """F7: not before."""
    with Receiver(204) as receiver:
        for days in (91, 89):
            message = enqueue(alice, url=receiver.url)
            deliver_due()
            WebhookDelivery.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(days=days))
    purge()
    assert (WebhookDelivery.objects.count(), WebhookAttempt.objects.count()) == (1, 1)


def test_a_slow_receiver_holds_up_nobody(alice, bob):
    """F6: of a crowd for one address only a few are underway, and those for others go out meanwhile."""
    with Receiver(204) as slow, Receiver(204) as quick:
        webhooks.create_endpoint(alice.user, slow.url)
        webhooks.create_endpoint(bob.user, quick.url)
        for _ in range(30):
            enqueue(alice)
        enqueue(bob)
        underway = attempts.claim(at_most=20)
        assert [claim.url for claim in underway] == [slow.url] * attempts.MOST_PER_ADDRESS
        assert [claim.url for claim in attempts.claim(at_most=12, underway=underway)] == [quick.url]


def test_a_worker_that_died_leaves_its_message_to_others(alice):
    """F6: after its lease; and should it wake up, its word counts no more."""
    message = enqueue(alice, url="http://localhost:9/")
    [dead] = attempts.claim(at_most=5)
    assert attempts.claim(at_most=5) == []
    WebhookDelivery.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    [living] = attempts.claim(at_most=5)
    attempts.finish(dead, attempts.Outcome(timezone.now(), status_code=500))
    assert message.log.count() == 0
    attempts.finish(living, attempts.Outcome(timezone.now(), status_code=204))
    message.refresh_from_db()
    assert message.status == "delivered"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_workers_deliver_each_message_once():
    """F6: the conditional UPDATE gives each message to one of them, and all are given."""
    person = make_person("racer")
    for port in range(2000, 2024):
        webhooks.enqueue(person.user, "extraction.succeeded", {"id": "ext_1"}, url=f"https://example.com:{port}/")

    def work(_: int) -> list[str]:
        try:
            return [claim.delivery.pk for claim in attempts.claim(at_most=20)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        claimed = [pk for claims in threads.map(work, range(8)) for pk in claims]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) >= attempts.MOST_PER_ACCOUNT


def test_nothing_of_an_address_or_a_message_is_logged(alice, caplog):
    """F5: not even of one that fails."""
    caplog.set_level("INFO")
    enqueue(alice, url="http://localhost:9/private-path?token=private")
    webhooks.enqueue(
        alice.user, "extraction.failed", {"id": "ext_1", "metadata": {"x": "private"}}, url="https://[::2]/"
    )
    assert WebhookEndpoint.objects.count() == 0
    deliver_until_the_end()
    assert "private" not in caplog.text
