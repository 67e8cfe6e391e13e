"""Recognized text and a JSON Schema in, JSON out: no vendor, no network, no clock.

Walk the schema; for each leaf say what it means, find candidates on the paper (or in the
speech), keep the best that fits the schema. What nothing supports is null or left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extraction.mapping.calibration import calibrate
from extraction.mapping.labels import lexicon_with
from extraction.mapping.leaves import Paper, find_leaf
from extraction.mapping.meaning import Meaning, understand
from extraction.mapping.reading import read
from extraction.mapping.rows import find_rows
from extraction.mapping.schema_walk import Want, walk
from extraction.mapping.speech import Talk, find_spoken
from extraction.mapping.values import Field, Mapped, escaped
from extraction.recognized import Recognized

MAPPER = "embedded"
_NOTHING = object()  # left out of the answer, as None may be a value


def map_embedded(recognized: Recognized, schema: dict[str, Any], *, languages: Sequence[str] = ()) -> Mapped:
    mapped = map_uncalibrated(recognized, schema, languages=languages)
    return calibrate(mapped, recognized)


def map_uncalibrated(recognized: Recognized, schema: dict[str, Any], *, languages: Sequence[str] = ()) -> Mapped:
    """With the recipe's own figure as confidence: what a calibration is fitted on."""
    want = walk(schema)
    meanings = {id(leaf): understand(leaf, in_table=table) for leaf, table in _leaves(want, False)}
    source = _source(recognized, want, meanings, languages)
    fields: list[Field] = []
    data = _fill(source, want, "", meanings, fields)
    return Mapped(None if data is _NOTHING else data, tuple(fields), MAPPER)


def _source(recognized: Recognized, want: Want, meanings: dict[int, Meaning], languages: Sequence[str]) -> Paper | Talk:
    if recognized.segments:
        return Talk(recognized)
    own = {(label, meaning.key) for meaning in meanings.values() for label in meaning.own_labels}
    return Paper(read(recognized, lexicon_with(sorted(own)), languages))


def _leaves(want: Want, in_table: bool) -> list[tuple[Want, bool]]:
    if want.shape == "object":
        return [found for child in want.children.values() for found in _leaves(child, in_table)]
    if want.shape == "array" and want.items:
        return [(want, False), *_leaves(want.items, want.items.shape == "object")]
    return [(want, in_table)]


def _fill(source: Paper | Talk, want: Want, pointer: str, meanings: dict[int, Meaning], fields: list[Field]) -> Any:
    """The value for one want, its fields appended; `_NOTHING` where it is to be left out."""
    if want.shape == "object":
        return _fill_object(source, want, pointer, meanings, fields)
    if want.shape == "array":
        return _fill_array(source, want, pointer, meanings, fields)
    meaning = meanings[id(want)]
    if isinstance(source, Paper):
        found = find_leaf(source, want, meaning, pointer)
    else:
        found = find_spoken(source, want, meaning, pointer)
    fields.append(found)
    if found.value is None and not want.nullable:
        return _NOTHING
    return found.value


def _fill_object(
    source: Paper | Talk, want: Want, pointer: str, meanings: dict[int, Meaning], fields: list[Field]
) -> Any:
    data = {}
    for name, child in want.children.items():
        value = _fill(source, child, f"{pointer}/{escaped(name)}", meanings, fields)
        if value is not _NOTHING:
            data[name] = value
    return data


def _fill_array(
    source: Paper | Talk, want: Want, pointer: str, meanings: dict[int, Meaning], fields: list[Field]
) -> Any:
    rows = find_rows(source, want, meanings, pointer)
    if not rows:
        fields.append(Field(pointer, None, 0.0, reason=source.nowhere))
        return None if want.nullable else []
    data = []
    for values, row_fields in rows:
        fields += row_fields
        data.append(values)
    return data
