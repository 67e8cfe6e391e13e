"""A date and a time of day put together for who asks for one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time

from extraction.mapping.evidence import Candidate
from extraction.mapping.kinds import Read
from extraction.mapping.parse.dates import find_times
from extraction.mapping.values import PageCitation

Found = tuple[Candidate, Read]


def with_times(dates: list[Found], times: list[Found]) -> Iterator[Found]:
    """Each date with the time behind it on its own line, or with the best of the paper; else alone."""
    best = max(times, key=lambda one: one[0].label, default=None)
    for one, read in dates:
        beside = next((pair for pair in times if _together(one, pair[0])), best)
        if beside is None or not isinstance(read.value, date):
            yield replace(one, validity=one.validity * 0.8), read
            continue
        moment = datetime.combine(read.value, time.fromisoformat(beside[1].value))
        citations = (*one.citations, *(c for c in beside[0].citations if c not in one.citations))
        label = 0.8 * one.label + 0.2 * beside[0].label
        text = f"{read.text} {beside[1].text}"
        yield replace(one, value=moment, citations=citations, label=label), replace(read, value=moment, text=text)


def _together(one: Candidate, other: Candidate) -> bool:
    """Whether both stand on one line of one page."""
    here, there = one.citations[0], other.citations[0]
    if not isinstance(here, PageCitation) or not isinstance(there, PageCitation) or here.page != there.page:
        return False
    return here.bbox[1] < (there.bbox[1] + there.bbox[3]) / 2 < here.bbox[3]


def is_clock(read: Read) -> bool:
    """A time of day that can stand in a moment: "14:32", not "Tuesday"."""
    return bool(find_times(read.text)) and read.value[:2].isdigit()
