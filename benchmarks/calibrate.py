"""Fits the curves of extraction/mapping/calibration.py and says how well they hold.

    python benchmarks/calibrate.py [--cache FOLDER] [--folds 8]

Every labelled file is read as it is and spoiled (readings.py), mapped, and each value judged by its truth.
Errors are given before, after, and cross-validated by document: all copies of a file are in one fold.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from labelled import SCHEMAS, Answer, score_invoice, score_receipt, score_transcript
from readings import ROOT, Labelled, read_set
from scoring import Judged, Scores, calibration_error, discrimination

from extraction.mapping.calibration import Curve, log_of, worst_read
from extraction.mapping.embedded import map_uncalibrated

# Each right value counts as so much less than right: papers unlike those the rules were made on go worse.
SLACK = 0.01
# Where the fit starts from and how firmly it is held there: offset, slope, care. Few labels must not bend it.
START = np.array((4.0, 6.0, 3.0))
HELD = np.array((0.002, 0.002, 0.002))
SMALLEST_STEP = 0.005
DRAWS = 100
SETS = {"paper": ("receipts", "invoices"), "speech": ("speech",)}
THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value: of which set, document and copy, with the recipe's figure, and whether it was right."""

    set: str
    document: str
    spoiled: str
    raw: float
    worst: float  # the worst twentieth of its document's letters
    right: bool


Told = tuple[Sample, float]  # a value, and the confidence of a curve that never saw its document


def main() -> int:
    arguments = _arguments()
    data = Path(os.environ.get("LITTLEPULL_DATA", ROOT.parent / "shared" / "data"))
    for path, names in SETS.items():
        folders = [data / name for name in names if (data / name / "manifest.jsonl").exists()]
        if len(folders) < len(names):
            print(f"{path}: no labelled files found: skipped")
            continue
        samples = [one for folder in folders for one in _samples(folder, arguments)]
        curve = fit(samples)
        print(f"\n{path.upper()} = {curve}")
        held_out = list(_held_out(samples, arguments.folds))
        _print_errors(samples, curve, held_out)
        _print_thresholds(held_out)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="keep what the engines read here: it holds the files' text")
    parser.add_argument("--folds", type=int, default=8)
    return parser.parse_args()


def _samples(folder: Path, arguments: argparse.Namespace) -> Iterator[Sample]:
    for labelled in read_set(folder, folder.name, arguments.cache):
        worst = worst_read(labelled.recognized)
        for name, scores in _judge(folder.name, labelled).items():
            for raw, right in scores.judged():
                yield Sample(name, labelled.record["id"], labelled.spoiled, raw, worst, right)


def _judge(name: str, labelled: Labelled) -> dict[str, Scores]:
    mapped = map_uncalibrated(labelled.recognized, SCHEMAS[name])
    confidences = {field.pointer: field.confidence for field in mapped.fields}
    answer = Answer(mapped.data, confidences, labelled.recognized.text)
    judged = {name: Scores()}
    if name == "receipts":
        score_receipt(judged[name], labelled.record, answer)
    elif name == "invoices":
        judged["line items"] = Scores()
        score_invoice(judged[name], judged["line items"], labelled.record, answer)
    else:
        score_transcript(judged[name], labelled.record, answer)
    return judged


def fit(samples: Sequence[Sample]) -> Curve:
    """The curve with the least squared error of its probabilities (Brier), each set and copy weighing the same.

    Not the likeliest one: a single right transcript of mumbled words would bend that more than all the others.
    """
    judged = list(_weighed(samples))
    features = np.array([[1.0, log_of(one.raw), _log_worst(one)] for one, _ in judged])
    weights = np.array([weight for _, weight in judged])
    rights = np.array([one.right * (1 - SLACK) for one, _ in judged])

    def loss(factors: np.ndarray) -> float:
        missed = rights - 1 / (1 + np.exp(-features @ factors))
        return float(weights @ missed**2 + HELD @ (factors - START) ** 2)

    offset, slope, care = (round(float(factor), 2) for factor in _descend(loss, START))
    return Curve(offset, max(slope, 0.1), max(care, 0.0) if features[:, 2].any() else 0.0)


def _descend(loss: Callable[[np.ndarray], float], factors: np.ndarray) -> np.ndarray:
    """A step up or down in any of the factors at a time, the steps ever smaller: three unknowns need no more."""
    step = 1.0
    moves = [np.array(move) for move in product((-1, 0, 1), repeat=len(factors)) if any(move)]
    while step > SMALLEST_STEP:
        best = min((factors + step * move for move in moves), key=loss)
        if loss(best) < loss(factors):
            factors = best
        else:
            step /= 2
    return factors


