"""How sure a value is, 0 to 1, from four things the mapper knows: what candidates are told apart by.

    confidence = recognition x (0.35 + 0.65 label) x validity x (0.7 + 0.3 margin)

recognition: what the engine said of the letters; label: how well layout and wording name the
value; validity: how well the text has its type; margin: how far the runner-up is behind.
The weights are set by hand. What callers see is this figure as a probability: see calibration.py.
"""

from __future__ import annotations

from extraction.mapping.evidence import Candidate


def confidence(candidate: Candidate) -> float:
    label = min(max(candidate.label, 0.0), 1.0)
    sure = candidate.recognition * (0.35 + 0.65 * label) * candidate.validity * (0.7 + 0.3 * candidate.margin)
    return round(min(max(sure, 0.01), 0.99), 3)


def score(candidate: Candidate) -> float:
    """By what candidates for one place are ranked: the words of the label before the sharpness of the print."""
    return candidate.label * candidate.validity * (0.8 + 0.2 * candidate.recognition)


def margin(best: Candidate, others: list[Candidate]) -> float:
    """1 where no other value was in the running, towards 0 as another value comes level."""
    rivals = [score(other) for other in others if other.value != best.value]
    if not rivals or score(best) <= 0:
        return 1.0
    return max(0.0, 1.0 - max(rivals) / score(best))
