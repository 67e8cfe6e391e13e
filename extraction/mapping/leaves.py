"""One leaf of the answer from one paper: candidates by what the leaf means, sifted by its schema, the best kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from extraction.mapping.absence import why_nowhere, why_refused
from extraction.mapping.address_parts import PARTS
from extraction.mapping.confidence import confidence, margin, score
from extraction.mapping.entries import USUAL_COLUMNS, find_entries
from extraction.mapping.enumerations import choose, yes_or_no
from extraction.mapping.evidence import Candidate, Citation, cite
from extraction.mapping.kinds import SELF_EVIDENT, Read, read_kind
from extraction.mapping.labelled import labelled_values, places
from extraction.mapping.layout import Cell
from extraction.mapping.machine_zone import CONCEPTS_OF, find_in_zone
from extraction.mapping.meaning import Meaning
from extraction.mapping.moments import is_clock, with_times
from extraction.mapping.parties import Parties
from extraction.mapping.paying import find_headings, find_means
from extraction.mapping.people import find_jobs, find_people
from extraction.mapping.rates import find_rates
from extraction.mapping.reading import Reading
from extraction.mapping.schema_walk import Want
from extraction.mapping.shape import allowed, find_by_pattern, invented, shape
from extraction.mapping.synonyms import CONCEPTS
from extraction.mapping.table_header import Header
from extraction.mapping.table_rows import Entry
from extraction.mapping.totals import Books, find_sums
from extraction.mapping.values import Field, Reason

Found = tuple[Candidate, Read]
_MAX_CELLS = 4_000  # cells searched for values that need no label


@dataclass
class Paper:
    """A reading and what is worked out from it once for all leaves."""

    reading: Reading

    @cached_property
    def parties(self) -> Parties:
        return Parties(self.reading)

    @cached_property
    def books(self) -> Books:
        return Books(find_sums(self.reading))

    @cached_property
    def other_dates(self) -> set[Citation]:
        """Where dates stand that a label of their own explains: a birthday, the end of validity."""
        labelled = (labelled_values(self.reading, concept, "date") for concept in ("birth_date", "expiry_date"))
        return {citation for found in labelled for one, _, _ in found for citation in one.citations}

    @cached_property
    def nowhere(self) -> Reason:
        return why_nowhere(self.reading.recognized)

    @cached_property
    def entries(self) -> list[tuple[Entry, Header | None]]:
        return find_entries(self.reading, set(USUAL_COLUMNS))


def find_leaf(paper: Paper, want: Want, meaning: Meaning, pointer: str) -> Field:
    """The field for a leaf; a value of None says why."""
    found = _candidates(paper, want, meaning)
    fitting = _fitting(want, found)
    if not fitting and "pattern" in want.schema:
        fitting = _fitting(want, _by_pattern(paper, want))
    return pick(pointer, fitting) if fitting else Field(pointer, None, 0.0, reason=_why(paper, want, meaning, found))


def _why(paper: Paper, want: Want, meaning: Meaning, found: list[Found]) -> Reason:
    chosen = "enum" in want.schema or "const" in want.schema or want.types == {"boolean"}
    refused = [one for one, _ in found]
    return why_refused(paper.reading, meaning.key, None if chosen else meaning.kind, refused) or paper.nowhere


def _fitting(want: Want, found: list[Found]) -> list[Candidate]:
    fitting = []
    for one, read in found:
        value = _fit(want, read)
        if value is not None:
            unsure = 0.7 if invented(want, read) else 1.0
            fitting.append(replace(one, value=value, validity=one.validity * unsure))
    return fitting


def pick(pointer: str, candidates: list[Candidate]) -> Field:
    best = max(candidates, key=score)
    best = replace(best, margin=margin(best, candidates))
    return Field(pointer, best.value, confidence(best), best.citations)


def _fit(want: Want, read: Read) -> Any:
    if "enum" in want.schema or "const" in want.schema or isinstance(read.value, bool):
        return read.value
    value = shape(want, read)
    if value is None and _is_share(want, read):
        return shape(want, replace(read, value=read.value / 100))
    return value


def _is_share(want: Want, read: Read) -> bool:
    """A schema that lets a number be 1 at most asks for a share: "19 %" is 0.19."""
    most = want.schema.get("maximum")
    return isinstance(read.value, Decimal) and isinstance(most, int | float) and most <= 1


def _candidates(paper: Paper, want: Want, meaning: Meaning) -> list[Found]:
    if "const" in want.schema:
        return _members(paper, want, meaning, [want.schema["const"]])
    if isinstance(want.schema.get("enum"), list):
        return _members(paper, want, meaning, want.schema["enum"])
    if want.types == {"boolean"}:
        return _booleans(paper, meaning)
    return _by_meaning(paper, meaning)


def _by_meaning(paper: Paper, meaning: Meaning) -> list[Found]:
    concept, reading = meaning.concept, paper.reading
    if concept in ("company", "merchant") or (meaning.kind == "party" and meaning.party):
        return _texts(paper.parties.names(meaning.party))
    if concept == "address":
        return _texts(paper.parties.addresses(meaning.party))
    if concept in _SUMS:
        return [(one, _amount_read(one)) for one in paper.books.candidates(concept)]
    if concept == "currency":
        return _currency(paper)
    if meaning.kind == "datetime":
        return list(with_times(_by_meaning(paper, _DATE), _times(paper)))
    if concept in ("tax_rate", "discount_rate"):
        found = list(find_rates(reading, concept))
        return found or [pair[:2] for pair in labelled_values(reading, concept, "percent") if pair[1].validity == 1]
    if concept == "item_count":
        return _item_count(paper)
    if concept in PARTS:
        parts = _texts(paper.parties.address_parts(meaning.party, concept))
        return parts + ([] if meaning.party else [pair[:2] for pair in labelled_values(reading, concept, meaning.kind)])
    if meaning.party and concept:
        inside = paper.parties.attributes(meaning.party, concept, meaning.kind)
        if inside or meaning.party != "seller":
            return inside
    found = [(one, read) for one, read, _ in labelled_values(reading, meaning.key, meaning.kind)]
    if not found and concept in CONCEPTS_OF:
        found = list(find_in_zone(reading, str(concept)))
    if not found and concept in _BY_WORDING:
        return _texts(list(_BY_WORDING[concept](reading)))
    return found + list(_unlabelled(paper, meaning, bool(found)))


_DATE = Meaning("issue_date", "date", None, "issue_date")
_TIME = Meaning("time", "time", None, "time")


def _times(paper: Paper) -> list[Found]:
    found = _by_meaning(paper, _TIME) + list(_anywhere(paper.reading, "time", 0.3))
    return [pair for pair in found if is_clock(pair[1])]


def _item_count(paper: Paper) -> list[Found]:
    """The count the paper prints; else how many entries were read, which is less sure."""
    printed = [(one, _amount_read(one)) for one in paper.books.candidates("count")]
    printed += [pair[:2] for pair in labelled_values(paper.reading, "item_count", "number")]
    whole = [(one, read) for one, read in printed if read.value == int(read.value) and 0 < read.value < 1000]
    if whole or not paper.entries:
        return whole
    firsts = [piece for entry, _ in paper.entries for piece in entry.wording()[:1]]
    citations = tuple(piece.citation() for piece in firsts)
    count = Decimal(len(paper.entries))
    return [(Candidate(count, citations, 0.95, 0.35), Read(count, 0, 0, 1.0, str(count)))]


_SUMS = frozenset(name for name, concept in CONCEPTS.items() if concept.kind == "money") - {
    "unit_price", "line_total", "line_tax", "line_discount",
}  # fmt: skip


_BY_WORDING = {
    "person": find_people, "job_title": find_jobs, "payment_method": find_means, "document_type": find_headings,
}  # fmt: skip


def _texts(candidates: list[Candidate]) -> list[Found]:
    return [(one, Read(one.value, 0, 0, 1.0, str(one.value))) for one in candidates]


def _amount_read(one: Candidate) -> Read:
    return Read(one.value.value, 0, 0, 1.0, one.value.text)


def _currency(paper: Paper) -> list[Found]:
    reading = paper.reading
    found = [(one, read) for one, read, _ in labelled_values(reading, "currency", "currency")]
    for cell in reading.sheet.cells[:_MAX_CELLS]:
        for read in read_kind("currency", reading, cell.text):
            # The currency the paper uses most; what stands by the sums outranks the rest.
            label = 0.8 if read.value == reading.currency else 0.4
            found.append((_whole(cell, read, label), read))
            if label > 0.5:
                return found
    return found


def _whole(cell: Cell, read: Read, label: float) -> Candidate:
    citation = cite(cell.page, cell.line, read.start, read.end)
    return Candidate(read.value, (citation,), cell.line.confidence, label, read.validity)


def _unlabelled(paper: Paper, meaning: Meaning, labelled: bool) -> Iterator[Found]:
    """Values whose form tells what they are, where no label does: an e-mail address, the paper's own date."""
    if meaning.kind in SELF_EVIDENT and (meaning.kind != "phone" or not labelled) and meaning.concept != "fax":
        yield from _anywhere(paper.reading, meaning.kind, 0.7)
    elif meaning.concept == "issue_date":
        others = paper.other_dates
        yield from (pair for pair in _anywhere(paper.reading, "date", 0.45) if pair[0].citations[0] not in others)
    elif meaning.concept == "time" and not labelled:
        yield from _anywhere(paper.reading, "time", 0.6)
    elif meaning.concept == "vat_id" and not labelled:
        yield from ((one, read) for one, read in _anywhere(paper.reading, "vat", 0.5) if read.validity == 1)


