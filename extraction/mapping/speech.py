"""One leaf of the answer from a recording: whole texts, values after cue phrases, values that tell themselves."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from extraction.mapping.absence import why_not_of_these, why_nowhere
from extraction.mapping.confidence import confidence, margin, score
from extraction.mapping.evidence import Candidate
from extraction.mapping.kinds import Read
from extraction.mapping.meaning import Meaning
from extraction.mapping.parse.contacts import find_emails, find_phones
from extraction.mapping.parse.currencies import NAMES, find_currency
from extraction.mapping.parse.dates import find_dates, find_days, find_times
from extraction.mapping.parse.numbers import Amount, find_amounts
from extraction.mapping.parse.spoken import with_digits
from extraction.mapping.schema_walk import Want
from extraction.mapping.shape import shape
from extraction.mapping.speech_cues import ACTION, CUES, DECISION, PHONE, TOTAL
from extraction.mapping.values import Field, Reason, TimeCitation
from extraction.mapping.words import name_words, words
from extraction.recognized import Recognized, SpokenWord

Found = tuple[Candidate, Read]
_MAX_TEXT = 200_000
_SENTENCE = re.compile(r"[^.!?\n。！？]+[.!?。！？]*")
_SPOKEN_AT = re.compile(r"([\w.-]+)\s+at\s+([\w-]+(?:\s+dot\s+[\w-]+)+)", re.I)


@dataclass
class Talk:
    """A recording as one text, every character of which knows when it was said."""

    recognized: Recognized
    text: str = ""
    starts: list[int] = field(default_factory=list)
    said: list[SpokenWord] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts: list[str] = []
        length = 0
        for segment in self.recognized.segments:
            for word in segment.words or _estimated(segment):
                piece = word.text.strip()
                if not piece or length > _MAX_TEXT:
                    continue
                self.starts.append(length)
                self.said.append(word)
                parts.append(piece)
                length += len(piece) + 1
        self.text = " ".join(parts)
        self.digits, self.origin = with_digits(self.text)

    @cached_property
    def nowhere(self) -> Reason:
        return why_nowhere(self.recognized)

    def cite(self, start: int, end: int) -> tuple[TimeCitation, float]:
        """The words of `text[start:end]` with their times, and how well they were heard."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        heard = self.said[first : last + 1]
        sure = sum(word.confidence for word in heard) / len(heard)
        return TimeCitation(heard[0].start, heard[-1].end, " ".join(word.text.strip() for word in heard)), sure

    def candidate(self, value: Any, start: int, end: int, label: float, *, digits: bool = False) -> Candidate:
        if digits:
            start, end = self.origin[start], self.origin[min(end, len(self.origin)) - 1] + 1
        citation, sure = self.cite(start, end)
        return Candidate(value, (citation,), sure, label)


def _estimated(segment: Any) -> list[SpokenWord]:
    """Words by their length, where the engine times only whole segments."""
    pieces = segment.text.split()
    whole, total, said = segment.end - segment.start, sum(map(len, pieces)) or 1, 0
    out = []
    for piece in pieces:
        start = segment.start + whole * said / total
        said += len(piece)
        out.append(SpokenWord(piece, start, segment.start + whole * said / total, segment.confidence))
    return out


def find_spoken(talk: Talk, want: Want, meaning: Meaning, pointer: str) -> Field:
    found = list(_candidates(talk, want, meaning)) if talk.said else []
    fitting = [replace(one, value=value) for one, read in found if (value := _fit(want, read)) is not None]
    if not fitting:
        return Field(pointer, None, 0.0, reason=why_not_of_these([one.recognition for one, _ in found]) or talk.nowhere)
    best = max(fitting, key=score)
    best = replace(best, margin=margin(best, fitting))
    return Field(pointer, best.value, confidence(best), best.citations)


def _fit(want: Want, read: Read) -> Any:
    return read.value if "enum" in want.schema or "const" in want.schema else shape(want, read)


