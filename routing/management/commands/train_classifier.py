"""Fits the task classifier, prints how right it is, and writes the model file that is shipped.

The figure that counts comes from a model that never saw the half of the prompts it is measured on. What is written is
fitted on all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from routing import task_model
from routing.task_training import (
    Comparison,
    Prompt,
    Written,
    cross_validate,
    in_training_half,
    measure,
    read_comparisons,
    read_prompts,
    train,
    write_texts,
)


class Command(BaseCommand):
    help = "Fits the task classifier on our own texts and on labelled prompts, and writes its model file."

    def add_arguments(self, parser: CommandParser) -> None:
        default = Path(settings.BASE_DIR).parent / "shared" / "data" / "prompts"
        parser.add_argument("--data", type=Path, default=default, help="folder of the labelled prompts")
        parser.add_argument("--out", type=Path, default=task_model.FILE, help="where the model file goes")
        parser.add_argument("--quick", action="store_true", help="write the model without the figures")

    def handle(self, *args: Any, data: Path, out: Path, quick: bool, **options: Any) -> None:
        prompts, comparisons = read_prompts(data), read_comparisons(data)
        written = write_texts()
        self.stdout.write(f"{len(written.rows)} texts of our own, {len(prompts)} labelled prompts")
        if prompts and not quick:
            self._print_figures(written, prompts, comparisons)
        held = cross_validate(written, prompts)
        if prompts:
            self.stdout.write(f"cross-validation over all: accuracy {held.accuracy:.3f}")
        model = train(written, prompts, comparisons, held)
        task_model.write_model(model, out)
        self.stdout.write(f"{out.name}: {out.stat().st_size / 1024:.0f} KiB, heat {model.heat:.2f}")
        if prompts:
            self.stdout.write(f"fitted on all of them, seen again: {measure(model, prompts).accuracy:.3f}")

    def _print_figures(self, written: Written, prompts: list[Prompt], comparisons: list[Comparison]) -> None:
        seen = [prompt for prompt in prompts if in_training_half(prompt.id)]
        kept = [prompt for prompt in prompts if not in_training_half(prompt.id)]
        half = train(written, seen, [one for one in comparisons if in_training_half(one.id)])
        by_source = cross_validate(written, prompts, lambda prompt: prompt.source)
        figures = measure(half, kept)
        ours = measure(train(written, [], []), prompts)
        self.stdout.write(f"kept-out half ({figures.count}): accuracy {figures.accuracy:.3f}")
        self.stdout.write(f"its expected calibration error: {figures.calibration_error:.3f}")
        self.stdout.write(f"each source kept out in turn: accuracy {by_source.accuracy:.3f}")
        self.stdout.write(f"our own texts alone, all prompts: accuracy {ours.accuracy:.3f}")
