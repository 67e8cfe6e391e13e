"""Scoring of extracted fields and transcripts: pure functions, no network, no files.

`close` is the similarity of letters and digits, lower case; `ceiling` says whether the
recognized text holds the truth at all, so that reading and mapping can be told apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

CLOSE = 0.85
CENT = 0.005
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def letters_and_digits(value: Any) -> str:
    folded = unicodedata.normalize("NFKC", str(value)).lower()
    return "".join(char for char in folded if char.isalnum())


def as_number(value: Any) -> float | None:
    """A number, or the number printed in a string: a currency before or behind it does not count."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    match = re.search(r"-?\d[\d., ]*", str(value)) if value is not None else None
    if not match:
        return None
    token = match[0].replace(" ", "").rstrip(".,")
    if "," in token and "." in token:
        mark = max(token.rfind(","), token.rfind("."))
        token = re.sub(r"[.,]", "", token[:mark]) + "." + token[mark + 1 :]
    elif re.fullmatch(r"-?\d+,\d{1,2}", token):
        token = token.replace(",", ".")
    try:
        return float(token.replace(",", ""))
    except ValueError:
        return None


def as_iso_date(value: Any) -> str | None:
    """An ISO date from an ISO date, 31/12/2018, 31-DEC-18 or 2018/12/31 (day first where it is open)."""
    numbers = re.findall(r"\d+|[a-z]{3,}", str(value).lower()) if value is not None else []
    parts = [str(_MONTHS.index(n[:3]) + 1) if n[:3] in _MONTHS else n for n in numbers][:3]
    if len(parts) < 3 or not all(part.isdigit() for part in parts):
        return None
    year, month, day = parts if len(parts[0]) == 4 else parts[::-1]
    if int(month) > 12 >= int(day):
        month, day = day, month
    try:
        return date(int(year) + (2000 if int(year) < 100 else 0), int(month), int(day)).isoformat()
    except ValueError:
        return None


def is_exact(kind: str, got: Any, truth: Any) -> bool:
    if got is None:
        return False
    if kind == "number":
        number, wanted = as_number(got), as_number(truth)
        return number is not None and wanted is not None and abs(number - wanted) < CENT
    if kind == "date":
        return as_iso_date(got) is not None and as_iso_date(got) == as_iso_date(truth)
    return " ".join(str(got).split()).lower() == " ".join(str(truth).split()).lower()


def is_close(kind: str, got: Any, truth: Any) -> bool:
    if got is None or kind in ("number", "date"):
        return is_exact(kind, got, truth)
    return fuzz.ratio(letters_and_digits(got), letters_and_digits(truth)) / 100 >= CLOSE


def in_text(kind: str, truth: Any, text: str, printed: Any = None) -> bool:
    """Whether the recognized text holds the truth, by letters and digits: what no mapper could exceed."""
    if kind == "number":
        wanted = as_number(truth)
        return wanted is not None and any(as_number(token) == wanted for token in re.findall(r"\d[\d.,]*", text))
    return letters_and_digits(truth if printed is None else printed) in letters_and_digits(text)


Judged = tuple[float, bool]  # the confidence of a value that was given, and whether it was close


def calibration_error(judged: Sequence[Judged], bins: int = 10) -> float:
    """Expected calibration error: how far confidence and share right are apart, by bins of confidence."""
    held: dict[int, list[Judged]] = {}
    for one in judged:
        held.setdefault(min(int(one[0] * bins), bins - 1), []).append(one)
    apart = (abs(sum(confidence - right for confidence, right in one)) for one in held.values())
    return sum(apart) / len(judged) if judged else 0.0


def discrimination(judged: Sequence[Judged]) -> float | None:
    """AUROC: how often a right value has more confidence than a wrong one. None where all are right, or wrong."""
    right = [confidence for confidence, is_right in judged if is_right]
    wrong = [confidence for confidence, is_right in judged if not is_right]
    if not right or not wrong:
        return None
    above = sum((more > less) + 0.5 * (more == less) for more in right for less in wrong)
    return above / (len(right) * len(wrong))


