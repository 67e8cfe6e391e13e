"""An erasure: of exactly what was previewed, in the right order, down to the last trace, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from accounts.api_keys import create_key
from accounts.models import ApiKey, Session, User, WebhookSecret
from accounts.signing import public_keys, read_statement
from billing.audit import find_faults
from billing.models import Hold, Payment, Receipt, Subscription, Wallet
from extraction.audit import find_faults_of_jobs
from extraction.models import Envelope, Job
from extraction.spool import SUFFIX
from privacy import erase
from privacy.data_map import Act
from privacy.erase import approve, erase_rows, place_preview, run_erasure
from privacy.errors import ErasureOutdated, ErasureRefused, RequestMoved
from privacy.holdings import count_holdings
from privacy.models import ErasureRun, RequestChange, SubjectRequest
from privacy.preview import reckon
from privacy.subject_requests import open_request
from routing.models import Generation
from tests.extraction.jobs_in_hand import submit
from tests.people import make_person
from tests.privacy.planted import find_traces, plant

pytestmark = pytest.mark.django_db


def erased(person) -> ErasureRun:
    return erase.erase_at_once(person.user, reckon(person.user).digest, source="portal")


def counts_of(person) -> dict[str, int]:
    return {one.row.table: one.count for one in count_holdings(person.user)}


def test_no_table_names_them_afterwards(zebulon):
    address = zebulon.user.email
    assert len(find_traces("zebulon")) > 20  # or this test could not fail
    erased(zebulon)
    assert find_traces("zebulon", address, "Quux", "203.0.113.7") == []


def test_nobody_else_loses_anything(zebulon, yolanda):
    before, kept = counts_of(yolanda), find_traces("yolanda")
    erased(zebulon)
    assert counts_of(yolanda) == before and find_traces("yolanda") == kept
    assert User.objects.get(pk=yolanda.user.pk).is_active


def test_what_is_to_be_erased_is_and_what_is_to_be_kept_stays(zebulon):
    before = {one.row.table: one for one in count_holdings(zebulon.user)}
    erased(zebulon)
    after = counts_of(zebulon)
    assert not [table for table, one in before.items() if one.row.act == Act.ERASE and after[table]]
    for table in ("billing.Payment", "billing.Receipt", "billing.Entry", "billing.Wallet", "accounts.User"):
        assert after[table], table


def test_the_books_still_prove(zebulon):
    assert not [*find_faults(), *find_faults_of_jobs()]
    erased(zebulon)
    assert not [*find_faults(), *find_faults_of_jobs()]
    assert Wallet.objects.get(api_key=zebulon.key).balance == 0
    assert not Hold.objects.filter(status="open", wallet__api_key=zebulon.key).exists()


def test_the_account_and_its_keys_open_nothing(zebulon, client):
    client.force_login(zebulon.user)
    assert client.get("/v1/account", headers=zebulon.headers).status_code == 200
    erased(zebulon)
    assert client.get("/v1/account", headers=zebulon.headers).status_code == 401
    assert client.get("/portal/privacy").status_code == 302
    assert not Session.objects.filter(user=zebulon.user).exists()
    user = User.objects.get(pk=zebulon.user.pk)
    assert not user.is_active and not user.has_usable_password() and user.email.endswith("@erased.invalid")
    assert all(key.revoked_at and not key.digest and not key.name for key in ApiKey.objects.owned_by(user))
    assert not WebhookSecret.objects.filter(user=user).exists()


def test_queued_media_and_sealed_results_are_destroyed(zebulon):
    def spooled():
        return list(settings.SPOOL_DIR.glob(f"*{SUFFIX}"))

    assert spooled() and Envelope.objects.exists()
    erased(zebulon)
    assert not spooled() and not Envelope.objects.exists() and not Job.objects.exists()


def test_the_receipt_is_signed_mailed_and_says_what_was_done(zebulon):
    address = zebulon.user.email
    run = erased(zebulon)
    told = read_statement(run.receipt, public_keys())
    assert told["erasure"] == run.pk and told["request"] == run.request_id and told["completed_at"]
    assert {"table": "extraction.Job", "rows": 2} in told["erased"]
    kept = {row["table"]: row for row in told["kept"]}
    assert kept["billing.Receipt"]["rows"] == 1 and "Bookkeeping" in kept["billing.Receipt"]["ground"]
    assert told["credits_written_off"] == 100_000_000 - 1_000_000 - 1_000_000
    assert "zebulon" not in str(told)
    (sent,) = [one for one in mail.outbox if one.to == [address] and "erased" in one.subject]
    assert run.receipt in sent.body and run.pk in sent.body


def test_the_request_is_closed_with_every_step_on_record(zebulon):
    run = erased(zebulon)
    request = SubjectRequest.objects.get(pk=run.request_id)
    steps = RequestChange.objects.filter(request=request).values_list("after", flat=True)
    assert list(steps) == ["received", "pending", "in_progress", "complete"]
    assert request.user is None and request.subject == run.subject
    others = SubjectRequest.objects.exclude(pk=request.pk)
    assert not others.open().exists() and not others.exclude(note="", email="").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda person: create_key(person.user, name="new"),
        lambda person: submit(person),
        lambda person: Generation.objects.create(api_key=person.key, status="failed", task="coding", cause="content",
                                                 confidence=1, policy="auto"),
        lambda person: Wallet.objects.filter(api_key=person.key).update(available=5),
    ],
)  # fmt: skip
def test_what_changed_since_it_was_seen_is_not_run(zebulon, change):
    digest = reckon(zebulon.user).digest
    change(zebulon)
    before, requests = counts_of(zebulon), SubjectRequest.objects.count()
    with pytest.raises(ErasureOutdated):
        erase.erase_at_once(zebulon.user, digest, source="portal")
    assert counts_of(zebulon) == before and SubjectRequest.objects.count() == requests
    assert not ErasureRun.objects.exists() and User.objects.get(pk=zebulon.user.pk).is_active


def test_a_row_in_another_s_place_is_a_change_too(zebulon):
    digest = reckon(zebulon.user).digest
    Generation.objects.filter(api_key=zebulon.key).delete()
    plant_generation(zebulon)
    assert reckon(zebulon.user).digest != digest


def plant_generation(person) -> None:
    facts = {"status": "failed", "task": "coding", "cause": "content", "confidence": 1, "policy": "auto"}
    Generation.objects.create(api_key=person.key, **facts)


def test_looking_changes_nothing(zebulon, client):
    first = reckon(zebulon.user)
    client.force_login(zebulon.user)
    client.get("/portal/privacy")
    place_preview(zebulon.user)
    assert reckon(zebulon.user).digest == first.digest


def test_staff_run_only_what_was_approved(zebulon, yolanda):
    request = open_request("erasure", user=zebulon.user, source="written", identity="session")
    run, officer = place_preview(zebulon.user, request=request), make_person("officer").user
    with pytest.raises(RequestMoved):
        run_erasure(run)
    with pytest.raises(ErasureOutdated):
        approve(run, reckon(yolanda.user).digest, actor=officer)
    approve(run, run.digest, actor=officer)
    plant_generation(zebulon)
    with pytest.raises(ErasureOutdated):
        run_erasure(run)
    assert User.objects.get(pk=zebulon.user.pk).is_active
    again = place_preview(zebulon.user, request=request)
    assert run_erasure(approve(again, again.digest, actor=officer)).status == ErasureRun.Status.DONE
    with pytest.raises(RequestMoved):
        run_erasure(again)


@pytest.mark.parametrize("status", ["active", "trialing", "past_due", "paused"])
def test_a_plan_that_still_charges_has_to_be_canceled_first(zebulon, status):
    plan = Subscription.objects.create(
        user=zebulon.user, wallet=zebulon.wallet, provider="dodo", key="p", ref="s1", status=status
    )
    with pytest.raises(ErasureRefused, match="cancel it first"):
        erased(zebulon)
    assert User.objects.get(pk=zebulon.user.pk).is_active and not ErasureRun.objects.exists()
    Subscription.objects.filter(pk=plan.pk).update(cancels_at=timezone.now() + timedelta(days=9))
    assert erased(zebulon).status == ErasureRun.Status.DONE


def test_a_payment_on_its_way_is_waited_for(zebulon):
    Payment.objects.update(status="processing")
    with pytest.raises(ErasureRefused, match="being processed"):
        erased(zebulon)


def test_a_staff_account_is_not_erased_by_its_holder(zebulon):
    zebulon.user.is_staff = True
    zebulon.user.save(update_fields=["is_staff"])
    with pytest.raises(ErasureRefused, match="staff"):
        erased(zebulon)


def test_a_run_that_was_broken_off_is_taken_up_again(zebulon, monkeypatch):
    real = erase._erase

    def break_off(row, user):
        if row.table == "billing.Payment":
            raise OSError
        real(row, user)

    monkeypatch.setattr(erase, "_erase", break_off)
    with pytest.raises(OSError):
        erased(zebulon)
    run = ErasureRun.objects.get()
    assert run.status == ErasureRun.Status.RUNNING and not User.objects.get(pk=zebulon.user.pk).is_active
    monkeypatch.setattr(erase, "_erase", real)
    assert run_erasure(run).status == ErasureRun.Status.DONE
    assert find_traces("zebulon") == []


def test_the_worker_takes_up_what_was_broken_off_and_what_comes_late(zebulon, monkeypatch):
    monkeypatch.setattr(erase, "erase_rows", lambda user: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erased(zebulon)
    monkeypatch.undo()
    assert erase.tidy_up() == 0 and find_traces("zebulon")  # it may still be running
    ErasureRun.objects.update(approved_at=timezone.now() - timedelta(minutes=11))
    assert erase.tidy_up() == 1 and not find_traces("zebulon")
    assert ErasureRun.objects.get().receipt and mail.outbox[-1].subject.endswith("is erased")
    emptied = User.objects.get(pk=zebulon.user.pk)
    plant_generation(zebulon)
    assert erase.tidy_up() == 0 and not Generation.objects.filter(api_key=zebulon.key).exists()
    assert User.objects.get(pk=zebulon.user.pk).date_joined == emptied.date_joined
    assert not [*find_faults(), *find_faults_of_jobs()]


def test_a_gateway_request_not_yet_paid_is_settled_by_its_record_first(zebulon):
    from billing import ledger

    hold = ledger.place_hold(zebulon.wallet, 10, key="lse_x", price_version=1)
    Generation.objects.filter(api_key=zebulon.key).update(hold=hold)
    erased(zebulon)
    assert Generation.objects.filter(hold=hold).exists()
    ledger.settle_hold(hold, credits=10)
    erase_rows(User.objects.get(pk=zebulon.user.pk))
    assert not Generation.objects.exists() and not list(find_faults())


def test_receipts_for_payments_are_still_made_and_name_nobody(zebulon):
    from billing import receipts

    erased(zebulon)
    page = receipts.render_html(Receipt.objects.get())
    assert "5.95 USD" in page and "zebulon" not in page.lower()


def test_the_same_person_may_come_back(zebulon):
    address = zebulon.user.email
    erased(zebulon)
    again = User.objects.create_user(address, "correct horse battery")
    assert not [one for one in count_holdings(again) if one.count and one.row.table != "accounts.User"]


def test_two_planted_people_are_erased_one_after_the_other(zebulon):
    xaver = plant("xaver")
    erased(zebulon)
    erased(xaver)
    assert find_traces("xaver", "zebulon") == []
