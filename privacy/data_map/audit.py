"""The audit log: what was done to personal data and money, by whom, in keyed references. Parents first."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import AUDIT_KEPT, AuditEntry, User
from privacy.data_map.field import FIGURES, OUR_SENTENCE, SIGNED, columns
from privacy.data_map.row import LEGITIMATE, Act, Category, Row, nobodys
from privacy.data_map.term import Term

YEARS_3 = _("3 years")


def entries_of(user: User) -> QuerySet[AuditEntry]:
    """About them, as far as the log can tell, which has no names; and of staff, what they did."""
    about, done = audit.entries_about(user), AuditEntry.objects.all().of("staff_id", user.pk)
    return AuditEntry.objects.filter(Q(pk__in=about.values("pk")) | Q(pk__in=done.values("pk")))


def past_entries(_now: object) -> QuerySet[AuditEntry]:
    """By the clock of the database, which refuses to delete any that are younger."""
    return AuditEntry.objects.all().forgettable()


AUDIT = (
    Row(
        "accounts.AuditEntry",
        _("what was done to your data and credits, when, and by whom, in keyed references"),
        _("to be able to answer for it"),
        LEGITIMATE,
        YEARS_3,
        columns(
            identifier="number",
            time="at",
            state="act by table",
            digest="actor subject previous digest",
            link="staff_id row",
            note="reason",
            usage="details",
            because={"row": _("the number of a row of ours"), "reason": OUR_SENTENCE, "details": FIGURES},
        ),
        category=Category.PRIVACY,
        owner=entries_of,
        secret=("actor", "staff_id", "subject", "previous", "digest"),
        act=Act.KEEP,
        ground=_("Accountability: the log is chained, and of you it has a keyed hash and no more."),
        fleeting=True,
        term=Term("at", AUDIT_KEPT, past=past_entries, by=audit.forget_old_entries),
    ),
    nobodys(
        "accounts.AuditHead",
        _("where the audit log ends"),
        fields=columns(identifier="id", usage="number", digest="digest seal", time="signed_on"),
    ),
    nobodys(
        "accounts.AuditCheckpoint",
        _("to prove that the audit log was not rewritten"),
        fields=columns(identifier="number", time="at", proof="jws", because={"jws": SIGNED}),
    ),
)