def _anywhere(reading: Reading, kind: str, strength: float) -> Iterator[Found]:
    """Every value of a kind, those nearer the top before the others."""
    cells = reading.sheet.cells[:_MAX_CELLS]
    for rank, cell in enumerate(cells):
        claimed = {concept for hit in reading.hits(cell) for concept in hit.concepts}
        foreign = kind == "date" and any(_other_date(concept) for concept in claimed)
        for read in read_kind(kind, reading, cell.text)[:2]:
            label = strength * (0.6 if foreign else 1.0) * (1 - 0.2 * rank / max(len(cells), 1))
            yield _whole(cell, read, label), read


def _other_date(concept: str) -> bool:
    return concept != "issue_date" and concept in CONCEPTS and CONCEPTS[concept].kind == "date"


def _by_pattern(paper: Paper, want: Want) -> list[Found]:
    """No label, but the caller's pattern describes the value: whatever on the paper has that form."""
    found = []
    for cell in paper.reading.sheet.cells[:300]:
        if span := find_by_pattern(want.schema["pattern"], cell.line.text):
            read = Read(cell.line.text[slice(*span)], *span, 0.9, cell.line.text[slice(*span)])
            found.append((_whole(cell, read, 0.45), read))
    return found


def _members(paper: Paper, want: Want, meaning: Meaning, members: list[Any]) -> list[Found]:
    reading = paper.reading
    if all(member is None or isinstance(member, bool) for member in members):
        return _booleans(paper, meaning)
    if meaning.concept == "currency":
        return [found for found in _currency(paper) if found[1].value in members]
    beside = [
        (p.cell, p.strength)
        for cell, hit in reading.labelled(meaning.key)[:20]
        for p in places(reading, cell, hit, "text")
    ]
    everywhere = [
        (cell, 0.6 - 0.1 * i / max(len(reading.sheet.cells), 1))
        for i, cell in enumerate(reading.sheet.cells[:_MAX_CELLS])
    ]
    chosen = choose(reading, members, beside) or choose(reading, members, everywhere)
    return [(one, Read(one.value, 0, 0)) for one in chosen]


def _booleans(paper: Paper, meaning: Meaning) -> list[Found]:
    """Only a written yes or no beside the property's own label; silence is not "no"."""
    found = []
    for cell, hit in paper.reading.labelled(meaning.key)[:20]:
        for place in places(paper.reading, cell, hit, "text"):
            answer = yes_or_no(place.cell.text[place.start : place.end])
            if answer is not None:
                read = Read(answer, 0, place.end - place.start)
                found.append((_whole(place.cell, Read(answer, place.start, place.end), place.strength), read))
                break
    return found


__all__ = ["Paper", "allowed", "find_leaf", "pick"]
