"""Enumerations, constants and yes-or-no: which member does the text speak for?"""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz import fuzz

from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.layout import Cell
from extraction.mapping.reading import Reading
from extraction.mapping.words import alphanumeric, fold, words

# What paper says for the members callers list. Keys and words are folded.
SYNONYMS: dict[str, str] = {
    "cash": "cash|bar|barzahlung|especes|efectivo|contanti|contant|cash received|tunai",
    "card": "card|visa|mastercard|master card|amex|credit card|debit card|credit|debit|karte|ec karte|"
    "girocard|carte|cb|tarjeta|carta|pinpas|maestro",
    "credit card": "visa|mastercard|master card|amex|credit card|kreditkarte|carte de credit|tarjeta "
    "de credito|carta di credito|creditcard",
    "debit card": "debit|debit card|ec karte|girocard|maestro|mydebit|pin|bancontact",
    "bank transfer": "bank transfer|wire|wire transfer|uberweisung|sepa uberweisung|virement|"
    "transferencia|bonifico|overschrijving|iban",
    "transfer": "bank transfer|wire|uberweisung|virement|transferencia|bonifico|overschrijving",
    "direct debit": "direct debit|lastschrift|sepa lastschrift|sepa lastschriftmandat|prelevement|"
    "domiciliacion|incasso",
    "cheque": "cheque|check|scheck|assegno",
    "check": "cheque|scheck|assegno",
    "paypal": "paypal|pay pal",
    "e wallet": "e wallet|ewallet|grabpay|touch n go|boost|alipay|wechat pay|apple pay|google pay",
    "invoice": "invoice|rechnung|handelsrechnung|facture|factura|fattura|factuur|tax invoice",
    "receipt": "receipt|kassenbon|quittung|recu|ticket|recibo|ricevuta|scontrino|kassabon|cash bill",
    "credit note": "credit note|gutschrift|rechnungskorrektur|rechnungs korrektur|avoir|nota de "
    "credito|nota di credito|creditnota",
    "male": "male|m|mannlich|masculin|hombre|maschio|man",
    "female": "female|f|weiblich|feminin|mujer|femmina|vrouw",
    "passport": "passport|reisepass|passeport|pasaporte|passaporto|paspoort",
    "driving licence": "driving licence|driver license|drivers license|fuhrerschein|permis de "
    "conduire|rijbewijs|patente di guida",
    "identity card": "identity card|id card|personalausweis|carte d identite|carta d identita|identiteitskaart",
    "paid": "paid|bezahlt|beglichen|paye|pagado|pagato|betaald",
    "unpaid": "unpaid|offen|impaye|outstanding",
}  # fmt: skip
_YES = re.compile(r"^\W*(?:yes|ja|oui|si|sí|true|y|x|checked|selected|✓|✔|☑|☒|\[x\])\W*$", re.I)
_NO = re.compile(r"^\W*(?:no|nein|non|nee|false|n|unchecked|unselected|☐|\[ ?\])\W*$", re.I)
_MAX_MEMBERS = 300


def choose(reading: Reading, members: list[Any], cells: list[tuple[Cell, float]]) -> list[Candidate]:
    """Members the given cells speak for, best first. A member is a whole word of the text or a synonym of one."""
    found: dict[int, Candidate] = {}
    for index, member in enumerate(members[:_MAX_MEMBERS]):
        if not isinstance(member, str | int | float) or isinstance(member, bool):
            continue
        for cell, strength in cells:
            if (candidate := _spoken_for(member, cell, strength)) and _better(candidate, found.get(index)):
                found[index] = candidate
    return sorted(found.values(), key=lambda one: -one.label)


def _better(candidate: Candidate, other: Candidate | None) -> bool:
    return other is None or candidate.label > other.label


def _spoken_for(member: Any, cell: Cell, strength: float) -> Candidate | None:
    name = " ".join(words(str(member)))
    text = " ".join(cell.words)
    for phrase, quality in [(name, 1.0), *((other, 0.9) for other in _synonyms(name))]:
        if phrase and re.search(rf"(?:^|\s){re.escape(phrase)}(?:\s|$)", text):
            start, end = _span(cell.text, phrase)
            citation = cite(cell.page, cell.line, start, end)
            longer = min(len(phrase), 20) / 200  # "tax invoice" before "invoice"
            return Candidate(member, (citation,), cell.line.confidence, strength * quality * 0.9 + longer)
    if len(name) >= 6 and fuzz.ratio(alphanumeric(name), alphanumeric(cell.text)) >= 88:
        return Candidate(member, (cite(cell.page, cell.line),), cell.line.confidence, strength * 0.8)
    return None


def _synonyms(name: str) -> list[str]:
    return SYNONYMS.get(name, "").split("|")


def _span(text: str, phrase: str) -> tuple[int, int]:
    """Where the phrase stands in the unfolded text: folding keeps most lengths, a near hit is good enough."""
    at = fold(text).find(phrase)
    return (at, at + len(phrase)) if at >= 0 else (0, len(text))


def yes_or_no(text: str) -> bool | None:
    if _YES.match(text):
        return True
    return False if _NO.match(text) else None
