"""How right the classifier is on prompts it never saw, how fast, and what routing by its difficulty saves.

Accuracy and saving come from a model fitted here on one half of the labelled prompts and measured on the other; then
come the folds, the sources and the languages; the latency is that of the shipped file. Costs are ratios, not dollars: a
strong answer counts as STRONG_COST weak ones, about what lies between a frontier model and a small open one.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "littlepull.settings")

from routing.classify import classify, load, tell  # noqa: E402
from routing.task_features import make_row  # noqa: E402
from routing.task_model import TASKS, Model  # noqa: E402
from routing.task_reading import read  # noqa: E402
from routing.task_training import (  # noqa: E402
    Comparison,
    PartOf,
    Prompt,
    Written,
    cross_validate,
    in_training_half,
    measure,
    measure_languages,
    read_comparisons,
    read_prompts,
    train,
    write_texts,
)

DATA = Path(os.environ.get("LITTLEPULL_DATA", ROOT.parent / "shared" / "data")) / "prompts"
WEAK_COST, STRONG_COST = 1.0, 25.0
WANTED_RECOVERY = 0.8  # of the gap between weak and strong; sets the threshold, on the half it is fitted on
TARGET_ACCURACY, TARGET_MS = 0.90, 1.0
DRAWS = 2000
LAPS = 5


def main() -> None:
    prompts, comparisons = read_prompts(DATA), read_comparisons(DATA)
    if not prompts:
        print(f"skipped: no labelled prompts in {DATA.name}/ beside the project")
        return
    written = write_texts()
    model = train(
        written,
        [prompt for prompt in prompts if in_training_half(prompt.id)],
        [one for one in comparisons if in_training_half(one.id)],
    )
    print_accuracy(model, [prompt for prompt in prompts if not in_training_half(prompt.id)])
    print_held_out(written, prompts)
    print_languages(written)
    print_latency(prompts)
    if comparisons:
        print_routing(model, comparisons)
    else:
        print("routing: skipped, no answers of weak and strong models")


def print_accuracy(model: Model, kept: list[Prompt]) -> None:
    figures = measure(model, kept)
    verdict = "met" if figures.accuracy >= TARGET_ACCURACY else "not met"
    print(f"accuracy on {figures.count} prompts kept out: {figures.accuracy:.3f} (target {TARGET_ACCURACY}: {verdict})")
    print(f"expected calibration error: {figures.calibration_error:.3f}")
    print("\nconfusion (rows: true, columns: told)")
    print(" " * 18 + " ".join(task[:6].rjust(6) for task in TASKS))
    for true in TASKS:
        cells = (figures.confusion.get((true, told), 0) for told in TASKS)
        print(true.ljust(18) + " ".join((str(cell) if cell else ".").rjust(6) for cell in cells))


def print_held_out(written: Written, prompts: list[Prompt]) -> None:
    """Each figure from fits that saw nothing of what they are measured on."""
    ours = [int(written.fitted.scores(make_row(read(p.body))).argmax()) == TASKS.index(p.task) for p in prompts]
    print(f"\nour own texts alone, all {len(prompts)} prompts: {np.mean(ours):.3f}")
    ways: dict[str, PartOf | None] = {
        "fold": None,
        "half": lambda prompt: "the other half" if in_training_half(prompt.id) else "the half kept out",
        "source held out": lambda prompt: prompt.source,
    }
    for name, part_of in ways.items():
        held = cross_validate(written, prompts, part_of)
        print(f"by {name}: {held.accuracy:.3f}")
        for part, (accuracy, count) in held.accuracy_by_part().items():
            print(f"  {part:<42}{accuracy:.3f} of {count}")


def print_languages(written: Written) -> None:
    """Ours alone, on requests that were left out of training and written for this only."""
    print("by language, on requests written for this only:")
    for language, (accuracy, count) in measure_languages(written).items():
        print(f"  {language:<42}{accuracy:.3f} of {count}")


def print_latency(prompts: list[Prompt]) -> None:
    load()
    times = sorted(_timed(prompt) for _ in range(LAPS) for prompt in prompts)
    median, slow = statistics.median(times), times[int(len(times) * 0.99)]
    verdict = "met" if median <= TARGET_MS else "not met"
    print(f"\nclassify: p50 {median:.2f} ms, p99 {slow:.2f} ms (target {TARGET_MS} ms at p50: {verdict})")


def _timed(prompt: Prompt) -> float:
    start = time.perf_counter()
    classify(prompt.body)
    return (time.perf_counter() - start) * 1000


def print_routing(model: Model, comparisons: list[Comparison]) -> None:
    told = {one.id: tell(model, one.body).difficulty for one in comparisons}
    fitted = [one for one in comparisons if in_training_half(one.id)]
    kept = [one for one in comparisons if not in_training_half(one.id)]
    threshold = choose_threshold(fitted, told)
    share = float(np.mean([told[one.id] >= threshold for one in kept]))
    print(f"\nrouting {len(kept)} prompts kept out; cost in weak answers, a strong one is {STRONG_COST:.0f}")
    print(f"threshold {threshold:.3f}, chosen on the other {len(fitted)}")
    print(f"{'policy':<22}{'strong':>8}{'right':>8}{'cost/1k':>10}{'cheapest right':>16}{'gap recovered':>15}")
    _print_policy("cheapest (weak)", kept, lambda one: False)
    _print_policy("best (strong)", kept, lambda one: True)
    _print_policy("auto (difficulty)", kept, lambda one: told[one.id] >= threshold)
    _print_random(kept, share)
    _print_policy("oracle", kept, lambda one: one.gain)
    area = recovered_area(kept, lambda one: told[one.id])
    print(f"average share of the gap recovered over all strong shares: {area:.3f} (random: 0.500)")


def choose_threshold(fitted: Sequence[Comparison], told: dict[str, float]) -> float:
    """The highest that still recovers what is wanted on the half it is chosen on."""
    for threshold in sorted({told[one.id] for one in fitted}, reverse=True):
        if recovery(fitted, [told[one.id] >= threshold for one in fitted]) >= WANTED_RECOVERY:
            return threshold
    return 0.0


def recovery(rows: Sequence[Comparison], strong: Sequence[bool]) -> float:
    weak_right = np.mean([one.weak_right for one in rows])
    strong_right = np.mean([one.strong_right for one in rows])
    return float((_right(rows, strong) - weak_right) / (strong_right - weak_right))


def _right(rows: Sequence[Comparison], strong: Sequence[bool]) -> float:
    return float(np.mean([one.strong_right if up else one.weak_right for one, up in zip(rows, strong, strict=True)]))


def recovered_area(rows: Sequence[Comparison], rank: Callable[[Comparison], float]) -> float:
    ordered = sorted(rows, key=rank, reverse=True)
    shares = [recovery(ordered, [at < count for at in range(len(ordered))]) for count in range(len(ordered) + 1)]
    return float(np.trapezoid(shares, dx=1 / len(ordered)))


def _print_policy(name: str, rows: Sequence[Comparison], picks_strong: Callable[[Comparison], bool]) -> None:
    _print_line(name, [_figures(rows, [picks_strong(one) for one in rows])])


def _print_random(rows: Sequence[Comparison], share: float) -> None:
    random = Random(1)
    draws = [_figures(rows, [random.random() < share for _ in rows]) for _ in range(DRAWS)]
    _print_line("random, same share", draws)


def _figures(rows: Sequence[Comparison], strong: Sequence[bool]) -> dict[str, float]:
    picked = float(np.mean(strong))
    optimal = float(np.mean([up == one.gain for one, up in zip(rows, strong, strict=True)]))
    cost = 1000 * (picked * STRONG_COST + (1 - picked) * WEAK_COST)
    return dict(strong=picked, right=_right(rows, strong), cost=cost, optimal=optimal, gap=recovery(rows, strong))


def _print_line(name: str, figures: Sequence[dict[str, float]]) -> None:
    mean = {key: float(np.mean([one[key] for one in figures])) for key in figures[0]}
    print(
        f"{name:<22}{mean['strong']:>8.2f}{mean['right']:>8.3f}{mean['cost']:>10.0f}"
        f"{mean['optimal']:>16.3f}{mean['gap']:>15.2f}"
    )


if __name__ == "__main__":
    main()
