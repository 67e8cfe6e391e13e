"""manage.py reapply_erasures: what a restored backup brought back is erased again, from a log that nobody can forge."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from io import StringIO

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from accounts.signing import public_keys, read_statement, sign_statement
from billing.audit import find_faults
from extraction.audit import find_faults_of_jobs
from privacy import erase, erasure_log
from privacy.holdings import count_holdings
from privacy.models import ErasureRun
from privacy.preview import reckon
from privacy.reapply import reapply
from tests.people import make_person
from tests.privacy.planted import find_traces, plant

pytestmark = pytest.mark.django_db


class Restored(Exception):
    pass


@contextlib.contextmanager
def then_restored():
    """Whatever happens inside, the database forgets it, as it would by a backup from before; files do not."""
    with contextlib.suppress(Restored), transaction.atomic():
        yield
        raise Restored


def erased(person) -> ErasureRun:
    return erase.erase_at_once(person.user, reckon(person.user).digest, source="portal")


def run(*options: str) -> str:
    out = StringIO()
    call_command("reapply_erasures", *options, stdout=out)
    return out.getvalue()


def lines() -> list[bytes]:
    return settings.ERASURE_LOG.read_bytes().splitlines(keepends=True)


def write(*changed: bytes) -> None:
    settings.ERASURE_LOG.write_bytes(b"".join(changed))


def forget(*people) -> None:
    with then_restored():
        for person in people:
            erased(person)


def test_a_line_names_nobody_and_is_on_disk_before_the_run_is_done(zebulon, monkeypatch):
    seen = []
    real = erase._finish
    monkeypatch.setattr(erase, "_finish", lambda run: (seen.extend(lines()), real(run)))
    done = erased(zebulon)
    (line,) = map(json.loads, seen)
    assert (line["erasure"], line["user"], line["subject"]) == (done.pk, zebulon.user.pk, done.subject)
    assert line["preview_sha256"] == done.digest and line["number"] == 1 and line["previous"] == "0" * 64
    signature = line.pop("signature")
    assert read_statement(signature, public_keys()) == line
    assert "zebulon" not in lines()[0].decode().lower()
    assert stat.S_IMODE(settings.ERASURE_LOG.stat().st_mode) == 0o600


def test_an_erasure_that_cannot_be_noted_is_not_called_done(zebulon, settings, tmp_path):
    noted, settings.ERASURE_LOG = settings.ERASURE_LOG, tmp_path
    with pytest.raises(OSError):
        erased(zebulon)
    assert ErasureRun.objects.get().status == ErasureRun.Status.RUNNING
    settings.ERASURE_LOG = noted
    assert erase.run_erasure(ErasureRun.objects.get()).status == ErasureRun.Status.DONE and len(lines()) == 1


def test_who_is_back_is_erased_again_with_a_receipt_and_without_a_mail(zebulon, yolanda):
    others = {one.row.table: one.count for one in count_holdings(yolanda.user)}
    with then_restored():
        first = erased(zebulon)
        told = len(mail.outbox)
    assert len(find_traces("zebulon")) > 20 and not ErasureRun.objects.exists()
    said = run()
    assert find_traces("zebulon", zebulon.user.email) == []
    again = ErasureRun.objects.get()
    assert f"erasure {first.pk}" in said and again.pk in said and "1 of them were done again" in said
    receipt = read_statement(again.receipt, public_keys())
    assert receipt["reapplies"]["erasure"] == first.pk and receipt["subject"] == first.subject == again.subject
    assert receipt["completed_at"] and {"table": "extraction.Job", "rows": 2} in receipt["erased"]
    assert len(mail.outbox) == told
    assert {one.row.table: one.count for one in count_holdings(yolanda.user)} == others
    assert not [*find_faults(), *find_faults_of_jobs()]


def test_it_may_be_run_again_and_then_finds_nothing_to_do(zebulon):
    forget(zebulon)
    run()
    once = ErasureRun.objects.values_list("pk", "receipt").get()
    assert "0 of them were done again" in run()
    assert ErasureRun.objects.values_list("pk", "receipt").get() == once
    assert len(lines()) == 1


def test_where_nothing_was_restored_it_does_nothing(zebulon):
    done = erased(zebulon)
    assert "stands" in run() and ErasureRun.objects.get() == done


def test_looking_only_changes_nothing(zebulon):
    forget(zebulon)
    before = find_traces("zebulon")
    assert "is undone" in run("--dry-run") and "1 of them would be done again" in run("--dry-run")
    assert find_traces("zebulon") == before and not ErasureRun.objects.exists()


def test_an_account_younger_than_the_backup_is_nowhere_to_be_erased():
    with then_restored():
        erased(plant("zebulon"))
    assert "stands" in run() and not ErasureRun.objects.exists()


def test_only_what_came_back_of_somebody_is_a_reason_too(zebulon):
    """A backup from the middle of an erasure: the account is masked or closed already, and some rows are not gone."""
    erased(zebulon)
    zebulon.user.sign_ins.create(ip="203.0.113.7")
    assert "was undone" in run() and not find_traces("203.0.113.7")


def test_an_erasure_that_was_running_in_the_backup_ends_with_one_line_and_no_mail(zebulon, monkeypatch):
    monkeypatch.setattr(erase, "erase_rows", lambda user: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erased(zebulon)
    monkeypatch.undo()
    (running,) = ErasureRun.objects.all()
    with then_restored():
        erase.run_erasure(running)
    told = len(mail.outbox)
    assert "was undone" in run() and not find_traces("zebulon")
    erase.run_erasure(ErasureRun.objects.get(status=ErasureRun.Status.RUNNING))
    assert len(mail.outbox) == told


def test_the_same_person_who_came_back_by_themselves_is_left_alone(zebulon):
    address = zebulon.user.email
    erased(zebulon)
    again = User.objects.create_user(address, "correct horse battery")
    assert "stands" in run() and User.objects.get(pk=again.pk).is_active


def test_broken_off_it_is_run_again_and_nobody_is_half_erased(zebulon, yolanda, monkeypatch):
    forget(zebulon, yolanda)
    real = erase._erase

    def break_off(row, user):
        if user.pk == yolanda.user.pk and row.table == "billing.Payment":
            raise OSError
        real(row, user)

    monkeypatch.setattr(erase, "_erase", break_off)
    before = {one.row.table: one.count for one in count_holdings(yolanda.user)}
    with pytest.raises(OSError):
        run()
    assert {one.row.table: one.count for one in count_holdings(yolanda.user)} == before
    assert not find_traces("zebulon") and ErasureRun.objects.count() == 1
    monkeypatch.setattr(erase, "_erase", real)
    assert "1 of them were done again" in run() and not find_traces("yolanda", "zebulon")


def changed(line: bytes, **told: str) -> bytes:
    return json.dumps(json.loads(line) | told).encode() + b"\n"


def signed_anew(line: bytes, **told: object) -> bytes:
    """As if by somebody who has our signing key, and not the lines after it."""
    entry = json.loads(line) | told
    del entry["signature"]
    return json.dumps(entry | {"signature": sign_statement(entry)}).encode() + b"\n"


@pytest.mark.parametrize(
    ("forged", "broken", "why"),
    [
        (lambda a, b, c: [a, changed(b, user="usr_somebody_else"), c], 2, "what was signed"),
        (lambda a, b, c: [a, changed(b, signature="eyJhbGciOiJFZERTQSJ9.e30.AAAA"), c], 2, "not as it was signed"),
        (lambda a, b, c: [a, b"not a line\n", c], 2, "not as it was signed"),
        (lambda a, b, c: [a, b"[]\n", c], 2, "not as it was signed"),
        (lambda a, b, c: [a, c], 2, "does not follow"),
        (lambda a, b, c: [b, c], 1, "does not follow"),
        (lambda a, b, c: [a, c, b], 2, "does not follow"),
        (lambda a, b, c: [a, a, b, c], 2, "does not follow"),
        (lambda a, b, c: [a, signed_anew(b, user="usr_somebody_else"), c], 3, "does not follow"),
        (lambda a, b, c: [a, signed_anew(b, type="littlepull.erasure/1"), c], 2, "what was signed"),
        (lambda a, b, c: [a, b, c[:-1]], 3, "cut short"),
        (lambda a, b, c: [a, b, c[: len(c) // 2]], 3, "cut short"),
    ],
)  # fmt: skip
def test_a_forged_log_stops_it_and_says_how_to_go_on(forged, broken, why):
    people = [make_person(name) for name in ("one", "two", "three")]
    forget(*people)
    write(*forged(*lines()))
    with pytest.raises(CommandError, match=f"Line {broken} .*{why}.*--from {broken + 1}") as refused:
        run()
    assert refused.value.returncode == 1
    assert ErasureRun.objects.count() <= broken - 1  # those before it, if any
    assert User.objects.filter(pk__in=[person.user.pk for person in people], is_active=True).count() >= 1


def test_behind_a_broken_line_one_can_go_on(settings):
    people = [make_person(name) for name in ("one", "two", "three")]
    forget(*people)
    first, second, third = lines()
    write(first, changed(second, user=people[0].user.pk), third)
    with pytest.raises(CommandError, match="--from 3"):
        run()
    assert "1 of them were done again" in run("--from", "3")
    left = User.objects.filter(pk__in=[person.user.pk for person in people], is_active=True)
    assert left.get() == people[1].user


def test_a_log_signed_by_another_installation_is_not_believed(settings):
    forget(make_person("one"))
    settings.SIGNING_SEEDS = [hashlib.sha256(b"another").digest()]
    with pytest.raises(CommandError, match=r"Line 1 .*not signed by this installation"):
        run()


def test_a_rotated_signing_key_still_proves_it(settings):
    one, two = make_person("one"), make_person("two")
    with then_restored():
        erased(one)
        settings.SIGNING_SEEDS = [hashlib.sha256(b"new").digest(), *settings.SIGNING_SEEDS]
        erased(two)
    assert "2 of them were done again" in run()


def test_what_a_crash_cut_short_is_taken_off_by_the_next_line(zebulon, yolanda):
    erased(zebulon)
    whole = lines()
    write(*whole, b'{"number": 2, "erasure": "era_')
    erased(yolanda)
    assert lines()[:1] == whole and len(lines()) == 2 and "2 erasures in the log" in run()


def test_without_a_log_it_says_so_and_fails():
    with pytest.raises(CommandError, match="no log of erasures"):
        run()


def test_an_older_copy_of_the_log_is_noticed(zebulon, yolanda):
    erased(zebulon)
    older = lines()
    late = erased(yolanda)
    write(*older)
    with pytest.raises(CommandError, match=late.pk):
        run()


def test_another_machines_log_can_be_read(zebulon, tmp_path):
    forget(zebulon)
    elsewhere = tmp_path / "other.log"
    os.rename(settings.ERASURE_LOG, elsewhere)
    assert "1 of them were done again" in run("--log", str(elsewhere))
    assert [reapply(entry) for entry in erasure_log.read_entries(elsewhere)] == [None]
