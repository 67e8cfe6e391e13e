"""What the words beside an amount make of it: total, due, net, tax, change. Word by word, in any of our languages."""

from __future__ import annotations

from rapidfuzz import fuzz, process

from extraction.mapping import amount_words as say

_ALL = frozenset().union(*(value for name, value in vars(say).items() if isinstance(value, frozenset)))
# Only the words that carry a sum are mended: "paper" must not become "payer".
_MENDABLE = [
    "amount",
    "balance",
    "change",
    "discount",
    "excluding",
    "gesamt",
    "gesamtbetrag",
    "importe",
    "importo",
    "inclusive",
    "montant",
    "payable",
    "rounding",
    "subtotaal",
    "subtotal",
    "summe",
    "tender",
    "totaal",
    "total",
    "totale",
    "totals",
    "zwischensumme",
]


def _mended(word: str) -> str:
    """A misread word as the word it must have been ("tctal"), or itself."""
    if word in _ALL or not 4 < len(word) < 16 or not word.isalpha():
        return word
    match = process.extractOne(word, _MENDABLE, scorer=fuzz.ratio, score_cutoff=79)
    return match[0] if match else word


def role_of(label: tuple[str, ...], *, repair: bool = False) -> tuple[str, float] | None:
    """The role of an amount with this label, and how clearly it says so. `repair`: words may be misread."""
    said = {_mended(word) for word in label} if repair else set(label)
    if not said or (said & say.OTHER and not said & say.GRAND):
        return None
    role = _role(said)
    return (role[0], role[1] * _plainness(said)) if role else None


def _plainness(said: set[str]) -> float:
    """Less for a label drowned in words that say nothing about money: running text."""
    strange = [word for word in said if word not in _ALL and word.isalpha() and len(word) > 1]
    return 1.0 if len(strange) <= 1 else 0.8 if len(strange) <= 3 else 0.4


def _role(said: set[str]) -> tuple[str, float] | None:
    if said & say.COUNT and not said & say.INCLUDING:
        return ("count", 0.9)
    if said & say.ROUNDING:
        return ("total", 0.95) if said & say.TOTAL and not said & say.EXCLUDING else ("rounding", 1.0)
    if said & say.CHANGE and not said & (say.TOTAL | say.DUE):
        return ("change", 0.9)
    if said & say.DISCOUNT:
        return ("subtotal", 0.6) if said & say.TOTAL and "before" in said else ("discount", 0.9)
    for words, role in ((say.TIP, "tip"), (say.SERVICE, "service_charge"), (say.SHIPPING, "shipping")):
        if said & words:
            return (role, 0.9)
    if said & say.PAID:
        return _paid(said)
    return _sum(said)


def _paid(said: set[str]) -> tuple[str, float]:
    if said & say.INCLUDING and said & (say.TOTAL | say.TAX):
        return ("total", 0.7)
    return ("cash", 0.9)


def _sum(said: set[str]) -> tuple[str, float] | None:
    if said & say.EXCLUDING and said & (say.TOTAL | say.TAX | say.SUB) and not said & say.INCLUDING:
        return ("subtotal", 1.0)
    if said & say.SUB:
        return ("subtotal", 0.65 if said & say.GOODS else 0.9)
    if said & say.DUE and said & (
        say.TOTAL | say.CHANGE | {"zahlbetrag", "payer", "zahlen", "betalen", "pagar", "pagare", "solde"}
    ):
        return ("amount_due", 1.0)
    if said & say.INCLUDING and said & (say.TOTAL | say.TAX):
        return ("total", 0.95 if said & say.TOTAL else 0.6)
    if said & say.TAX:
        return ("tax", 1.0 if said & say.TOTAL or "steuerbetrag" in said or "mwstbetrag" in said else 0.85)
    if said & say.SURCHARGE:
        return None
    if said & say.TOTAL:
        return ("total", 1.0 if said & say.GRAND else 0.6 if said <= say.WEAK_TOTAL else 0.92)
    return ("total", 0.6) if said & say.GRAND else None
