"""What the record of processing says of a column. Most of it is its table's: only what differs is said again.

A column with room for more than a word has to say why no media, prompt, text or result can be in it; a house test asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, TextChoices
from django.db.models import Field as Column
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
LONGEST_WORD = 64  # letters: ids, names of models, words of fixed lists
WITHOUT_END = {"TextField", "JSONField", "BinaryField", "FileField"}

OF_A_LIST = _("words of a fixed list that our own code writes")
OURS = _("written by us and about nobody; no request reaches it")
OUR_SENTENCE = _("a sentence of ours, chosen by a code; nothing of what was sent or read")
FIGURES = _("figures and codes that our own code writes")
HASHED = _("a hash: what it was made of cannot be read from it")
THEIR_NUMBER = _("the number that another company gave it, in the shape of such numbers")
ADDRESS_OF = _("checked to be an address")
OWNERS_LABEL = _(
    "what its owner calls it, typed once in the portal or sent as a label; no request's content is put here"
)
SEALED_KEY = _("a key, wrapped by the installation's own; nothing is read with it after its row is gone")
SIGNED = _("a statement of ours about counts and dates, signed")


class Kind(TextChoices):
    IDENTIFIER = "identifier", _("our own number of it")
    LINK = "link", _("what it belongs to")
    CONTACT = "contact", _("an e-mail address")
    NAME = "name", _("a person's name")
    NETWORK = "network", _("an IP address, a browser or a device")
    ADDRESS = "address", _("a web address")
    DIGEST = "digest", _("a hash")
    SEALED = "sealed", _("encrypted")
    SECRET = "secret", _("a secret")
    REFERENCE = "reference", _("another company's number of it")
    USAGE = "usage", _("a figure of use")
    MONEY = "money", _("credits or money")
    TIME = "time", _("a moment")
    STATE = "state", _("a word of a fixed list, or yes or no")
    CONFIG = "config", _("a choice of its owner")
    FACT = "fact", _("a fact about nobody")
    LABEL = "label", _("a label in its owner's words")
    NOTE = "note", _("a short note")
    PROOF = "proof", _("a signed statement")


@dataclass(frozen=True, slots=True)
class Field:
    """`why`: it holds no content. `purpose`, `keep`: where they are not the table's.

    `sent`: the table's recipients receive it; `masked`: an erasure empties it, where it keeps the row.
    """

    kind: Kind
    why: Words = ""
    purpose: Words = ""
    keep: Words = ""
    sent: bool = False
    masked: bool = False


def columns(
    *,
    because: Mapping[str, Words] | None = None,
    purpose: Mapping[str, Words] | None = None,
    keep: Mapping[str, Words] | None = None,
    sent: str = "",
    masked: str = "",
    **kinds: str,
) -> dict[str, Field]:
    """Columns by their kinds, and what is to be said of some; each value, or key of a mapping, is a list in words."""
    whys, purposes, keeps = _each(because), _each(purpose), _each(keep)
    declared = {
        name: Field(
            Kind(kind),
            whys.pop(name, ""),
            purposes.pop(name, ""),
            keeps.pop(name, ""),
            name in sent.split(),
            name in masked.split(),
        )
        for kind, names in kinds.items()
        for name in names.split()
    }
    if unknown := {*whys, *purposes, *keeps, *sent.split(), *masked.split()} - set(declared):
        raise ValueError(f"Said something of {sorted(unknown)}, but not what they are.")
    return declared


def has_room(column: Column[Any, Any]) -> bool:
    """For a sentence or more, which might be anybody's."""
    if column.choices or column.is_relation:
        return False
    if isinstance(column, CharField):
        return column.max_length is None or column.max_length > LONGEST_WORD
    return column.get_internal_type() in WITHOUT_END


def _each(said: Mapping[str, Words] | None) -> dict[str, Words]:
    return {name: words for names, words in (said or {}).items() for name in names.split()}
