"""Why a leaf has no value: nothing like it, something that does not fit, or print too poor to tell.

- invalid: what stands where its label promises it is not of the type, the choices, the pattern or the bounds
- unreadable: what stands there was read too poorly; or a page, or the whole text, was
- not_found: none of these
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extraction.mapping.evidence import Candidate
from extraction.mapping.kinds import read_kind
from extraction.mapping.labelled import is_label
from extraction.mapping.labels import Hit
from extraction.mapping.layout import Cell
from extraction.mapping.quality import find_quality
from extraction.mapping.reading import Reading
from extraction.mapping.values import Reason
from extraction.recognized import Recognized

POORLY_READ = 0.6  # a line under this is more guessed than read
_NAMED = 0.5  # a candidate that a label, and not only its form, puts forward
_MOST_LABELS = 20


def why_refused(reading: Reading, key: str, kind: str | None, refused: Iterable[Candidate]) -> Reason | None:
    """None where no label promises a value.

    `refused`: candidates that did not fit the schema; `key`: the concept whose label may stand alone; `kind`: what
    its value would be read as, None where one of a choice is asked for. What reads well is somebody else's.
    """
    named = [one.recognition for one in refused if one.label >= _NAMED]
    return why_not_of_these(named or list(_beside_labels(reading, key, kind)))


def why_nowhere(recognized: Recognized) -> Reason:
    """For what no label points to: it may stand where nothing could be read."""
    quality = find_quality(recognized)
    poor = quality is not None and quality.grade == "poor"
    return "unreadable" if poor or recognized.failed_pages else "not_found"


def why_not_of_these(confidences: list[float]) -> Reason | None:
    """For text that is no value, read with these confidences; None where nothing stands."""
    if not confidences:
        return None
    return "invalid" if max(confidences) >= POORLY_READ else "unreadable"


def _beside_labels(reading: Reading, key: str, kind: str | None) -> Iterator[float]:
    """How well the text was read that stands where a label promises a value, and is none."""
    for cell, hit in reading.labelled(key)[:_MOST_LABELS]:
        for value, start in _promised(reading, cell, hit):
            text = value.text[start:]
            if any(map(str.isalnum, text)) and not (kind and read_kind(kind, reading, text)):
                yield value.line.confidence


def _promised(reading: Reading, cell: Cell, hit: Hit) -> Iterator[tuple[Cell, int]]:
    """The cell of the value, and where in it: behind the label's colon, else the next of the row."""
    tail = cell.text[hit.end :]
    if any(map(str.isalnum, tail)):
        if tail.lstrip()[:1] in (":", "：", "="):
            yield cell, hit.end
    elif is_label(reading, cell):
        yield from ((other, 0) for other in reading.sheet.right_of(cell)[:1] if not is_label(reading, other))
