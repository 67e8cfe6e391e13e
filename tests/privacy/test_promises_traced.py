"""Each promise quotes a sentence of one of the two policies, and each sentence is promised or said to be silent."""

from __future__ import annotations

import re

import pytest

from privacy.promises import PROMISES, Document
from privacy.promises.littlepull_policy import LITTLEPULL_SILENT
from privacy.promises.pellet_policy import PELLET_SILENT
from tests.server import ROOT

SEEDS = ROOT.parent / "shared" / "seeds"
SILENT = {Document.LITTLEPULL: LITTLEPULL_SILENT, Document.PELLET: PELLET_SILENT}

pytestmark = pytest.mark.skipif(not SEEDS.exists(), reason="the two policies are not beside the repository")


def policy(document: Document) -> str:
    return flat((SEEDS / f"{document.value}-privacy-policy.txt").read_text())


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("•", " ")).strip()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.code)
def test_it_quotes_the_policy_to_the_letter(promise):
    assert flat(promise.quote) in policy(promise.document)


@pytest.mark.parametrize("document", Document)
def test_no_sentence_is_left_out(document):
    left = policy(document)
    told = [promise.quote for promise in PROMISES if promise.document == document]
    for sentence in sorted({*told, *SILENT[document]}, key=len, reverse=True):
        left = left.replace(flat(sentence), " ")
    assert re.findall(r"\w{4,}", left) == []


def test_there_are_forty_and_more():
    assert len({promise.quote for promise in PROMISES}) >= 40
    assert len({promise.code for promise in PROMISES}) == len(PROMISES)
