"""The tables of privacy: what people ask, the policies, and proofs."""

from privacy.models.policies import PolicyAcceptance, PolicyNotice, PolicyVersion, PolicyVersionQuerySet
from privacy.models.proofs import Attestation, PurgeRun
from privacy.models.requests import (
    ANSWERED_WITHIN,
    EXTENDED_BY,
    LINK_LASTS,
    PROOF_KEPT,
    ErasureRun,
    Export,
    ExportQuerySet,
    MailedCode,
    RequestChange,
    SubjectRequest,
    SubjectRequestQuerySet,
    due_date,
    link_end,
)

__all__ = [
    "ANSWERED_WITHIN",
    "EXTENDED_BY",
    "LINK_LASTS",
    "PROOF_KEPT",
    "Attestation",
    "ErasureRun",
    "Export",
    "ExportQuerySet",
    "MailedCode",
    "PolicyAcceptance",
    "PolicyNotice",
    "PolicyVersion",
    "PolicyVersionQuerySet",
    "PurgeRun",
    "RequestChange",
    "SubjectRequest",
    "SubjectRequestQuerySet",
    "due_date",
    "link_end",
]
