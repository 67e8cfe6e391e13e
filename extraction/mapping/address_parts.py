"""An address taken apart: street, house number, city, state, postcode, country, each where it stands.

Forms: "Austin, TX 78701", "London SW1A 1AA", "69117 Heidelberg", "75002 Paris", "Sydney NSW 2000", "Klang 41200".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.mapping.evidence import Candidate
from extraction.mapping.layout import Cell
from extraction.mapping.party_words import COUNTRIES, STREET
from extraction.mapping.pieces import Piece
from extraction.mapping.words import fold, words

PARTS = frozenset({"street", "house_number", "postcode", "city", "state", "country"})
_REGION = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|"
    "RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR|AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|NSW|VIC|QLD|TAS|SA|ACT"
)
_REGION_CODE = re.compile(
    rf"(?<![\w-])(?P<state>{_REGION})[,.]?\s+(?P<code>\d{{5}}(?:-\d{{4}})?|\d{{4}}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)(?!\w)"
)
_BARE_REGION = re.compile(rf"(?<![\w-])(?P<state>{_REGION})\s*$")
_REGION_NAMES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|"
    "idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|"
    "minnesota|mississippi|missouri|montana|nebraska|nevada|ohio|oklahoma|oregon|pennsylvania|tennessee|"
    "texas|utah|vermont|virginia|washington|wisconsin|wyoming|ontario|quebec|manitoba|alberta|"
    "saskatchewan|victoria|queensland|tasmania|selangor|johor|perak|penang|melaka|kedah|sabah|sarawak|"
    "pahang|kelantan|terengganu|perlis|bayern|hessen|sachsen|new york|new jersey|new mexico|"
    "new hampshire|north carolina|south carolina|new south wales"
)
_REGIONS = frozenset(_REGION_NAMES.split("|"))
# In the order of how little else they can be; the last takes any group of digits.
_CODES = [
    re.compile(r"(?<!\w)(?P<code>[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})(?!\w)"),
    re.compile(r"(?<!\w)(?P<code>[A-Z]\d[A-Z]\s?\d[A-Z]\d)(?!\w)"),
    re.compile(r"(?P<code>(?<=〒)\s?\d{3}-?\d{4})(?!\d)"),
    re.compile(r"(?<![\w-])(?P<code>\d{4}\s?[A-Z]{2})(?=\s+[A-Z][A-Za-z'’-]{2})"),
    re.compile(
        r"(?<![\w.,/-])(?:[A-Z]{1,2}[-\s])?(?P<code>\d{2}-\d{3}|\d{3}\s\d{2}(?=\s+\D)|\d{5}-\d{3,4}|\d{4,6})(?![\w/-])"
    ),
]
_HOUSE = re.compile(
    r"^\W*(\d{1,5}\s?[A-Za-z]?(?:\s?[-/]\s?\d{1,4}[A-Za-z]?)?)(?=[\s,])|\s(\d{1,4}\s?[a-zA-Z]?(?:[-/]\d{1,4})?)$"
)
_CEDEX = re.compile(r"\s+cedex\b.*$", re.I)
_IN_BRACKETS = re.compile(r"\s*\((?P<state>[A-Z]{2})\)\s*$")  # "20121 Milano (MI)"


Parts = dict[str, list[Piece]]


def split_address(cells: list[Cell], start: int = 0) -> Parts:
    """`start`: where the address begins in the first cell, behind its label."""
    pieces = _pieces(cells, start)
    parts: Parts = {}
    pieces = _without_country(pieces, parts)
    index = _take_code(pieces, parts)
    if index is None:
        index = _take_last_town(pieces, parts)
    street = pieces[:index]
    while len(street) > 1 and not _street_like(street[-1].printed):
        street.pop()
    if street and index:
        parts["street"] = street
        _take_house(street, parts)
    return parts


def part_candidates(address: Candidate, cells: list[Cell], start: int, concept: str) -> Iterator[Candidate]:
    found = split_address(cells, start).get(concept)
    if found:
        citations = tuple(piece.citation() for piece in found)
        value = ", ".join(piece.printed.strip() for piece in found)
        value = value if concept == "street" else value.rstrip(".")
        yield Candidate(value, citations, address.recognition, address.label * 0.95)


def _pieces(cells: list[Cell], start: int) -> list[Piece]:
    pieces = []
    for index, cell in enumerate(cells):
        at = start if index == 0 else 0
        for match in re.finditer(r"[^,;|·•]+", cell.line.text[at:]):
            piece = Piece(cell, at + match.start(), at + match.end()).part(0, match.end() - match.start())
            if any(char.isalnum() for char in piece.printed):
                pieces.append(piece)
    return pieces


def _without_country(pieces: list[Piece], parts: Parts) -> list[Piece]:
    """The country at the end: a piece of its own, or the last words of one."""
    if not pieces:
        return pieces
    last = pieces[-1]
    said = last.printed.split()
    for size in (4, 3, 2, 1):
        tail = " ".join(words(" ".join(said[-size:]))) if len(said) >= size else ""
        if tail in COUNTRIES and (len(pieces) > 1 or len(said) > size):
            at = last.printed.rindex(said[-size])
            parts["country"] = [last.part(at, len(last.printed))]
            rest = last.part(0, at)
            return [*pieces[:-1], rest] if rest.printed else pieces[:-1]
    return pieces


def _take_code(pieces: list[Piece], parts: Parts) -> int | None:
    """Fill postcode, city and state; the number of the piece at which they begin."""
    for index in range(len(pieces) - 1, -1, -1):
        if match := _REGION_CODE.search(pieces[index].printed):
            if pieces[index].printed[match.end() :].strip():
                continue
            parts["postcode"] = [pieces[index].part(*match.span("code"))]
            parts["state"] = [pieces[index].part(*match.span("state"))]
            return _town_before(pieces, index, match.start(), parts)
    for pattern in _CODES:
        for index in range(len(pieces) - 1, -1, -1):
            match = _last(pattern, pieces[index].printed)
            if match and not _house_number(pieces, index, match):
                parts["postcode"] = [pieces[index].part(*match.span("code"))]
                return _town_around(pieces, index, match, parts)
    return None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(reversed(list(pattern.finditer(text)))), None)


def _house_number(pieces: list[Piece], index: int, match: re.Match[str]) -> bool:
    """ "10250 Main Street": digits that open a street are no postcode."""
    return (
        match.start() <= 1
        and bool(STREET.search(pieces[index].printed[match.end() :]))
        and index < max(len(pieces) - 1, 1)
    )


def _town_before(pieces: list[Piece], index: int, end: int, parts: Parts) -> int:
    town = pieces[index].part(0, end)
    if not town.printed and index:
        index -= 1
        town = pieces[index]
    if any(char.isalpha() for char in town.printed):
        return _settle_town(pieces, index, town, parts)
    return index


def _settle_town(pieces: list[Piece], index: int, town: Piece, parts: Parts) -> int:
    """ "12 Elm St Austin": what stands before the town in its own piece stays behind as street."""
    city = _behind_street(town)
    parts["city"] = [city]
    if city.start == town.start:
        return index
    pieces[index] = Piece(town.cell, town.start, town.end).part(0, city.start - town.start)
    return index + 1


def _behind_street(town: Piece) -> Piece:
    """ "500 Oak Ave Springfield" on one line without a comma: the town is what follows the street word."""
    found = list(STREET.finditer(town.printed)) if any(char.isdigit() for char in town.printed) else []
    if found and town.printed[found[-1].end() :].strip(" ."):
        return town.part(found[-1].end(), len(town.printed))
    return town


def _town_around(pieces: list[Piece], index: int, match: re.Match[str], parts: Parts) -> int:
    piece = pieces[index]
    after = piece.part(match.end(), len(piece.printed))
    if any(char.isalpha() for char in after.printed):
        return _town_after(pieces, index, match, after, parts)
    before = piece.part(0, match.start())
    if not _lettered(before.printed) and index + 1 < len(pieces) and _plain(pieces[index + 1].printed) and not index:
        before = pieces[index + 1]
    elif fold(before.printed).strip() in _REGIONS and index:
        parts["state"] = [before]
        before = piece.part(0, 0)
    if _lettered(before.printed):
        _take_region(pieces[index + 1 :], parts)
        return _settle_town(pieces, index, before, parts)
    if index and _plain(pieces[index - 1].printed):
        parts["city"] = [pieces[index - 1]]
        return index - 1
    return index


def _town_after(pieces: list[Piece], index: int, match: re.Match[str], after: Piece, parts: Parts) -> int:
    if bracket := _IN_BRACKETS.search(after.printed):
        parts["state"] = [after.part(*bracket.span("state"))]
        after = after.part(0, bracket.start())
    if cedex := _CEDEX.search(after.printed):
        after = after.part(0, cedex.start())
    parts["city"] = [after]
    _take_region(pieces[index + 1 :], parts)
    # "Hauptstr. 5 69117 Heidelberg": the street stands before the postcode on the same piece.
    before = pieces[index].part(0, match.start())
    if _street_like(before.printed):
        pieces[index] = before
        return index + 1
    return index


def _take_region(following: list[Piece], parts: Parts) -> None:
    if following and _plain(following[0].printed) and "state" not in parts:
        parts["state"] = [following[0]]


def _take_last_town(pieces: list[Piece], parts: Parts) -> int:
    """No postcode: the last piece of words alone is the town, or the state behind it."""
    if len(pieces) > 1 and (match := _BARE_REGION.search(pieces[-1].printed)):
        parts["state"] = [pieces[-1].part(*match.span("state"))]
        return _town_before(pieces, len(pieces) - 1, match.start(), parts)
    if len(pieces) > 1 and _plain(pieces[-1].printed) and not STREET.search(pieces[-1].printed):
        parts["city"] = [pieces[-1]]
        return len(pieces) - 1
    return len(pieces)


def _take_house(street: list[Piece], parts: Parts) -> None:
    for piece in street:
        if (match := _HOUSE.search(piece.printed)) and _street_like(piece.printed):
            parts["house_number"] = [piece.part(*match.span(1 if match[1] else 2))]
            return


def _street_like(text: str) -> bool:
    return any(char.isdigit() for char in text) or bool(STREET.search(text))


def _lettered(text: str) -> bool:
    return sum(char.isalpha() for char in text) >= 2


def _plain(text: str) -> bool:
    return _lettered(text) and not any(char.isdigit() for char in text) and len(text.split()) <= 4