@dataclass(slots=True)
class Tally:
    """Counts for one field over a set."""

    n: int = 0
    exact: int = 0
    close: int = 0
    ceiling: int = 0
    judged: list[Judged] = field(default_factory=list)

    def share(self, name: str) -> float:
        return getattr(self, name) / self.n if self.n else 0.0


@dataclass(slots=True)
class Scores:
    """Tallies by field, and how many records had every field close."""

    fields: dict[str, Tally] = field(default_factory=dict)
    records: int = 0
    whole: int = 0

    def add(
        self,
        name: str,
        kind: str,
        got: Any,
        truth: Any,
        text: str,
        *,
        printed: Any = None,
        confidence: float | None = None,
    ) -> bool:
        tally = self.fields.setdefault(name, Tally())
        close = is_close(kind, got, truth)
        tally.n += 1
        tally.exact += is_exact(kind, got, truth)
        tally.close += close
        tally.ceiling += in_text(kind, truth, text, printed)
        if got is not None and confidence is not None:
            tally.judged.append((confidence, close))
        return close

    def judged(self) -> list[Judged]:
        return [one for tally in self.fields.values() for one in tally.judged]

    def all_fields_close(self) -> float:
        n = sum(tally.n for tally in self.fields.values())
        return sum(tally.close for tally in self.fields.values()) / n if n else 0.0

    def whole_records_close(self) -> float:
        return self.whole / self.records if self.records else 0.0


def score_record(
    scores: Scores,
    kinds: Mapping[str, str],
    got: Mapping[str, Any],
    truth: Mapping[str, Any],
    text: str,
    *,
    printed: Mapping[str, Any] | None = None,
    confidences: Mapping[str, float] | None = None,
) -> None:
    """Add one record; fields without a truth are not scored.

    `printed`: the truth as it stands on the paper; `confidences`: by JSON Pointer.
    """
    sure, shown = confidences or {}, printed or {}
    closes = [
        scores.add(
            name, kind, got.get(name), truth[name], text, printed=shown.get(name), confidence=sure.get(f"/{name}")
        )
        for name, kind in kinds.items()
        if truth.get(name) is not None
    ]
    scores.records += 1
    scores.whole += all(closes)


def score_items(
    scores: Scores,
    kinds: Mapping[str, str],
    got: Sequence[Mapping[str, Any]],
    truth: Sequence[Mapping[str, Any]],
    text: str,
    *,
    list_pointer: str = "",
    confidences: Mapping[str, float] | None = None,
) -> None:
    """Line items: each true item is compared with the best item not yet used."""
    left, sure = list(enumerate(got)), confidences or {}
    for item in truth:
        wanted = {name: kind for name, kind in kinds.items() if item.get(name) is not None}
        ranked = sorted(left, key=lambda one: -sum(is_close(k, one[1].get(n), item[n]) for n, k in wanted.items()))
        index, best = ranked[0] if ranked else (-1, {})
        left = [one for one in left if one[0] != index]
        for name, kind in wanted.items():
            confidence = sure.get(f"{list_pointer}/{index}/{name}")
            scores.add(f"item.{name}", kind, best.get(name), item[name], text, confidence=confidence)


# Word error rate

_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {
    word: str(10 * number)
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_WRITTEN_ALIKE = {"mr": "mister", "mrs": "missus", "dr": "doctor", "&": "and", "ok": "okay"}


def spoken_words(text: str) -> list[str]:
    """Words without case, punctuation and the choice between "six" and "6"."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)*|&", plain)
    return [_NUMBER_WORDS.get(word, _WRITTEN_ALIKE.get(word, word)).replace("'", "") for word in words]


def word_errors(truth: str, got: str) -> tuple[int, int]:
    """(errors, words in the truth). Scripts without spaces are counted by character."""
    wanted, heard = spoken_words(truth), spoken_words(got)
    return Levenshtein.distance(wanted, heard), len(wanted)
