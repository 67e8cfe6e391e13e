"""The text layer of a PDF page: glyphs to words, words to lines, where a wide gap parts two table cells.

A layer that is missing, nearly empty or made of codes without meaning is not used: the page is looked at.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extraction.reading_order import in_reading_order
from extraction.recognized import Box, Line, Page, Word

MAX_GLYPHS = 100_000
MIN_GLYPHS = 8
MIN_MAPPED = 0.85
MIN_LETTERS = 3  # different ones: a font without a code table says the same letter again and again
# A scan with a stamp: so few glyphs on a page so covered by a picture are not what the page says.
FEW_GLYPHS = 200
MUCH_PICTURE = 0.3
MAX_PICTURES = 500
WORD_GAP = 0.25  # of the glyphs' height: wider, a new word begins
CELL_GAP = 1.1  # wider, a new cell


@dataclass(frozen=True, slots=True)
class Glyph:
    text: str
    box: Box  # points, upright page, origin top left
    mapped: bool = True
    level: bool = True  # runs from left to right, not up or down the margin

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


def read_text_layer(page: pdfium.PdfPage, number: int) -> Page | None:
    """None where the page has no text layer that can be trusted."""
    frame = Frame.of(page)
    runs = list(_runs(_glyphs(page, frame)))
    if not _can_be_trusted([glyph for run in runs for glyph in run], page):
        return None
    lines = in_reading_order(_lines(runs, frame))
    return Page(number, round(frame.width, 2), round(frame.height, 2), "text_layer", tuple(lines))


def _can_be_trusted(glyphs: Sequence[Glyph], page: pdfium.PdfPage) -> bool:
    if len(glyphs) < MIN_GLYPHS or sum(glyph.mapped for glyph in glyphs) < MIN_MAPPED * len(glyphs):
        return False
    if len({glyph.text for glyph in glyphs if glyph.text.isalnum()}) < MIN_LETTERS:
        return False
    return len(glyphs) >= FEW_GLYPHS or _picture_share(page) <= MUCH_PICTURE


def _picture_share(page: pdfium.PdfPage) -> float:
    width, height = page.get_size()
    pictures = islice(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3), MAX_PICTURES)
    areas = ((right - left) * (top - bottom) for left, bottom, right, top in (it.get_bounds() for it in pictures))
    return sum(areas) / max(width * height, 1.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible part of a page and how it is turned: from PDF's coordinates to a reader's."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> Frame:
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation())

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.rotation in (90, 270) else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.rotation in (90, 270) else self.top - self.bottom

    def upright(self, left: float, right: float, bottom: float, top: float) -> Box:
        x0, x1 = left - self.left, right - self.left
        y0, y1 = self.top - top, self.top - bottom
        across, down = self.right - self.left, self.top - self.bottom
        match self.rotation:
            case 90:
                return down - y1, x0, down - y0, x1
            case 180:
                return across - x1, down - y1, across - x0, down - y0
            case 270:
                return y0, across - x1, y1, across - x0
        return x0, y0, x1, y1

    def shares(self, box: Box) -> Box:
        x0, y0, x1, y1 = box
        return (
            _share(x0, self.width),
            _share(y0, self.height),
            _share(x1, self.width),
            _share(y1, self.height),
        )


def _share(position: float, whole: float) -> float:
    return round(min(1.0, max(0.0, position / whole)), 5)


def _glyphs(page: pdfium.PdfPage, frame: Frame) -> Iterator[Glyph | None]:
    """In the order of the file; None for white space. What lies outside the page is not on it."""
    layer = page.get_textpage()
    rect = pdfium_c.FS_RECTF()
    for index in range(min(layer.count_chars(), MAX_GLYPHS)):
        code = pdfium_c.FPDFText_GetUnicode(layer, index)
        text = chr(code) if 32 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if not text or text.isspace():
            yield None
            continue
        if not pdfium_c.FPDFText_GetLooseCharBox(layer, index, ctypes.byref(rect)):
            continue
        box = frame.upright(rect.left, rect.right, rect.bottom, rect.top)
        if 0 <= (box[0] + box[2]) / 2 <= frame.width and 0 <= (box[1] + box[3]) / 2 <= frame.height:
            yield Glyph(text, box, _is_mapped(layer, index, text), _is_level(layer, index, frame))


def _is_mapped(layer: pdfium.PdfTextPage, index: int, text: str) -> bool:
    """Whether the file says which letter this shape is: private codes and controls are only shapes."""
    unmapped = pdfium_c.FPDFText_HasUnicodeMapError(layer, index) == 1
    return not unmapped and unicodedata.category(text) not in ("Co", "Cn", "Cc") and text != "\ufffd"


def _is_level(layer: pdfium.PdfTextPage, index: int, frame: Frame) -> bool:
    turned = math.degrees(pdfium_c.FPDFText_GetCharAngle(layer, index)) + frame.rotation
    return (turned + 20) % 360 < 40


def _runs(glyphs: Iterable[Glyph | None]) -> Iterator[list[Glyph]]:
    """Words: glyphs that follow each other closely on one base line."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and (glyph is None or not _continues(run[-1], glyph)):
            yield run
            run = []
        if glyph is not None and not (run and _is_shadow(run[-1], glyph)):
            run.append(glyph)
    if run:
        yield run


def _continues(last: Glyph, glyph: Glyph) -> bool:
    size = max(last.height, glyph.height, 0.1)
    if glyph.level != last.level:
        return False
    if not glyph.level:  # up or down a margin: no telling where a word ends but by white space
        return abs(glyph.box[0] - last.box[0]) < size and abs(glyph.box[1] - last.box[1]) < 2 * size
    return abs(glyph.box[3] - last.box[3]) < 0.5 * size and -0.7 * size < glyph.box[0] - last.box[2] < WORD_GAP * size


def _is_shadow(last: Glyph, glyph: Glyph) -> bool:
    """Bold print made by printing twice, a hair apart."""
    return glyph.text == last.text and abs(glyph.box[0] - last.box[0]) < 0.15 * max(last.height, 0.1)


def _lines(runs: Sequence[Sequence[Glyph]], frame: Frame) -> Iterator[Line]:
    """Words side by side, until a gap too wide for a space."""
    yield from (_line([_word(run, frame)]) for run in runs if not run[0].level)
    line: list[Word] = []
    for row in _rows([_word(run, frame) for run in runs if run[0].level]):
        for word in row:
            if line and (word.box[0] - line[-1].box[2]) * frame.width > CELL_GAP * _height(word, line[-1], frame):
                yield _line(line)
                line = []
            line.append(word)
        yield _line(line)
        line = []


def _height(one: Word, other: Word, frame: Frame) -> float:
    return max(word.box[3] - word.box[1] for word in (one, other)) * frame.height


def _word(run: Sequence[Glyph], frame: Frame) -> Word:
    text = unicodedata.normalize("NFKC", "".join(glyph.text for glyph in run))
    return Word(text, frame.shares(_around(glyph.box for glyph in run)), 1.0)


def _around(boxes: Iterable[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    """Words whose middles lie in each other's height share a row."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.box[1] + word.box[3]):
        if rows and _level(rows[-1][0], word):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.box[0]) for row in rows]


def _level(one: Word, other: Word) -> bool:
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return shared > 0.5 * min(one.box[3] - one.box[1], other.box[3] - other.box[1])


def _line(words: Sequence[Word]) -> Line:
    return Line(" ".join(word.text for word in words), _around(word.box for word in words), 1.0, tuple(words))
