"""What privacy itself keeps: requests, proofs, policies. Parents first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from privacy.data_map.field import ADDRESS_OF, FIGURES, OUR_SENTENCE, OURS, SIGNED, columns
from privacy.data_map.row import ACTIVE, CONTRACT, DAYS_90, LAW, Act, Category, Row, nobodys
from privacy.data_map.term import NINETY_DAYS, Term
from privacy.models import PROOF_KEPT, ErasureRun
from privacy.subject_requests import forget_person

PRIVACY_REQUESTS = Category.PRIVACY
YEARS_3 = _("3 years after it is closed")
UNTIL_CLOSED = _("until the request is closed")
PROOF = _("Proof that the request was answered; of you it has a keyed hash and no more.")


def past_runs(now: datetime) -> QuerySet[ErasureRun]:
    """Done so long ago; or previewed so long ago, and never done."""
    before = now - PROOF_KEPT
    return ErasureRun.objects.filter(Q(run_at__lt=before) | Q(run_at=None, previewed_at__lt=before))


PRIVACY = (
    nobodys(
        "privacy.PolicyVersion",
        _("the published policies"),
        fields=columns(
            identifier="number",
            time="effective_on published_at",
            state="major",
            fact="text",
            digest="digest",
            because={"text": OURS},
        ),
    ),
    Row(
        "privacy.SubjectRequest",
        _("kind, state and dates of your requests; a note of yours while one is open"),
        _("to answer them in time, and to prove it"),
        LAW,
        YEARS_3,
        columns(
            identifier="id",
            link="user duplicate_of",
            digest="subject",
            contact="email",
            note="note",
            state="kind status source corrects identity extended_because denied_because",
            usage="reminded",
            time="verified_at opened_at due_at extended_until closed_at",
            because={
                "email": ADDRESS_OF,
                "note": _("what a person writes about their own request, for whoever answers it; no request of theirs"),
            },
            keep={"email note": UNTIL_CLOSED},
            masked="user email note status closed_at",
        ),
        category=PRIVACY_REQUESTS,
        owner="user",
        secret=("subject",),
        act=Act.MASK,
        by=forget_person,
        ground=PROOF,
        fleeting=True,
        term=Term("closed_at", PROOF_KEPT),
    ),
    Row(
        "privacy.RequestChange",
        _("what happened to a request, and when"),
        _("to answer them in time, and to prove it"),
        LAW,
        YEARS_3,
        columns(
            identifier="id",
            link="request actor",
            time="at",
            state="before after by",
            note="reason",
            because={"reason": OUR_SENTENCE},
        ),
        category=PRIVACY_REQUESTS,
        owner="request__user",
        secret=("actor",),
        act=Act.KEEP,
        ground=PROOF,
        fleeting=True,
        goes_with="request",
    ),
    Row(
        "privacy.MailedCode",
        _("digest of a code mailed to somebody who wrote in"),
        _("to make sure who asks"),
        LAW,
        _("10 minutes"),
        columns(link="request", digest="digest", usage="tries_left", time="expires_at"),
        category=PRIVACY_REQUESTS,
        owner="request__user",
        secret=("digest",),
        fleeting=True,
        term=Term("expires_at"),
    ),
    Row(
        "privacy.Export",
        _("that you asked for your data, and when you read it; never the file"),
        _("to hand it over once"),
        LAW,
        DAYS_90,
        columns(identifier="id", link="user request", time="asked_at expires_at read_at"),
        category=PRIVACY_REQUESTS,
        owner="user",
        fleeting=True,
        term=Term("asked_at", NINETY_DAYS),
    ),
    Row(
        "privacy.ErasureRun",
        _("counts, dates and the signed receipt of an erasure"),
        _("to prove it"),
        LAW,
        YEARS_3,
        columns(
            identifier="id",
            link="user request approved_by",
            digest="subject digest",
            state="status",
            usage="preview",
            proof="receipt",
            time="previewed_at approved_at run_at",
            because={"preview": FIGURES, "receipt": SIGNED},
        ),
        category=PRIVACY_REQUESTS,
        owner="user",
        secret=("subject", "approved_by"),
        act=Act.KEEP,
        ground=PROOF,
        fleeting=True,
        term=Term("run_at", PROOF_KEPT, past=past_runs),
    ),
    Row(
        "privacy.PolicyAcceptance",
        _("which policy you accepted, and when"),
        _("to prove it while the contract lasts"),
        CONTRACT,
        ACTIVE,
        columns(identifier="id", link="user version", time="accepted_at"),
        category=PRIVACY_REQUESTS,
        owner="user",
        fleeting=True,
    ),
    Row(
        "privacy.PolicyNotice",
        _("that a mail about a change of the policy was sent to you, and when"),
        _("to prove that you were told"),
        LAW,
        ACTIVE,
        columns(identifier="id", link="version user", usage="tries", time="tried_at sent_at", digest="text_sha256"),
        category=PRIVACY_REQUESTS,
        owner="user",
        fleeting=True,
    ),
    nobodys(
        "privacy.Attestation",
        _("to show that promises are kept"),
        DAYS_90,
        fields=columns(identifier="id", time="at", usage="promises broken", proof="jws", because={"jws": SIGNED}),
        term=Term("at", NINETY_DAYS),
    ),
    nobodys(
        "privacy.PurgeRun",
        _("to prove that what is past its time is deleted"),
        _("3 years"),
        fields=columns(
            identifier="id",
            time="started_at ended_at",
            usage="counts",
            digest="digest",
            proof="jws",
            because={"counts": FIGURES, "jws": SIGNED},
        ),
        term=Term("started_at", PROOF_KEPT),
    ),
)
