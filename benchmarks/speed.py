"""How fast extraction is: against public peers in the same run, and around its engines.

    python benchmarks/speed.py [--only ocr|speech|overhead|workers|memory|warm] [--jobs 120] [--images 16]

Every figure is a ratio or a sum taken on this machine in this run; a target missed is printed, not raised.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from figures import Figures
from peers import measure_ocr, measure_speech, records
from service import resident_mib, sample, service, worker_tree

ROOT = Path(__file__).resolve().parent.parent
RECEIPT = {name: {"type": ["string", "null"]} for name in ("company", "date", "address", "total")}
IN_ENGINE = ("decode_ms", "recognize_ms")
STEP = 50  # jobs between two looks at the memory


def main() -> int:
    arguments = _arguments()
    data = Path(os.environ.get("LITTLEPULL_DATA", ROOT.parent / "shared" / "data"))
    figures = Figures()
    for name in [arguments.only] if arguments.only else list(SECTIONS):
        SECTIONS[name](data, figures, arguments)
    figures.show()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(SECTIONS))
    parser.add_argument("--images", type=int, default=16, help="receipts for the race against RapidOCR")
    parser.add_argument("--easyocr-images", type=int, default=4, help="EasyOCR takes many seconds for each")
    parser.add_argument("--seconds", type=float, default=150.0, help="of recordings for the race against Whisper")
    parser.add_argument("--jobs", type=int, default=120, help="to watch the memory over; 500 for the whole story")
    parser.add_argument("--receipts", type=int, default=12, help="in the queue, for one worker and for two")
    return parser.parse_args()


def measure_ocr_engines(data: Path, figures: Figures, arguments: argparse.Namespace) -> None:
    measure_ocr(data, figures, images=arguments.images, easyocr_images=arguments.easyocr_images)


def measure_speech_engines(data: Path, figures: Figures, arguments: argparse.Namespace) -> None:
    measure_speech(data, figures, seconds=arguments.seconds)


def measure_overhead(data: Path, figures: Figures, arguments: argparse.Namespace) -> None:
    """What a job costs beside reading: HTTP, first look, queue, pipes, mapping, database."""
    with service() as ours:
        for _ in range(3):
            ours.extract(*sample("invoice"))
        runs = [_timed(ours.extract, *sample("invoice")) for _ in range(30)]
    timings = [run[1]["timings"] for run in runs]
    around = [
        wall - sum(spent.get(name, 0) for name in IN_ENGINE) for (wall, _), spent in zip(runs, timings, strict=True)
    ]
    print(f"\none job of a PDF with a text layer, {len(runs)} times, milliseconds at the median")
    print(f"  whole HTTP request {median(wall for wall, _ in runs):.1f}")
    for name in sorted({name for spent in timings for name in spent}):
        print(f"    {name:<16}{median(spent.get(name, 0) for spent in timings):6.1f}")
    figures.at_most("around the engines, a job (median)", median(around), 60, "ms")
    figures.at_most("pick-up of a queued job, idle (median)", median(spent["queued_ms"] for spent in timings), 20, "ms")


def _timed(act: Callable[..., dict[str, Any]], *arguments: Any) -> tuple[float, dict[str, Any]]:
    started = time.perf_counter()
    answer = act(*arguments)
    return 1000 * (time.perf_counter() - started), answer


def measure_workers(data: Path, figures: Figures, arguments: argparse.Namespace) -> None:
    receipts = [media for _, media in records(data / "receipts")[: arguments.receipts]]
    receipts = receipts or [sample("receipt")[1]] * arguments.receipts
    schema = {"type": "object", "properties": RECEIPT}
    rates = {}
    for slots in (1, 2):
        with service(WORKER_SLOTS=str(slots), ENGINE_THREADS="1", ENGINE_PRELOAD="rapidocr") as ours:
            ours.extract("warm.jpg", receipts[0], schema)
            started = time.perf_counter()
            queued = [ours.submit("receipt.jpg", media, schema) for media in receipts]
            for extraction in queued:
                ours.follow(extraction)
            rates[slots] = len(receipts) / (time.perf_counter() - started)
        print(f"\n{slots} worker(s) with one thread each: {rates[slots]:.2f} receipts a second")
    figures.at_least("two workers against one", rates[2] / rates[1], 1.7)


def measure_memory(data: Path, figures: Figures, arguments: argparse.Namespace) -> None:
    """Small documents, pictures and now and then a recording, one after the other."""
    resident: list[float] = []
    with service() as ours:
        print(f"\nmemory of the worker and its engine, MiB, over {arguments.jobs} jobs")
        for number in range(1, arguments.jobs + 1):
            name = "voice_memo" if number % 25 == 10 else "receipt" if number % 3 == 0 else "invoice"
            ours.extract(*sample(name))
            if number % STEP == 0 or number in (20, arguments.jobs):
                resident.append(resident_mib(worker_tree()))
                print(f"  after {number:>4} jobs {resident[-1]:8.0f}", flush=True)
    figures.at_most("worker and engine, OCR and speech loaded", max(resident) / 1024, 1.2, "GiB")
    figures.at_most(f"its growth from job 20 to {arguments.jobs}", resident[-1] - resident[0], 64, "MiB")


def measure_warmth(data: Path, figures: Figures, arguments: argparse.Namespace) -> None:
    """The first job after /readyz said yes, against the later ones."""
    for name in ("invoice", "receipt", "voice_memo"):
        with service() as ours:
            first, *later = [_timed(ours.extract, *sample(name))[0] for _ in range(8)]
        print(f"\n{name}: first job {first:.0f} ms, later ones {median(later):.0f} ms at the median")
        figures.at_most(f"first {name} after /readyz, against later ones", first / median(later), 2.0, "x")


SECTIONS: dict[str, Callable[[Path, Figures, argparse.Namespace], None]] = {
    "ocr": measure_ocr_engines,
    "speech": measure_speech_engines,
    "overhead": measure_overhead,
    "workers": measure_workers,
    "memory": measure_memory,
    "warm": measure_warmth,
}


if __name__ == "__main__":
    sys.exit(main())
