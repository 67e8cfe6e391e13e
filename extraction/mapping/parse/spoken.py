"""Number words to digits, as recognisers of speech leave them: "twenty-five dollars", "zwei", "oh seven"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = {
    "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "null": 0, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
    "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sette": 7, "otto": 8, "nove": 9, "dieci": 10,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
    "neunzig": 90, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "venti": 20, "trenta": 30,
}  # fmt: skip
_SCALES = {
    "hundred": 100, "thousand": 1_000, "million": 1_000_000, "hundert": 100, "tausend": 1_000, "mille": 1_000,
    "mil": 1_000, "cien": 100,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_JOIN = re.compile(r"[\s-]*(?:and\s+|und\s+)?[\s-]*")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Digits for a run of number words; `start:end` is the run in the text."""

    digits: str
    start: int
    end: int


def find_numbers(text: str) -> list[Spoken]:
    """Runs of number words. A run of single digits ("five five five oh one") is spelled, others are added up."""
    runs: list[list[re.Match[str]]] = []
    for match in _WORD.finditer(text):
        if match[0].lower() not in _VALUES:
            continue
        joined = runs and _JOIN.fullmatch(text[runs[-1][-1].end() : match.start()])
        if joined:
            runs[-1].append(match)
        else:
            runs.append([match])
    return [Spoken(_digits([m[0].lower() for m in run]), run[0].start(), run[-1].end()) for run in runs]


_VALUES = {**_UNITS, **_TENS, **_SCALES, **_ORDINALS}


def _digits(words: list[str]) -> str:
    small = [_VALUES[word] for word in words]
    if len(words) >= 2 and all(value <= 9 and word not in _ORDINALS for value, word in zip(small, words, strict=True)):
        return "".join(str(value) for value in small)
    if len(words) == 3 and small[0] in (19, 20) and words[0] not in _SCALES and words[1] in _TENS and small[2] < 10:
        return str(small[0] * 100 + small[1] + small[2])  # a year: "twenty twenty six"
    if len(words) == 2 and small[0] in (19, 20) and small[1] >= 10 and words[1] not in _SCALES:
        return str(small[0] * 100 + small[1])
    total, group = 0, 0
    for word, value in zip(words, small, strict=True):
        if word in _SCALES and value == 100:
            group = max(group, 1) * 100
        elif word in _SCALES:
            total, group = total + max(group, 1) * value, 0
        else:
            group += value
    return str(total + group)


def with_digits(text: str) -> tuple[str, list[int]]:
    """`text` with number words as digits, and for every character of it the place it came from."""
    out: list[str] = []
    origin: list[int] = []
    position = 0
    for run in find_numbers(text):
        # "one" and "second" alone are seldom numbers; "no one", "one of us", "a second".
        if run.digits in ("0", "1", "2") and " " not in text[run.start : run.end] and not _counts(text, run):
            continue
        out.append(text[position : run.start])
        origin += range(position, run.start)
        out.append(run.digits)
        span = max(run.end - run.start, 1)
        origin += [run.start + min(i * span // len(run.digits), span - 1) for i in range(len(run.digits))]
        position = run.end
    out.append(text[position:])
    origin += range(position, len(text))
    return "".join(out), origin


def _counts(text: str, run: Spoken) -> bool:
    """A lone small number counts only before something counted or dated."""
    after = text[run.end : run.end + 14].lower().lstrip(" -")
    return after.startswith(
        ("euro", "dollar", "pound", "percent", "hundred", "o'clock", "of ", "p.m", "a.m", "pm", "am")
    )
