"""Our engines against the public ones as shipped: the same files in turn, so that noise hits both alike.

Ours are asked through the media process that a worker uses: the pipe, the decoding and the checks are in
their time. The peers are called in this process, with their models loaded once and their own defaults.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from figures import Figures, compare  # noqa: E402
from scoring import in_text, word_errors  # noqa: E402

from extraction.engines import easy_ocr, weights  # noqa: E402
from extraction.engines.process import EngineProcess  # noqa: E402
from extraction.media.audio import blocks  # noqa: E402
from extraction.media.facts import RecognizeRequest  # noqa: E402
from extraction.media.sniff import sniff  # noqa: E402

KINDS = {"company": "text", "date": "date", "address": "text", "total": "number"}
Record = dict[str, Any]


class Ours:
    """The media process, asked from plain code."""

    def __init__(self, *engines: str, threads: int = 2) -> None:
        self._runner = asyncio.Runner()
        self._process = EngineProcess("engine", threads=threads, preload=engines)
        self._runner.run(self._process.start())

    def read(self, media: bytes) -> str:
        return self._runner.run(self._process.recognize(media, RecognizeRequest(""), _say_nothing)).text

    def close(self) -> None:
        self._runner.run(self._process.close())
        self._runner.close()


async def _say_nothing(stage: str, done: int, total: int) -> None:
    pass


def records(folder: Path) -> list[tuple[Record, bytes]]:
    """With their files; none where the set is not on this machine."""
    manifest = folder / "manifest.jsonl"
    if not manifest.exists():
        print(f"{folder.name}: no labelled files found: skipped")
        return []
    found = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    return [(record, (folder / record["file"]).read_bytes()) for record in found]


def timed(act: Callable[[bytes], str], media: bytes) -> tuple[float, str]:
    started = time.perf_counter()
    text = act(media)
    return time.perf_counter() - started, text


def measure_ocr(data: Path, figures: Figures, *, images: int, easyocr_images: int) -> None:
    receipts = records(data / "receipts")[:images]
    if not receipts:
        return
    ours = Ours("rapidocr")
    try:
        by_medians, gain = _race("RapidOCR", receipts, ours.read, rapid_ocr_as_shipped())
        figures.at_least("OCR against RapidOCR as shipped (medians)", by_medians, 1.5)
        figures.at_least("OCR: truths in the text, ours less theirs", gain, 0.0, "")
        if importlib.util.find_spec("easyocr") is None:
            print("EasyOCR: not installed: skipped")
            return
        by_medians, _ = _race("EasyOCR", receipts[:easyocr_images], ours.read, easy_ocr_as_shipped())
        figures.at_least("OCR against EasyOCR as shipped (medians)", by_medians, 8.0)
    finally:
        ours.close()


def _race(
    name: str, receipts: Sequence[tuple[Record, bytes]], ours: Callable[[bytes], str], theirs: Callable[[bytes], str]
) -> tuple[float, float]:
    """(how many times as fast by medians, our ceiling less theirs)."""
    ours(receipts[0][1]), theirs(receipts[0][1])
    runs = [(record, timed(ours, media), timed(theirs, media)) for record, media in receipts]
    by_medians, by_sums = compare([run[1][0] for run in runs], [run[2][0] for run in runs])
    held = [ceiling((record, text) for record, (_, text), _ in runs), ceiling((r, text) for r, _, (_, text) in runs)]
    print(f"\nOCR against {name} as shipped, {len(runs)} images, seconds an image (median and sum)")
    for label, side in (("ours", 1), (name, 2)):
        seconds = [run[side][0] for run in runs]
        print(f"  {label:<10}{median(seconds):8.2f}{sum(seconds):9.1f}   truths in the text {held[side - 1]:.3f}")
    print(f"  ratio     {by_medians:8.2f}{by_sums:9.2f}")
    return by_medians, held[0] - held[1]


def ceiling(readings: Iterator[tuple[Record, str]]) -> float:
    """The share of the truths that the recognized text holds."""
    found = [
        in_text(kind, record["truth"][name], text, record["truth"][name].strip("()"))
        for record, text in readings
        for name, kind in KINDS.items()
        if record["truth"].get(name)
    ]
    return sum(found) / len(found)


def rapid_ocr_as_shipped() -> Callable[[bytes], str]:
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "critical"})
    return lambda media: "\n".join(engine(media).txts or ())


def easy_ocr_as_shipped() -> Callable[[bytes], str]:
    easy_ocr.declare_missing_operators()
    import easyocr

    place = str(weights.ready("easyocr"))
    reader = easyocr.Reader(
        ["en"],
        gpu=False,
        model_storage_directory=place,
        user_network_directory=place,
        download_enabled=False,
        verbose=False,
    )
    return lambda media: "\n".join(text for _, text, _ in reader.readtext(media))


def measure_speech(data: Path, figures: Figures, *, seconds: float) -> None:
    spoken = list(_up_to(seconds, [(r, media) for r, media in records(data / "speech") if r["truth"]["text"]]))
    if not spoken or importlib.util.find_spec("whisper") is None:
        print("speech: the set or openai-whisper is missing: skipped")
        return
    ours, theirs = Ours("faster-whisper"), whisper_as_shipped()
    try:
        ours.read(spoken[0][1]), theirs(spoken[0][1])
        runs = [(record["truth"]["text"], timed(ours.read, media), timed(theirs, media)) for record, media in spoken]
    finally:
        ours.close()
    by_medians, by_sums = compare([run[1][0] for run in runs], [run[2][0] for run in runs])
    rates = [_word_error_rate([(run[0], run[side][1]) for run in runs]) for side in (1, 2)]
    length = sum(record["duration_s"] for record, _ in spoken)
    print(f"\nspeech against openai-whisper's defaults, same weights, {len(runs)} files, {length:.0f} s of sound")
    for label, side in (("ours", 1), ("whisper", 2)):
        took = [run[side][0] for run in runs]
        print(f"  {label:<10}{median(took):8.2f}{sum(took):9.1f}   word error rate {rates[side - 1]:.4f}")
    print(f"  ratio     {by_medians:8.2f}{by_sums:9.2f}")
    figures.at_least("speech against openai-whisper (medians)", by_medians, 2.5)
    figures.at_least("speech against openai-whisper (sums)", by_sums, 2.5)
    figures.at_most("speech: word error rate, ours less theirs", 100 * (rates[0] - rates[1]), 0.5, "pt")


def _up_to(seconds: float, spoken: Sequence[tuple[Record, bytes]]) -> Iterator[tuple[Record, bytes]]:
    """Every second file first, then the others: a manifest may be sorted by speaker."""
    for record, media in [*spoken[::2], *spoken[1::2]]:
        seconds -= record["duration_s"]
        if seconds < 0:
            return
        yield record, media


def whisper_as_shipped() -> Callable[[bytes], str]:
    import numpy
    import whisper

    model = whisper.load_model(str(weights.ready("openai-whisper")), device="cpu")

    def hear(media: bytes) -> str:
        samples = numpy.concatenate([block for _, block in blocks(media, sniff(media))])
        return str(model.transcribe(samples, fp16=False)["text"])

    return hear


def _word_error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    counts = [word_errors(truth, heard) for truth, heard in pairs]
    return sum(wrong for wrong, _ in counts) / sum(words for _, words in counts)
