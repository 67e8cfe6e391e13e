"""Reading what a media process answered. It handled hostile bytes: nothing is believed unchecked."""

from __future__ import annotations

import re
from typing import Any, get_args

from extraction.engines.frames import BrokenFrame, Header, read_json
from extraction.engines.weights import PLACES
from extraction.mapping.values import Field, Mapped, PageCitation, TimeCitation
from extraction.media.facts import Kind, MediaFacts
from extraction.recognized import Recognized

STAGES = {"decoding", "recognizing"}
PLACE = re.compile(r"[A-Za-z_]\w{0,60} at [a-z_.\d]{1,80}(:\d{1,5})?")
WARNING = re.compile(r"[a-z_]{1,40}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[a-z]{2,12})?")


def read_facts(header: Header) -> MediaFacts:
    facts = MediaFacts(**header)
    counts = (facts.pages, facts.seconds, facts.width, facts.height)
    _check(facts.kind in get_args(Kind) and isinstance(facts.media_type, str) and len(facts.media_type) < 40)
    _check(type(facts.bytes) is int and all(_is_size(count) for count in counts))
    return facts


def _is_size(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value < 1e9)


def read_progress(header: Header) -> tuple[str, int, int]:
    match header["progress"]:
        case [str(stage), int(done), int(total)] if stage in STAGES and 0 <= done <= total < 10**6:
            return stage, done, total
    raise BrokenFrame


def read_wanted(header: Header) -> list[str]:
    """Weights by name; and for EasyOCR the languages that are missing."""
    match header["wants"]:
        case [str(name), *languages] if name in PLACES and (name == "easyocr" or not languages):
            _check(len(languages) < 20 and all(isinstance(one, str) and LANGUAGE.fullmatch(one) for one in languages))
            return [name, *languages]
    raise BrokenFrame


def read_place(header: Header) -> str:
    place = header.get("where")
    return place if isinstance(place, str) and PLACE.fullmatch(place) else "somewhere"


def read_recognized(payload: bytes) -> Recognized:
    recognized = Recognized.from_json(read_json(payload))
    for page in recognized.pages:
        _check(type(page.number) is int and _is_size(page.width) and _is_size(page.height))
        _check(page.quarters in range(4) and type(page.slant) in (int, float) and abs(page.slant) < 1.6)
        for line in page.lines:
            _check(_is_piece(line.text, *line.box, line.confidence))
            _check(all(_is_piece(word.text, *word.box, word.confidence) for word in line.words))
    for segment in recognized.segments:
        _check(_is_piece(segment.text, segment.start, segment.end, segment.confidence))
        _check(all(_is_piece(word.text, word.start, word.end, word.confidence) for word in segment.words))
    _check(isinstance(recognized.language, str | None) and isinstance(recognized.engine, str))
    _check(all(type(spent) is int and WARNING.fullmatch(name) for name, spent in recognized.timings.items()))
    _check(all(WARNING.fullmatch(warning) for warning in recognized.warnings))
    _check(set(recognized.failed_pages) <= {page.number for page in recognized.pages})
    _check(len(set(recognized.failed_pages)) == len(recognized.failed_pages))
    return recognized


def _is_piece(text: Any, *numbers: Any) -> bool:
    return isinstance(text, str) and all(type(number) in (int, float) for number in numbers)


def read_mapped(payload: bytes) -> Mapped:
    value = read_json(payload)
    return Mapped(value["data"], tuple(_field(field) for field in value["fields"]), str(value["mapper"]))


def _field(value: dict[str, Any]) -> Field:
    _check(type(value["confidence"]) in (int, float) and isinstance(value["pointer"], str))
    return Field(**{**value, "citations": tuple(_citation(citation) for citation in value["citations"])})


def _citation(value: dict[str, Any]) -> PageCitation | TimeCitation:
    if "page" not in value:
        return TimeCitation(**value)
    x0, y0, x1, y1 = value["bbox"]
    return PageCitation(**{**value, "bbox": (x0, y0, x1, y1)})


def _check(truth: bool) -> None:
    if not truth:
        raise BrokenFrame
