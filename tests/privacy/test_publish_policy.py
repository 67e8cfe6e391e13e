"""manage.py publish_policy: from a file to the page, the mails and the audit log; and what is not published."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEntry
from privacy import notices, policies
from privacy.models import PolicyVersion

pytestmark = pytest.mark.django_db
OLD, NEW = "Records of gateway requests: 90 days.", "Records of gateway requests: 30 days."


def publish(tmp_path, text: str, *, days: int = 30, **options: object) -> str:
    file, told = tmp_path / "policy.txt", StringIO()
    file.write_text(text, encoding="utf-8")
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    call_command("publish_policy", str(file), f"--effective-on={day}", stdout=told, **{"reason": "shorter", **options})
    return told.getvalue()


@pytest.fixture
def changed() -> str:
    return policies.find_current().text.replace(OLD, NEW)


def test_it_is_published_told_of_and_on_record(client, alice, mailoutbox, tmp_path, changed):
    """F73: version, date, digest, difference; a mail to everybody before it holds; who and why in the audit log."""
    told = publish(tmp_path, changed, major=True)
    version = PolicyVersion.objects.get(number=2)
    assert "gateway requests: [-90-]{+30+} days." in told and version.digest in told
    assert policies.find_current().number == 1 and policies.is_upcoming(version)
    assert "<del>90</del><ins>30</ins>" in client.get("/privacy/versions/2").content.decode()
    assert notices.tell_everybody() == 1 and mailoutbox[0].to == [alice.user.email]
    entry = AuditEntry.objects.get(act="policy_published")
    assert (entry.reason, entry.details["sha256"], entry.by) == ("shorter", version.digest, "system")


def test_a_small_change_is_told_to_nobody_and_may_hold_at_once(mailoutbox, alice, tmp_path, changed):
    publish(tmp_path, changed, days=0)
    assert policies.find_current().number == 2
    assert notices.tell_everybody() == 0 and not mailoutbox


def test_looking_changes_nothing(tmp_path, changed):
    assert "would be published" in publish(tmp_path, changed, dry_run=True, reason="")
    assert PolicyVersion.objects.count() == 1 and not AuditEntry.objects.filter(act="policy_published")


@pytest.mark.parametrize(
    ("edit", "options", "because"),
    [
        (lambda text: text, {}, "Nothing has changed"),
        (lambda text: "\n", {}, "empty"),
        (lambda text: text + "{adress}", {}, "adress"),
        (lambda text: text + "More.", {"days": -1}, "is over"),
        (lambda text: text + "More.", {"days": 13, "major": True}, "14 days"),
        (lambda text: text + "More.", {"reason": " "}, "Say why"),
        (lambda text: text + "More.", {"reason": "ada@example.com asked"}, "no addresses"),
    ],
)
def test_what_may_not_be_published_is_refused(tmp_path, edit, options, because):
    with pytest.raises(CommandError, match=because):
        publish(tmp_path, edit(policies.find_current().text), **options)
    assert PolicyVersion.objects.count() == 1


def test_versions_hold_in_the_order_of_their_numbers(tmp_path, changed):
    publish(tmp_path, changed, days=30)
    with pytest.raises(CommandError, match="before the version it follows"):
        publish(tmp_path, changed + "More.", days=20)
