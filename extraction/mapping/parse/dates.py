"""Dates and times as people print them, with the order of day and month inferred from the page."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    1: "january jan januar jänner janvier janv enero ene gennaio gen januari janeiro",
    2: "february feb februar fevrier fevr fev febrero febbraio februari fevereiro",
    3: "march mar marz maerz mrz mars marzo maart mrt marco",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mayo maggio mag mei maio",
    6: "june jun juni juin junio giugno giu junho",
    7: "july jul juli juillet juil julio luglio lug julho",
    8: "august aug aout agosto ago augustus",
    9: "september sep sept septembre septiembre settembre set setembro",
    10: "october oct oktober okt octobre octubre ottobre ott outubro",
    11: "november nov novembre noviembre novembro",
    12: "december dec dezember dez decembre diciembre dic dicembre desember dezembro",
}
MONTHS = {name: number for number, names in _MONTHS.items() for name in names.split()}
MONTHS |= {"jänner": 1, "märz": 3, "février": 2, "fév": 2, "févr": 2, "août": 8, "décembre": 12, "déc": 12, "março": 3}
_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<y>\d{4}(?!\d(?!\d?:\d\d))|['’]?\d{2}(?!\d))"
_PATTERNS = [
    re.compile(r"(?<![\d.,/-])(?P<y>(?:19|"
        r"20)\d{2})\s?(?P<sep>[-/.])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<d>\d{1,2})(?!\d(?!\d?:))"),
    re.compile(r"(?P<y>(?:19|20)\d{2})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]"),
    re.compile(rf"(?<![\d.,/])(?P<a>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=sep)\s?{_YEAR}"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|°)?[\s./-]*(?:de |of "
        rf")?(?P<n>{_NAME})(?![a-z])[\s.,/-]*(?:de |del )?{_YEAR}",
        re.I,
    ),
    re.compile(
        rf"(?<![a-z])(?P<n>{_NAME})(?![a-z])[\s.]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d),?\s*{_YEAR}", re.I
    ),
]  # fmt: skip
# "14/dun/2017": a month of three letters, one of them misread.
_MISREAD = re.compile(
    r"(?<![\d.,/])(?P<d>\d{1,2})(?P<sep>[-/. ])(?P<n>[A-Za-z0-9]{3})(?P=sep)(?P<y>(?:19|20)\d{2})(?!\d(?!\d?:))"
)
_SHORT = {name: number for name, number in MONTHS.items() if len(name) == 3 and name.isascii()}
_COMPACT = re.compile(r"(?<!\d)(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_TIME = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-3])\s?(?:[:：h]|(?<=\d)\.(?=\d\d\s?(?:[ap]\.?m|"
    r"uhr)))\s?(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?"
    r"(?!\d)(?:\s?(?P<half>[ap])\.?m\b\.?)?",
    re.I,
)
_GLUED_TIME = re.compile(r"(?<=\d{4})(?P<h>[01]\d|2[0-3]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?P<half>(?!))?")
_BARE_HOUR = re.compile(r"(?<![\d:.])(?P<h>1[0-2]|0?[1-9])\s?(?P<half>[ap])\.?m\b\.?(?P<m>(?!))?(?P<s>(?!))?", re.I)


@dataclass(frozen=True, slots=True)
class FoundDate:
    value: date
    start: int
    end: int
    text: str
    votes: int = 0  # +1: only day-first reads it, -1: only month-first does, 0: either, or no question


@dataclass(frozen=True, slots=True)
class FoundTime:
    value: str  # HH:MM or HH:MM:SS; of a day without a year, its words
    start: int
    end: int
    text: str


def find_dates(text: str, *, day_first: bool = True, compact: bool = False) -> list[FoundDate]:
    """Every date in `text`, leftmost first. `compact` also reads 20180214."""
    found: list[FoundDate] = []
    patterns = _patterns(text, compact)
    for pattern in patterns:
        for match in pattern.finditer(text):
            taken = any(match.start() < other.end and other.start < match.end() for other in found)
            if not taken and (one := _found(match, day_first)):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


_DIGITAL = re.compile(r"\d\s?[-/.年년]\s?\d")
_NAMED = re.compile(r"jan|gen|ene|feb|f[ée]v|mar|maa|m[äa]e?r|mrt|apr|abr|avr|ma[iyg]|mei|ju[nil]|giu|"
    r"lug|aug|ago|ao[uû]|sep|set|o[ck]t|out|ott|nov|d[ei][cz]|déc|des", re.I)  # fmt: skip


def _patterns(text: str, compact: bool) -> list[re.Pattern[str]]:
    """The patterns that can match at all: most lines hold no date, and looking closely costs."""
    if not any(char.isdigit() for char in text):
        return []
    patterns = _PATTERNS[:3] if _DIGITAL.search(text) else []
    if _NAMED.search(text):
        patterns = patterns + _PATTERNS[3:]
    return [*patterns, _MISREAD, _COMPACT] if compact else [*patterns, _MISREAD]


def _found(match: re.Match[str], day_first: bool) -> FoundDate | None:
    parts = match.groupdict()
    votes = 0
    if parts.get("a"):
        first, second = int(parts["a"]), int(parts["b"])
        dotted = parts["sep"] == "."  # nobody who writes the month first parts it with full stops
        votes = 0 if dotted else 1 if first > 12 >= second else -1 if second > 12 >= first else 0
        forward = dotted or votes > 0 or (votes == 0 and day_first)
        day, month = (first, second) if forward else (second, first)
    else:
        day = int(parts["d"])
        month = _month(parts["n"].lower()) if parts.get("n") else int(parts["m"])
    try:
        value = date(_year(parts["y"]), month, day)
    except ValueError:
        return None
    return FoundDate(value, match.start(), match.end(), match[0].strip(), votes)


def _month(name: str) -> int:
    """The month of a name; of a name with one letter misread, where only one month is that near; else 0."""
    if name in MONTHS:
        return MONTHS[name]
    near = {number for short, number in _SHORT.items() if sum(a != b for a, b in zip(short, name, strict=True)) == 1}
    return near.pop() if len(near) == 1 and not name.isdigit() else 0


def _year(text: str) -> int:
    number = int(text.lstrip("'’"))
    if number >= 100:
        return number
    # Two digits: papers people photograph are from this century unless that lies far ahead.
    return 2000 + number if number < 70 else 1900 + number


_ALSO_WORDS = {"may", "mar", "mag", "mei", "set", "out", "ago", "gen", "dec"}  # in small letters, no month
_DAY_OF_MONTH = re.compile(
    rf"(?<![\w.])(?:(?P<n1>{_NAME})\.?\s+(?:the\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:de |of )?(?P<n2>{_NAME}))(?![\w])(?!,?\s*\d{{4}})",
    re.I,
)


def find_days(text: str) -> list[FoundTime]:
    """Days without a year ("March 6th", "6. März"), as they are said: nobody but the caller knows the year."""
    found = []
    for match in _DAY_OF_MONTH.finditer(text):
        ordinary = (match["n1"] or match["n2"]) in _ALSO_WORDS
        if not ordinary and 1 <= int(match["d1"] or match["d2"]) <= 31:
            found.append(FoundTime(match[0].strip(), match.start(), match.end(), match[0].strip()))
    return found


def find_times(text: str) -> list[FoundTime]:
    found = [*_TIME.finditer(text), *_GLUED_TIME.finditer(text), *_BARE_HOUR.finditer(text)]
    return [_time(match) for match in sorted(found, key=lambda match: match.start())]


def _time(match: re.Match[str]) -> FoundTime:
    hour, half = int(match["h"]), (match["half"] or "").lower()
    if half == "p" and hour < 12:
        hour += 12
    if half == "a" and hour == 12:
        hour = 0
    seconds = f":{match['s']}" if match["s"] else ""
    return FoundTime(f"{hour:02d}:{match['m'] or '00'}{seconds}", match.start(), match.end(), match[0].strip())


def month_named(word: str) -> int | None:
    plain = "".join(char for char in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(char))
    return MONTHS.get(plain)
