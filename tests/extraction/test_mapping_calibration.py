"""Confidence is a probability: it rises with the recipe, falls with the page, and says neither never nor always."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from extraction.mapping.calibration import LEAST, MOST, PAPER, SPEECH, Curve
from extraction.mapping.embedded import map_embedded, map_uncalibrated
from tests.extraction.paper import ask, field, paper, talk

FIGURES = [step / 50 for step in range(51)]
TOTAL = {"type": "object", "properties": {"total": {"type": ["number", "null"]}, "iban": {"type": ["string", "null"]}}}


@pytest.mark.parametrize("curve", [PAPER, SPEECH])
@pytest.mark.parametrize("worst", [0.0, 0.5, 1.0])
def test_a_curve_only_rises_and_stays_within_its_bounds(curve: Curve, worst: float):
    told = [curve(figure, worst) for figure in FIGURES]
    assert all(low <= high for low, high in pairwise(told))
    assert told[0] >= LEAST and told[-1] <= MOST
    assert told[0] < 0.1 and curve(1.0, 1.0) > 0.95


def test_a_page_read_badly_is_believed_less_all_over():
    assert [PAPER(figure, 0.5) < PAPER(figure, 1.0) for figure in (0.5, 0.7, 0.9)] == [True] * 3


@pytest.mark.parametrize("media", [paper("Some Shop", "Total: 8.00"), talk("The total is eight euros.")])
def test_calibration_changes_no_value_and_no_place(media):
    raw, told = map_uncalibrated(media, TOTAL), map_embedded(media, TOTAL)
    assert told.data == raw.data and told.data["total"] == 8
    blind = [replace(one, confidence=0.0) for one in told.fields]
    assert blind == [replace(one, confidence=0.0) for one in raw.fields]
    assert field(told, "/total").confidence != field(raw, "/total").confidence


def test_what_has_no_value_keeps_no_confidence():
    assert field(ask(paper("Some Shop"), total="number"), "/total").confidence == 0.0