def spoken_values(talk: Talk, want: Want, meaning: Meaning, pointer: str) -> list[tuple[Any, list[Field]]]:
    """A list from speech: things to do, decisions, or all values of a kind."""
    found: list[Found] = []
    name = set(name_words(want.name))
    if talk.said and want.types <= {"string"}:
        if meaning.concept == "action_items" or name & {
            "action",
            "actions",
            "task",
            "tasks",
            "todo",
            "todos",
            "step",
            "steps",
        }:
            found = list(_sentences(talk, ACTION))
        elif name & {"decision", "decisions"}:
            found = list(_sentences(talk, DECISION))
        elif name & {"participant", "participants", "speaker", "speakers", "attendee", "attendees", "people", "names"}:
            found = list(_cued(talk, "person"))
        elif meaning.kind not in ("text", "whole", "actions", "subject"):
            found = list(_candidates(talk, want, meaning))
    rows: list[tuple[Any, list[Field]]] = []
    seen: set[Any] = set()
    for one, read in found[:100]:
        value = shape(want, read)
        if value is not None and value not in seen:
            seen.add(value)
            rows.append((value, [Field(f"{pointer}/{len(rows)}", value, confidence(one), one.citations)]))
    return rows


def _candidates(talk: Talk, want: Want, meaning: Meaning) -> Iterator[Found]:
    if "const" in want.schema:
        yield from _members(talk, [want.schema["const"]])
    elif isinstance(want.schema.get("enum"), list):
        yield from _members(talk, want.schema["enum"])
    elif meaning.kind == "whole":
        yield talk.candidate(talk.text, 0, len(talk.text), 1.0), _text(talk.text)
    elif meaning.kind in ("date", "datetime", "time", "money", "number", "phone", "email", "currency", "percent"):
        yield from _FINDERS[meaning.kind](talk)
        if meaning.kind == "date" and "format" not in want.schema:
            yield from _days(talk)
    elif meaning.concept in CUES:
        yield from _cued(talk, str(meaning.concept))
    elif meaning.kind == "party":
        yield from _cued(talk, "company")
    elif meaning.kind == "person":
        yield from _cued(talk, "person")
    elif meaning.own_labels:
        yield from _after_own_words(talk, meaning)


def _text(value: str) -> Read:
    return Read(value, 0, len(value), 1.0, value)


def _cued(talk: Talk, concept: str) -> Iterator[Found]:
    for rank, pattern in enumerate(CUES[concept]):
        source = talk.digits if concept.endswith("number") or concept == "reference" else talk.text
        for match in pattern.finditer(source):
            value = match["v"].strip(" ,.-")
            if value:
                one = talk.candidate(value, *match.span("v"), 0.95 - 0.03 * rank, digits=source is talk.digits)
                yield one, _text(value)


def _sentences(talk: Talk, pattern: re.Pattern[str]) -> Iterator[Found]:
    for match in _SENTENCE.finditer(talk.text):
        if pattern.search(match[0]):
            value = match[0].strip()
            start = match.end() - len(match[0].lstrip())
            yield talk.candidate(value, start, start + len(value), 0.75), _text(value)


def _after_own_words(talk: Talk, meaning: Meaning) -> Iterator[Found]:
    """ "The colour is dark green": the caller's own property name, spoken."""
    for label in meaning.own_labels:
        pattern = rf"(?i:\b{re.escape(label)})(?:\s+(?i:is|was|are|of|ist|est|es|è))?[\s:,]+(?P<v>[^.,!?;\n]{{1,80}})"
        for match in re.finditer(pattern, talk.text):
            value = match["v"].strip()
            yield talk.candidate(value, *match.span("v"), 0.7), _text(value)


def _members(talk: Talk, members: list[Any]) -> Iterator[Found]:
    for member in members[:300]:
        if isinstance(member, str) and (match := re.search(rf"(?i)\b{re.escape(member)}\b", talk.text)):
            yield talk.candidate(member, *match.span(), 0.7), Read(member, 0, 0)


