"""What the record of processing says of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from privacy.data_map.field import Field, Words
from privacy.data_map.term import Term

Owner = str | Callable[[User], QuerySet[Any]]

CONTRACT, LEGITIMATE, LAW = (
    _("Art. 6(1)(b) contract"),
    _("Art. 6(1)(f) legitimate interest"),
    _("Art. 6(1)(c) legal duty"),
)
ACTIVE = _("while the account is active")
CHOSEN = _("while the account is active, or for as long as you choose")
ALWAYS = _("always")
DAYS_90 = _("90 days")
BOOKKEEPING = _("the bookkeeping period")
NOTHING_PERSONAL = _("no personal data")
BOOKS = _("Bookkeeping duty: the movement of credits and money stays; whose it was is masked.")


class Category(TextChoices):
    ACCOUNT = "account", _("Your account")
    SIGN_INS = "sign_ins", _("Signing in")
    KEYS = "keys", _("API keys")
    EXTRACTIONS = "extractions", _("Extractions")
    GATEWAY = "gateway", _("Gateway requests")
    WEBHOOKS = "webhooks", _("Webhooks")
    BILLING = "billing", _("Credits and payments")
    PRIVACY = "privacy", _("Privacy requests")
    NOBODY = "nobody", _("Not about anybody")


class Act(TextChoices):
    ERASE = "erase", _("erased")
    MASK = "mask", _("masked")
    KEEP = "keep", _("kept")


@dataclass(frozen=True, slots=True)
class Row:
    """One table. `basis` cites the GDPR; `keep` is what the policies promise; `recipients` are processors, by name.

    `fields`: its columns, each by name; see field.columns.
    `term`: the rule of `keep`; `goes_with`: the link by which rows end with another table's.
    `owner`: how a person's rows are found, by an ORM path from the table or by a question; "" where it is about nobody.
    `secret`: columns that are proofs, or about our staff: an export leaves them out; `export`: what it has for rows.
    `act`: what an erasure does, `by` its owner's verb where deleting the rows is not all; `ground`: why any is kept.
    `fleeting`: comes and goes by itself, which does not make a preview of an erasure out of date.
    """

    table: str
    holds: Words
    purpose: Words
    basis: Words
    keep: Words
    fields: Mapping[str, Field] = field(default_factory=dict)
    category: Category = Category.NOBODY
    owner: Owner = ""
    secret: tuple[str, ...] = ()
    export: Callable[[User], Iterator[dict[str, Any]]] | None = None
    act: Act = Act.ERASE
    by: Callable[[User], int] | None = None
    ground: Words = ""
    recipients: tuple[str, ...] = ()
    fleeting: bool = False
    term: Term | None = None
    goes_with: str = ""

    @property
    def is_personal(self) -> bool:
        return bool(self.owner)


def nobodys(
    table: str, purpose: Words, keep: Words = ALWAYS, *, fields: Mapping[str, Field], term: Term | None = None
) -> Row:
    return Row(table, NOTHING_PERSONAL, purpose, LEGITIMATE, keep, fields, term=term)
