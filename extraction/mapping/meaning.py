"""What a property asks for, judged from its name, its parents, its title and its description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from extraction.mapping.amount_words import TAX
from extraction.mapping.party_names import PARTY_NAMES
from extraction.mapping.property_names import MORE_NAMES
from extraction.mapping.schema_walk import Want
from extraction.mapping.synonyms import COLUMNS, CONCEPTS
from extraction.mapping.words import name_words, singular, words

_BY_FORMAT = {
    "date": "date", "date-time": "datetime", "time": "time", "email": "email", "idn-email": "email", "uri": "url",
    "url": "url", "iri": "url", "hostname": "url",
}  # fmt: skip
_BY_WORD = {
    "date": "date", "day": "date", "time": "time", "email": "email", "mail": "email", "phone": "phone",
    "mobile": "phone", "address": "address", "url": "url", "link": "url", "price": "money", "amount": "money",
    "cost": "money", "fee": "money", "total": "money", "number": "id", "no": "id", "id": "id", "code": "id",
    "currency": "currency", "iban": "iban", "percent": "percent", "rate": "percent", "name": "person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    concept: str | None
    kind: str  # how to read it: date, money, id, party, text, ...
    party: str | None = None  # whose attribute it is: seller, buyer, ship_to
    key: str = ""  # the label concept to look for: `concept`, or the caller's own words
    own_labels: tuple[str, ...] = ()


@lru_cache(maxsize=2)
def _names(columns: bool) -> dict[tuple[str, ...], str]:
    """Property names to concepts; inside a table the column concepts come first."""
    order = [*(name for name in CONCEPTS if name in COLUMNS), *(name for name in CONCEPTS if name not in COLUMNS)]
    if not columns:
        order = [name for name in CONCEPTS if name not in COLUMNS]
    table: dict[tuple[str, ...], str] = {}
    for concept in order:
        for name in (*CONCEPTS[concept].names, *MORE_NAMES.get(concept, ())):
            table.setdefault(_key(words(name)), concept)
    return table


def _key(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(singular(part) for part in parts)


def understand(want: Want, *, in_table: bool = False) -> Meaning:
    path = [word for name in want.path for word in name_words(name)][-8:]
    own = name_words(want.name)
    party = None if in_table else _party(path)
    concept = (
        _under_parent(want, in_table)
        or _concept(own, in_table)
        or _concept(words(str(want.schema.get("title", ""))[:80]), in_table)
    )
    if not concept and party:
        concept = _attribute(own, party)
    if not concept:
        concept = _within(own, in_table)
    return _meaning(want, concept, party, own)


# Words that say little without what they are the amount, the rate, the date of: tax.amount, invoice.number.
_GENERIC = frozenset({"amount", "value", "total", "sum", "price", "rate", "percent", "percentage", "number", "no", "nr",
    "id", "date", "code", "type", "method", "count", "due", "taux", "satz", "tipo", "aliquota"})  # fmt: skip


_RATE = frozenset({"rate", "percent", "percentage", "taux", "satz", "tipo", "aliquota"})


def _tells_taxes(parts: tuple[str, ...]) -> bool:
    return any(word.removesuffix("es") in TAX or singular(word) in TAX for word in parts)


def _under_parent(want: Want, in_table: bool) -> str | None:
    if len(want.path) < 2 or want.path[-1] == want.path[-2] or not set(name_words(want.name)) <= _GENERIC:
        return None
    parent, own = name_words(want.path[-2]), name_words(want.name)
    if in_table:
        return "line_tax_rate" if set(own) & _RATE and _tells_taxes(parent) else None
    return _concept(parent + own, False)


def _concept(parts: tuple[str, ...], in_table: bool) -> str | None:
    return _names(in_table).get(_key(parts))


def _party(path: list[str]) -> str | None:
    """The party named in the path. Property names read "seller_vat_id" or seller -> vat_id alike."""
    text = " ".join(path)
    for party in PARTY_NAMES:
        if _party_pattern(party).search(text):
            return party
    return None


@lru_cache(maxsize=8)
def _party_names(party: str) -> tuple[str, ...]:
    """Longest first, so that "bill to" is taken before "to"."""
    return tuple(sorted(PARTY_NAMES[party], key=len, reverse=True))


@lru_cache(maxsize=8)
def _party_pattern(party: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\s)(?:{'|'.join(map(re.escape, _party_names(party)))})(?:\s|$)")


# "nom du fournisseur", "name_of_seller"
_LINKS = frozenset({"of", "the", "de", "du", "des", "del", "della", "la", "le", "el", "der", "van", "do", "da"})


def _attribute(own: tuple[str, ...], party: str) -> str | None:
    """ "seller_vat_id" without "seller"; a bare "seller" asks for its name."""
    rest = own
    for name in map(words, _party_names(party)):
        if own[: len(name)] == name:
            rest = own[len(name) :]
            break
        if own[-len(name) :] == name:
            rest = tuple(word for word in own[: -len(name)] if word not in _LINKS)
            break
    return _concept(rest, False) if rest else "company"


def _within(own: tuple[str, ...], in_table: bool) -> str | None:
    """The longest known name inside a longer one: "invoice_total_amount", "primary_email"."""
    table, parts = _names(in_table), _key(own)
    for size in range(len(parts) - 1, 0, -1):
        for start in range(len(parts) - size, -1, -1):
            found = table.get(parts[start : start + size])
            if found and (size > 1 or CONCEPTS[found].kind in _SPECIFIC):
                return found
    return None


# Kinds that a single word inside a longer name may settle; "name", "title" or "text" may not.
_SPECIFIC = frozenset({"email", "phone", "url", "currency", "iban", "bic", "address", "vat"})


@lru_cache(maxsize=1)
def _list_names() -> frozenset[tuple[str, ...]]:
    """Names of lists of goods; alone, "position" may be a job and "product" a column."""
    return frozenset(_key(words(name)) for name in (*CONCEPTS["line_items"].names, *MORE_NAMES["line_items"]))


def list_concept(item: Want) -> str | None:
    """What a list holds by its name: "line_items", "tax" ...; None where the name says nothing."""
    own = name_words(item.name)
    if _key(own) in _list_names():
        return "line_items"
    return _concept(own, False) or ("tax" if _tells_taxes(own) else None)


def _meaning(want: Want, concept: str | None, party: str | None, own: tuple[str, ...]) -> Meaning:
    if concept == "person" and party and set(own) & _NAME and "contact" not in own:
        concept = "company"
    if concept == "vat_id" and "string" not in want.types and want.types & {"number", "integer"}:
        concept = "tax"  # "vat" as a number is the amount
    if concept == "quantity" and own == ("unit",) and "string" in want.types:
        concept = "unit"
    if concept == "address" and own == ("street", "address") and any("addr" in name for name in want.path[:-1]):
        concept = "street"
    if concept in ("person", "company", "merchant") and _names_nobody(own):
        concept = None
    kind = CONCEPTS[concept].kind if concept else _kind(want, own)
    own_labels = () if concept else tuple(dict.fromkeys(_own_labels(want, own)))
    key = concept or "own:" + "/".join(want.path)
    return Meaning(concept, _typed(want, kind, concept), party, key, own_labels)


_NAME = frozenset({"name", "nom", "nombre", "nome", "naam"})


def _names_nobody(own: tuple[str, ...]) -> bool:
    return bool(own) and own[-1] == "name" and own[0] in ("file", "project", "product", "event", "item", "document")


def _kind(want: Want, own: tuple[str, ...]) -> str:
    for word in reversed(own):
        if word in _BY_WORD:
            return _BY_WORD[word]
    return "text"


def _typed(want: Want, kind: str, concept: str | None) -> str:
    """The declared type and format outrank the name."""
    declared = want.schema.get("format")
    if isinstance(declared, str) and declared in _BY_FORMAT and kind not in ("date", "time"):
        return _BY_FORMAT[declared]
    if declared == "date-time":
        return "datetime"
    if "string" not in want.types and want.types & {"number", "integer"} and kind not in ("money", "percent", "number"):
        return "number"
    return kind


def _own_labels(want: Want, own: tuple[str, ...]) -> list[str]:
    """The caller's own words as labels: the name, the title, a short description."""
    labels = [" ".join(own)] if own else []
    for text in (want.schema.get("title"), want.schema.get("description")):
        if isinstance(text, str) and 0 < len(words(text)) <= 5:
            labels.append(" ".join(words(text)))
    return labels