def _dates(talk: Talk) -> Iterator[Found]:
    text = re.sub(r"\bthe (\d{1,2})(?:st|nd|rd|th)? of\b", lambda m: " " * (len(m[0]) - len(m[1])) + m[1], talk.digits)
    for one in find_dates(text):
        yield talk.candidate(one.value, one.start, one.end, 0.85, digits=True), Read(one.value, 0, 0, 1.0, one.text)


def _days(talk: Talk) -> Iterator[Found]:
    for one in find_days(talk.text):
        yield talk.candidate(one.value, one.start, one.end, 0.8), _text(one.value)


def _times(talk: Talk) -> Iterator[Found]:
    for one in find_times(talk.digits):
        yield talk.candidate(one.value, one.start, one.end, 0.8, digits=True), _text(one.value)


def _amounts(talk: Talk) -> Iterator[Found]:
    """Amounts with a currency, or said after "the total is"; a bare number is not money."""
    for one in find_amounts(talk.digits):
        after = words(talk.digits[one.end : one.end + 14])[:1]
        named = bool(one.currency) or (after and after[0] in NAMES)
        cue = TOTAL.search(talk.digits[max(0, one.start - 40) : one.start])
        if (named or cue) and not one.percent:
            label = 0.95 if named and cue else 0.8 if named else 0.6
            value, end = _with_cents(talk.digits, one)
            yield talk.candidate(value, one.start, end, label, digits=True), Read(value, 0, 0, 1.0, str(value))


_CENTS = re.compile(
    r"\s*(?:[^\W\d_]+|[$€£])?,?\s*(?:and|und|et|con|e|en)?\s*(\d{1,2})\s*(?:cents?|pence|p\b|centimes|céntimos|centesimi)",
    re.I,
)


def _with_cents(text: str, one: Amount) -> tuple[Decimal, int]:
    """ "25 dollars and 50 cents" is one amount."""
    match = _CENTS.match(text, one.end)
    if match is None or one.decimals:
        return one.value, one.end
    return one.value + Decimal(match[1]) / 100, match.end()


def _numbers(talk: Talk) -> Iterator[Found]:
    for one in find_amounts(talk.digits):
        yield talk.candidate(one.value, one.start, one.end, 0.5, digits=True), Read(one.value, 0, 0, 1.0, one.text)


def _phones(talk: Talk) -> Iterator[Found]:
    spans = [(one.start, one.end) for one in find_dates(talk.digits)]
    for one in find_phones(talk.digits):
        if any(start < one.end and one.start < end for start, end in spans):
            continue
        cue = PHONE.search(talk.digits[max(0, one.start - 40) : one.start])
        yield talk.candidate(one.value, one.start, one.end, 0.95 if cue else 0.7, digits=True), _text(one.value)


def _emails(talk: Talk) -> Iterator[Found]:
    for one in find_emails(talk.text):
        yield talk.candidate(one.value, one.start, one.end, 0.95), _text(one.value)
    for match in _SPOKEN_AT.finditer(talk.text):
        host = re.sub(r"\s+dot\s+", ".", match[2], flags=re.I)
        value = f"{match[1]}@{host}"
        yield talk.candidate(value, *match.span(), 0.7), _text(value)


def _currencies(talk: Talk) -> Iterator[Found]:
    if found := find_currency(talk.text):
        yield talk.candidate(found[0], found[1], found[2], 0.8), _text(found[0])
    for match in re.finditer(r"[^\W\d_]+", talk.text):
        if code := NAMES.get(match[0].lower()):
            yield talk.candidate(code, *match.span(), 0.75), _text(code)


_FINDERS = {
    "date": _dates, "datetime": _dates, "time": _times, "money": _amounts, "number": _numbers, "percent": _numbers,
    "phone": _phones, "email": _emails, "currency": _currencies,
}  # fmt: skip
