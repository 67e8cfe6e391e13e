"""Names and addresses of the parties of a paper: from headed blocks first, from the letterhead otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from extraction.mapping.address_parts import part_candidates
from extraction.mapping.evidence import Candidate, cite
from extraction.mapping.kinds import Read, read_kind
from extraction.mapping.labelled import labelled_values
from extraction.mapping.layout import Cell
from extraction.mapping.letterhead import Letterhead, find_letterhead
from extraction.mapping.lines import address_likeness, kind_of_line
from extraction.mapping.party_blocks import Block, Entry, find_blocks, loose_blocks
from extraction.mapping.party_words import SALUTATION, bare_company, has_legal_form
from extraction.mapping.reading import Reading

Lines = tuple[Candidate, list[Cell], int]  # an address, the lines it stands on, and where it begins in the first
_NAME_LABELS = frozenset({"person", "company", "merchant"})


@dataclass
class Parties:
    reading: Reading
    _names: dict[str, list[Candidate]] = field(default_factory=dict)

    @cached_property
    def blocks(self) -> list[Block]:
        return find_blocks(self.reading)

    @cached_property
    def letterhead(self) -> Letterhead | None:
        return find_letterhead(self.reading) if self.reading.sheet.rows else None

    def names(self, party: str | None) -> list[Candidate]:
        """Candidates for the name of a party; without one, whoever issued the paper."""
        wanted = party or "seller"
        found = [one for block in self._of(wanted) if (one := self._block_name(block))]
        if wanted == "seller":
            found += self._issuer_names()
        if wanted == "buyer" and not found:
            found += [self._joined(self._name_cells(block), 0.45, name=True) for block in self._windows()]
        return sorted(found, key=lambda one: -one.label)

    def addresses(self, party: str | None) -> list[Candidate]:
        return [one for one, _, _ in self._addresses(party)]

    def address_parts(self, party: str | None, concept: str) -> list[Candidate]:
        """The town, the postcode ... of a party's address."""
        return [part for one in self._addresses(party) for part in part_candidates(*one, concept)]

    def _addresses(self, party: str | None) -> list[Lines]:
        wanted = party or "seller"
        found = [one for block in self._of(wanted) if (one := self._block_address(block))]
        found += self._labelled_addresses(wanted) if party is None or not found else []
        if wanted == "seller" and self.letterhead and self.letterhead.address:
            found.append(self._lines(self.letterhead.address, 0.9 if party is None else 0.7))
        if wanted == "buyer" and not found:
            for block in self._windows():
                rest = block[len(self._name_cells(block)) :]
                found += [self._lines(rest, 0.45)] if rest else []
        return sorted(found, key=lambda one: -one[0].label)

    def _lines(self, cells: list[Cell], strength: float, start: int = 0) -> Lines:
        return self._joined(cells, strength, start=start), cells, start

    def attributes(self, party: str, concept: str, kind: str) -> list[tuple[Candidate, Read]]:
        """Values of one kind inside a party's block: its tax number, its telephone."""
        found = []
        for block in self._of(party):
            for entry in block.entries:
                if entry.labels and concept not in entry.labels:
                    continue
                text = entry.cell.text[entry.start :]
                if not entry.labels and kind not in ("email", "url", "phone", "vat"):
                    continue
                for read in read_kind(kind, self.reading, text)[:1]:
                    strength = 0.98 if entry.labels else 0.75
                    if kind == "vat" and not entry.labels and read.validity < 1:
                        continue
                    found.append((self._part(entry, read, strength), read))
        return found

    def _of(self, party: str) -> list[Block]:
        return [block for block in self.blocks if block.party == party]

    def _part(self, entry: Entry, read: Read, strength: float) -> Candidate:
        start, end = entry.start + read.start, entry.start + read.end
        citation = cite(entry.cell.page, entry.cell.line, start, end)
        return Candidate(read.value, (citation,), entry.cell.line.confidence, strength, read.validity)

    def _block_name(self, block: Block) -> Candidate | None:
        for entry in block.entries:
            if entry.labels & _NAME_LABELS:
                cells = [entry.cell] if entry.start else [*self._hanging(entry.cell), entry.cell]
                return self._joined(cells, 0.98, start=entry.start, name=True)
        lines = self._free_lines(block)
        kept = self._name_lines(lines)
        if not kept:
            return None
        return self._joined([entry.cell for entry in kept], 0.95, start=kept[0].start, name=True)

    def _hanging(self, cell: Cell) -> list[Cell]:
        """The line right above a value whose label stands beside the middle of two lines."""
        if not cell.row:
            return []
        row, height = self.reading.sheet.rows[cell.row - 1], cell.height
        above = row.cells[0]
        flush = len(row.cells) == 1 and abs(above.box[0] - cell.box[0]) < 0.01 and above.page is cell.page
        return [above] if flush and cell.box[1] - above.box[3] < 0.5 * height else []

    def _free_lines(self, block: Block) -> list[Entry]:
        """Unlabelled lines from the first that could be a name on."""
        free = [entry for entry in block.entries if not entry.labels]
        for index, entry in enumerate(free):
            kind = kind_of_line(self.reading, entry.cell) if not entry.start else "name"
            digits = sum(char.isdigit() for char in entry.cell.text[entry.start :])
            if (kind == "name" and digits < 6) or has_legal_form(entry.cell.text) or self._bare_name(kind, entry):
                return free[index:]
        return []

    def _bare_name(self, kind: str, entry: Entry) -> bool:
        text = entry.cell.text
        return kind == "address" and not any(char.isdigit() for char in text) and address_likeness(text) < 0.7

    def _name_lines(self, lines: list[Entry]) -> list[Entry]:
        """One line; two where the first only greets, or the legal form comes on the second."""
        if len(lines) < 2:
            return lines
        first, second = lines[0].cell.text, lines[1].cell.text
        plain = kind_of_line(self.reading, lines[1].cell) == "name"
        if SALUTATION.match(first) and plain:
            return lines[:2]
        if plain and has_legal_form(second) and not has_legal_form(first) and second[:1].isalpha():
            return lines[:2]
        return lines[:1]

    def _block_address(self, block: Block) -> Lines | None:
        labelled = next((i for i, entry in enumerate(block.entries) if "address" in entry.labels), None)
        if labelled is not None:
            cells = [block.entries[labelled].cell]
            for entry in block.entries[labelled + 1 :]:
                if entry.labels or kind_of_line(self.reading, entry.cell) not in ("address", "name", "number"):
                    break
                cells.append(entry.cell)
            return self._lines(cells, 0.95, block.entries[labelled].start)
        lines = self._free_lines(block)
        rest = lines[len(self._name_lines(lines)) :]
        cells = self._address_cells(rest)
        return self._lines(cells, 0.9) if cells else None

    def _address_cells(self, entries: list[Entry]) -> list[Cell]:
        cells: list[Cell] = []
        for entry in entries:
            kind = kind_of_line(self.reading, entry.cell)
            if cells and entry.cell.box[1] - cells[-1].box[3] > 1.2 * entry.cell.height:
                break
            house = kind == "name" and any(char.isdigit() for char in entry.cell.text)
            if kind == "address" or (kind == "name" and (cells or house)):
                cells.append(entry.cell)
            elif cells:
                break
        while cells and kind_of_line(self.reading, cells[-1]) == "name" and len(cells) > 4:
            cells.pop()
        return cells

    def _labelled_addresses(self, party: str) -> list[Lines]:
        if party != "seller":
            return []
        found = labelled_values(self.reading, "address", "address")
        return [
            (one, [cell], max(cell.line.text.find(one.citations[0].text), 0))
            for one, read, cell in found
            if address_likeness(str(read.value)) >= 0.4
        ]

    def _issuer_names(self) -> list[Candidate]:
        found = [one for one, _, _ in labelled_values(self.reading, "merchant", "party")]
        head = self.letterhead
        if head:
            found.append(self._joined(head.name, head.strength * 0.9, name=True))
        for one, _, _ in labelled_values(self.reading, "account_holder", "party"):
            name = str(one.value).lower()
            twice = sum(name in cell.text.lower() for cell in self.reading.sheet.cells) > 1
            found.append(replace(one, label=max(one.label, 0.85) if twice else one.label, validity=0.9))
        return [self._weigh(one) for one in found]

    def _weigh(self, one: Candidate) -> Candidate:
        """A name with a legal form is a company beyond doubt; the letterhead of a letter may be its reader's."""
        if has_legal_form(str(one.value)):
            return one
        buyers = {str(name.value) for block in self._of("buyer") if (name := self._block_name(block))}
        weight = 0.3 if str(one.value) in buyers else 0.92
        return Candidate(one.value, one.citations, one.recognition, one.label * weight, one.validity)

    def _windows(self) -> list[list[Cell]]:
        taken = [entry.cell for block in self.blocks for entry in block.entries]
        if self.letterhead and self._issued_by_letterhead():
            taken += self.letterhead.name + self.letterhead.address
        return loose_blocks(self.reading, taken)

    def _issued_by_letterhead(self) -> bool:
        """Whether the name at the top is the seller's; it may be the reader's, in the window of the envelope."""
        best = next(iter(self.names("seller")), None)
        head = self.letterhead
        return best is None or head is None or best.citations[0].text in head.name[0].line.text

    def _name_cells(self, block: list[Cell]) -> list[Cell]:
        return [entry.cell for entry in self._name_lines([Entry(cell) for cell in block])]

    def _joined(self, cells: list[Cell], strength: float, *, start: int = 0, name: bool = False) -> Candidate:
        """Several lines as one value, each with its own citation."""
        texts, citations = [], []
        for index, cell in enumerate(cells):
            begin, end = (start if index == 0 else 0), len(cell.line.text)
            if name:
                first, end = bare_company(cell.line.text)
                begin = max(begin, first)
            text = cell.line.text[begin:end].strip().rstrip(",;")
            texts.append(text)
            citations.append(cite(cell.page, cell.line, begin, end))
        glue = " " if name else ", "
        recognition = sum(cell.line.confidence for cell in cells) / len(cells)
        return Candidate(glue.join(texts), tuple(citations), recognition, strength)
