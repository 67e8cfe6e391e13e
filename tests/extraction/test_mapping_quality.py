"""How well a medium was read: weighed by letters, graded by its worst twentieth."""

from __future__ import annotations

import pytest

from extraction.mapping.quality import Quality, find_quality
from extraction.recognized import Page, Recognized, Segment
from tests.extraction.paper import line, paper


@pytest.mark.parametrize(
    ("confidence", "grade"),
    [
        (0.97, "excellent"),
        (0.9, "excellent"),
        (0.85, "good"),
        (0.8, "good"),
        (0.79, "fair"),
        (0.5, "fair"),
        (0.3, "poor"),
    ],
)
def test_the_grade_follows_the_letters(confidence: float, grade: str):
    assert find_quality(paper("Some Shop", "Total 8.00", confidence=confidence)) == Quality(
        confidence, confidence, grade
    )


def test_a_text_layer_is_excellent_whatever_its_lines_say():
    assert find_quality(paper("Some Shop", source="text_layer", confidence=0.2)) == Quality(1.0, 1.0, "excellent")


def sheet(*parts: tuple[str, float]) -> Recognized:
    lines = tuple(line(text, 0.1, 0.05 + index / 50, confidence) for index, (text, confidence) in enumerate(parts))
    return Recognized(pages=(Page(1, 1000, 1400, "ocr", lines),))


def test_long_text_weighs_more_than_short():
    quality = find_quality(sheet(("a" * 90, 1.0), ("b" * 10, 0.4)))
    assert quality == Quality(mean=0.94, low=0.4, grade="poor")


def test_a_few_bad_letters_on_a_full_page_do_not_spoil_the_grade():
    quality = find_quality(sheet(("a" * 97, 0.95), ("bcd", 0.1)))
    assert quality is not None and (quality.low, quality.grade) == (0.95, "excellent")


def test_punctuation_has_no_say():
    assert find_quality(sheet(("Shop", 0.95), ("-" * 200, 0.1))) == Quality(0.95, 0.95, "excellent")


def test_all_pages_count():
    one, other = paper("Some Shop").pages[0], paper("Some Shop", confidence=0.3).pages[0]
    quality = find_quality(Recognized(pages=(one, other)))
    assert quality is not None and (round(quality.mean, 2), quality.grade) == (0.64, "poor")


def test_a_recording_is_graded_by_its_segments():
    said = (Segment("One two three", 0, 1, 0.92), Segment("four", 1, 2, 0.6))
    quality = find_quality(Recognized(segments=said))
    assert quality is not None and (quality.low, quality.grade) == (0.6, "fair")


@pytest.mark.parametrize("empty", [Recognized(), Recognized(pages=(Page(1, 10, 10, "ocr"),))])
def test_nothing_read_has_no_grade(empty: Recognized):
    assert find_quality(empty) is None