def _log_worst(one: Sample) -> float:
    return 0.0 if one.set in SETS["speech"] else log_of(one.worst)


def _weighed(samples: Sequence[Sample]) -> Iterator[tuple[Sample, float]]:
    """A set with many values must not drown the others; copies of one document tell less than documents do."""
    groups: dict[str, int] = {}
    copies: dict[str, set[str]] = {}
    for one in samples:
        groups[one.set] = groups.get(one.set, 0) + 1
        copies.setdefault(one.set, set()).add(one.spoiled)
    mean = len(samples) / len(groups)
    for one in samples:
        yield one, mean / groups[one.set] / len(copies[one.set])


def _held_out(samples: Sequence[Sample], folds: int) -> Iterator[Told]:
    """Every value with the confidence that it gets when its document had no part in the fit."""
    documents = sorted({one.document for one in samples})
    for fold in range(folds):
        held = set(documents[fold::folds])
        curve = fit([one for one in samples if one.document not in held])
        yield from ((one, curve(one.raw, one.worst)) for one in samples if one.document in held)


def _print_errors(samples: Sequence[Sample], curve: Curve, held_out: Sequence[Told]) -> None:
    """`held out`: by document; `other sets`: by the curve fitted on all sets but this; `chance`: see _by_chance."""
    print(f"{'ECE':<24}{'values':>7}{'right':>7}{'before':>8}{'after':>7}", end="")
    print(f"{'held out':>10}{'other sets':>12}{'chance':>8}{'AUROC':>7}")
    for name in dict.fromkeys(one.set for one in samples):
        documents = {one.document for one in samples if one.set == name}
        others = [one for one in samples if one.document not in documents]
        foreign = fit(others) if others else None
        for as_is in (True, False):
            belongs = partial(_belongs, name=name, as_is=as_is)
            row = [one for one in samples if belongs(one)]
            told = [pair for pair in held_out if belongs(pair[0])]
            _print_row(f"{name}, {'as they are' if as_is else 'spoiled'}", row, curve, told, foreign)
    _print_row("all", samples, curve, held_out, None)


def _belongs(sample: Sample, name: str, as_is: bool) -> bool:
    return sample.set == name and (not sample.spoiled) == as_is


def _print_row(
    title: str, samples: Sequence[Sample], curve: Curve, held_out: Sequence[Told], foreign: Curve | None
) -> None:
    after = _judged(samples, curve)
    held = calibration_error([(confidence, one.right) for one, confidence in held_out])
    before = calibration_error([(one.raw, one.right) for one in samples])
    right = sum(one.right for one in samples) / len(samples)
    other = f"{calibration_error(_judged(samples, foreign)):.3f}" if foreign else "-"
    ranked = discrimination(after)
    print(f"{title:<24}{len(samples):>7}{right:>7.3f}{before:>8.3f}{calibration_error(after):>7.3f}", end="")
    print(f"{held:>10.3f}{other:>12}{_by_chance(after):>8.3f}{'-' if ranked is None else f'{ranked:.2f}':>7}")


def _judged(samples: Sequence[Sample], curve: Curve) -> list[Judged]:
    return [(curve(one.raw, one.worst), one.right) for one in samples]


def _print_thresholds(held_out: Sequence[Told]) -> None:
    """What a caller who keeps values from a threshold up gets, by confidences of curves that never saw them."""
    print(f"\n{'threshold':>9}{'as they are: kept':>20}{'right':>7}{'spoiled: kept':>16}{'right':>7}")
    for threshold in THRESHOLDS:
        print(f"{threshold:>9}", end="")
        for as_is, width in ((True, 20), (False, 16)):
            told = [pair for pair in held_out if (not pair[0].spoiled) == as_is]
            kept = [one.right for one, confidence in told if confidence >= threshold]
            print(f"{len(kept) / len(told):>{width}.2f}{sum(kept) / max(len(kept), 1):>7.3f}", end="")
        print()


def _by_chance(judged: Sequence[Judged]) -> float:
    """The error that a perfectly calibrated confidence would show over so few values."""
    draws = np.random.default_rng(1)
    told = [confidence for confidence, _ in judged]
    return sum(calibration_error([(one, draws.random() < one) for one in told]) for _ in range(DRAWS)) / DRAWS


if __name__ == "__main__":
    sys.exit(main())
