"""Slanted quadrilaterals to level lines, and lines to reading order."""

from __future__ import annotations

import math

import numpy as np

from extraction.engines.quads import Level, Quad, slant, to_lines
from extraction.engines.turning import read_upright
from extraction.reading_order import in_reading_order


def levelled(quads, width, height):
    return to_lines(quads, Level(slant(quads), width, height))


def at(text: str, x: float, y: float, *, slope: float = 0.0, width: float = 0, height: float = 30) -> Quad:
    """A line whose left end is on a row that is level before the page is turned by `slope`."""
    width = width or 14 * len(text)
    cos, sin = math.cos(slope), math.sin(slope)
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Quad(text, [[a * cos - b * sin, a * sin + b * cos] for a, b in corners], 0.9)


def ordered(*quads: Quad) -> list[str]:
    return [line.text for line in in_reading_order(levelled(quads, 1000, 1400))]


def test_a_row_of_a_page_photographed_aslant_stays_a_row():
    slope = math.radians(5)
    cells = [(row, label, x) for row in range(6) for label, x in (("name", 60), ("amount", 760))]
    quads = [at(f"{label} {row}", x, 200 + 45 * row, slope=slope) for row, label, x in cells]
    assert ordered(*reversed(quads)) == [f"{label} {row}" for row, label, _ in cells]


def test_levelled_boxes_are_as_flat_as_the_print():
    slope = math.radians(-6)
    quads = [at("a line of some length", 100, 300 + 60 * row, slope=slope) for row in range(4)]
    for line in levelled(quads, 1000, 1400):
        assert (line.box[3] - line.box[1]) * 1400 < 32


def test_words_far_apart_are_cells_of_their_own():
    words = tuple((text, 0.9, at(text, x, 0).corners) for text, x in (("Total", 0), ("30.30", 400)))
    quad = Quad("Total 30.30", at("", 0, 0, width=470).corners, 0.9, words)
    assert [line.text for line in levelled([quad], 1000, 1000)] == ["Total", "30.30"]


def test_words_are_estimated_where_an_engine_gives_lines_only():
    (line,) = levelled([at("Grand total", 100, 100, width=220)], 1000, 1000)
    assert [word.text for word in line.words] == ["Grand", "total"]
    assert line.words[0].box[2] < line.words[1].box[0] and line.words[1].box[2] == line.box[2]


def test_tight_print_is_not_taken_for_one_row():
    quads = at("lower line", 105, 122, height=40), at("upper line", 100, 100, height=40)
    assert ordered(*quads) == ["upper line", "lower line"]


def test_no_text_is_no_line():
    assert ordered() == []


def test_a_page_upside_down_is_turned():
    pixels = np.zeros((10, 20, 3), np.uint8)
    pixels[0, 0] = 255

    def read(held: np.ndarray) -> list[Quad]:
        upright = bool(held[-1, -1].any())
        return [
            Quad("readable words" if upright else "ɹǝpɐǝɹ", at("readable", 1, 1).corners, 0.97 if upright else 0.55)
        ]

    quads, quarters = read_upright(read, pixels, good_score=0.8)
    assert (quads[0].text, quarters) == ("readable words", 2)


def test_a_page_that_reads_well_is_read_once():
    times = []

    def read(held: np.ndarray) -> list[Quad]:
        times.append(held)
        return [at("readable words", 0, 0)]

    read_upright(read, np.zeros((10, 20, 3), np.uint8), good_score=0.8)
    assert len(times) == 1
