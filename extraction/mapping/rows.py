"""Arrays of the answer: entries of a table or of a till slip as objects, or all values of a kind as a list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from extraction.mapping.absence import why_not_of_these
from extraction.mapping.confidence import confidence
from extraction.mapping.entries import USUAL_COLUMNS, Found, find_entries
from extraction.mapping.evidence import Candidate
from extraction.mapping.kinds import SELF_EVIDENT, Read, read_kind
from extraction.mapping.labelled import labelled_values
from extraction.mapping.leaves import Paper, find_leaf
from extraction.mapping.listed import listed_under
from extraction.mapping.meaning import Meaning, list_concept
from extraction.mapping.pieces import Piece
from extraction.mapping.reading import Reading
from extraction.mapping.schema_walk import Want
from extraction.mapping.shape import shape
from extraction.mapping.speech import Talk, spoken_values
from extraction.mapping.sum_rows import ROLES, sum_entries
from extraction.mapping.table_header import Header
from extraction.mapping.table_rows import Entry
from extraction.mapping.values import Field, Reason, escaped

Rows = list[tuple[Any, list[Field]]]
_NUMBER_KINDS = frozenset({"money", "number", "percent"})


def find_rows(paper: Paper | Talk, want: Want, meanings: dict[int, Meaning], pointer: str) -> Rows:
    item = want.items
    if item is None:
        return []
    if isinstance(paper, Talk):
        return spoken_values(paper, item, meanings[id(item)], pointer)[: _most(want)] if item.shape == "leaf" else []
    if item.shape == "object":
        return _objects(paper, item, meanings, pointer)[: _most(want)]
    if item.shape == "leaf":
        return _values(paper, item, meanings[id(item)], pointer)[: _most(want)]
    return []


def _most(want: Want) -> int:
    limit = want.schema.get("maxItems")
    return limit if isinstance(limit, int) and limit >= 0 else 500


def _objects(paper: Paper, item: Want, meanings: dict[int, Meaning], pointer: str) -> Rows:
    wants = {name: (child, meanings[id(child)]) for name, child in item.children.items() if child.shape == "leaf"}
    rows: Rows = []
    for entry, columns in _goods(paper, item, {meaning.key for _, meaning in wants.values()}):
        values, fields = {}, []
        for name, (child, meaning) in wants.items():
            found = _cell_value(paper.reading, entry, columns, child, meaning)
            place = f"{pointer}/{len(rows)}/{escaped(name)}"
            field = _field(place, found) if found else Field(place, None, 0.0, reason=_why(paper, entry, meaning.key))
            fields.append(field)
            if field.value is not None or child.nullable:
                values[name] = field.value
        if _says_something(values):
            rows.append((values, fields))
    return rows


def _goods(paper: Paper, item: Want, keys: set[str]) -> Found:
    """Entries by the columns asked for; by the usual ones where a list of goods asks for too few to know a table."""
    concept = list_concept(item)
    if concept in ROLES:
        return [(entry, None) for entry in sum_entries(paper.reading, paper.books.sums, str(concept))]
    found = find_entries(paper.reading, keys, till=concept in ("line_items", None))
    if found or not keys & USUAL_COLUMNS or concept not in ("line_items", None):
        return found
    return paper.entries


def _says_something(values: dict[str, Any]) -> bool:
    """A lone number is a sum that strayed into the table, unless numbers are all that was asked for."""
    filled = [value for value in values.values() if value is not None]
    return len(filled) > 1 or (len(filled) == 1 and (len(values) == 1 or isinstance(filled[0], str)))


def _cell_value(
    reading: Reading, entry: Entry, header: Header | None, want: Want, meaning: Meaning
) -> Candidate | None:
    if meaning.concept == "description" or meaning.kind == "text":
        candidate = _text(entry, header, meaning.key)
        value = shape(want, Read(candidate.value, 0, 0, 1.0, candidate.value)) if candidate else None
        return replace(candidate, value=value) if candidate and value is not None else None
    for piece in entry.pieces.get(meaning.key, []):
        reads = read_kind(meaning.kind, reading, piece.text)
        for read in reversed(reads) if meaning.concept == "line_total" else reads:
            value = shape(want, read)
            if value is not None and not (meaning.kind == "money" and _is_percent(piece.text, read)):
                return _candidate([piece], value, read.validity)
    return None


def _is_percent(text: str, read: Read) -> bool:
    return text[read.end :].lstrip().startswith("%")


def _text(entry: Entry, header: Header | None, key: str) -> Candidate | None:
    """The wording of an entry: its line in the column, and those that were broken off it for want of room."""
    pieces = [
        piece for piece in entry.pieces.get(key, []) if any(char.isalnum() or char in "%)" for char in piece.text)
    ]
    column = header.column(key) if header else None
    skip = column.line_of(key) if column else 0
    worded = [i for i, piece in enumerate(pieces) if any(char.isalpha() for char in piece.text)]
    lower = [i for i in worded if pieces[i].cell.row - entry.row >= skip]
    if not worded:
        return None
    pieces = pieces[(lower or worded)[0] :]
    run = _run(pieces)
    kept, room = run[:1], max(piece.box[2] - piece.box[0] for piece in run)
    for piece in run[1:]:
        if not _broken_off(kept[-1], piece, room):
            break
        kept.append(piece)
    return _candidate(kept, " ".join(piece.text for piece in kept), 0.95)


def _run(pieces: list[Piece]) -> list[Piece]:
    """The lines that stand tightly together, up to the first that is a remark of its own ("Colour: red")."""
    run = pieces[:1]
    for piece in pieces[1:]:
        above = run[-1]
        loose = piece.box[1] - above.box[3] > 0.6 * (above.box[3] - above.box[1])
        moved = abs(piece.box[0] - above.box[0]) > 0.02 and piece.cell.row != above.cell.row
        if ":" in piece.text or ":" in above.text or loose or moved:
            break
        run.append(piece)
    return run


def _broken_off(above: Piece, below: Piece, room: float) -> bool:
    """The next line goes on with this one if its first word would not have fitted behind it."""
    if below.cell.row == above.cell.row:
        return True
    first = below.text.split()[0]
    width = (below.box[2] - below.box[0]) * (len(first) + 1) / max(len(below.text), 1)
    return (above.box[2] - above.box[0]) + width > room * 1.02


def _candidate(pieces: list[Piece], value: Any, validity: float) -> Candidate:
    recognition = sum(piece.cell.line.confidence for piece in pieces) / len(pieces)
    return Candidate(value, tuple(piece.citation() for piece in pieces), recognition, 0.9, validity)


def _field(pointer: str, found: Candidate) -> Field:
    return Field(pointer, found.value, confidence(found), found.citations)


def _why(paper: Paper, entry: Entry, key: str) -> Reason:
    standing = [piece.cell.line.confidence for piece in entry.pieces.get(key, []) if any(map(str.isalnum, piece.text))]
    return why_not_of_these(standing) or paper.nowhere


def _values(paper: Paper, item: Want, meaning: Meaning, pointer: str) -> Rows:
    """A list of plain values: all that stand beside the label, or all of a kind that tells itself; goods by name."""
    reading = paper.reading
    if list_concept(item) in ("line_items", "description") and "string" in (item.types or {"string"}):
        return _wordings(paper, item, pointer)
    if meaning.kind in ("text", "actions") and (listed := listed_under(reading, meaning.key)):
        return _plain(item, [(one, Read(one.value, 0, 0, 1.0, one.value)) for one in listed], pointer)
    found = [(one, read) for one, read, _ in labelled_values(reading, meaning.key, meaning.kind)]
    if not found and meaning.kind in SELF_EVIDENT:
        single = find_leaf(paper, item, meaning, pointer)
        found = []
        if single.value is not None:
            return [(single.value, [replace(single, pointer=f"{pointer}/0")])]
    return _plain(item, found, pointer)


def _plain(item: Want, found: list[tuple[Candidate, Read]], pointer: str) -> Rows:
    rows: Rows = []
    seen = set()
    for one, read in found:
        value = shape(item, read)
        if value is not None and value not in seen:
            seen.add(value)
            rows.append((value, [_field(f"{pointer}/{len(rows)}", replace(one, value=value))]))
    return rows


def _wordings(paper: Paper, item: Want, pointer: str) -> Rows:
    rows: Rows = []
    for entry, header in paper.entries:
        found = _text(entry, header, "description")
        value = shape(item, Read(found.value, 0, 0, 1.0, found.value)) if found else None
        if found and value is not None:
            rows.append((value, [_field(f"{pointer}/{len(rows)}", replace(found, value=value))]))
    return rows
