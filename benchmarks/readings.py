"""The labelled files as the engines read them, as they are and spoiled: what calibration is fitted on.

Spoiled copies are made in memory: turned, darkened, shrunk, noised; scans of PDF pages; recordings under
noise. Reading takes minutes, so readings may be kept in a folder (--cache) for the next run.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, ImageEnhance, ImageFilter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from extraction.engines.recognizing import recognize  # noqa: E402
from extraction.errors import MediaError  # noqa: E402
from extraction.media.audio import blocks  # noqa: E402
from extraction.media.facts import RecognizeRequest  # noqa: E402
from extraction.media.sniff import sniff  # noqa: E402
from extraction.recognized import Recognized  # noqa: E402

Spoil = Callable[[bytes], bytes]
SCAN, FAX = 1.6, 0.85  # times 72 dots per inch
SCANNED_PAGES = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reading of one file. `spoiled` names what was done to it; "" is the file as it is."""

    record: dict[str, Any]
    spoiled: str
    recognized: Recognized


def read_set(folder: Path, kind: str, cache: Path | None, limit: int | None = None) -> Iterator[Labelled]:
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()[:limit]:
        record = json.loads(line)
        if not record.get("truth"):
            continue
        media = (folder / record["file"]).read_bytes()
        for name, spoil in SPOILED[kind].items():
            recognized = _read(media, spoil, f"{record['id']}.{name}", cache)
            if recognized is not None:
                yield Labelled(record, name, recognized)


def _read(media: bytes, spoil: Spoil, name: str, cache: Path | None) -> Recognized | None:
    kept = cache / f"{hashlib.sha256(name.encode()).hexdigest()[:20]}.json" if cache else None
    if kept and kept.exists():
        return Recognized.from_json(json.loads(kept.read_text(encoding="utf-8")))
    try:
        recognized = recognize(spoil(media), RecognizeRequest(""), lambda *_: None)
    except MediaError:  # a protected or empty document: nothing to calibrate on
        return None
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(recognized.to_json()), encoding="utf-8")
    return recognized


def _as_it_is(media: bytes) -> bytes:
    return media


def _turned(media: bytes) -> bytes:
    return _saved(_image(media).rotate(3.5, expand=True, fillcolor=(120, 116, 110), resample=Image.Resampling.BILINEAR))


def _darkened(media: bytes) -> bytes:
    return _saved(ImageEnhance.Contrast(ImageEnhance.Brightness(_image(media)).enhance(0.4)).enhance(0.6), quality=60)


def _shrunk(media: bytes) -> bytes:
    image = _image(media)
    return _saved(image.resize((image.width * 9 // 20, image.height * 9 // 20), Image.Resampling.BILINEAR))


def _noised(media: bytes) -> bytes:
    """Noise, then half the size and a hard JPEG: a forwarded photo of a photo."""
    image = _image(media)
    grain = np.random.default_rng(7).normal(0, 38, (image.height, image.width, 1))
    pixels = np.clip(np.asarray(image, dtype=np.float32) + grain, 0, 255).astype(np.uint8)
    small = Image.fromarray(pixels).resize((image.width * 11 // 20, image.height * 11 // 20))
    return _saved(small, quality=35)


def _blurred(media: bytes) -> bytes:
    """Out of focus, small, and dim."""
    image = ImageEnhance.Brightness(_image(media)).enhance(0.7)
    small = image.resize((image.width // 3, image.height // 3), Image.Resampling.BILINEAR)
    return _saved(small.filter(ImageFilter.GaussianBlur(0.8)), quality=50)


def _scanned(scale: float) -> Spoil:
    """The first pages as one grey picture each, in a PDF without a text layer."""

    def spoil(media: bytes) -> bytes:
        document = pypdfium2.PdfDocument(media)
        pages = [document[index].render(scale=scale).to_pil() for index in range(min(len(document), SCANNED_PAGES))]
        grey = [page.convert("L").rotate(0.6, fillcolor=255) for page in pages]
        out = io.BytesIO()
        grey[0].save(out, "PDF", save_all=True, append_images=grey[1:], resolution=72 * scale)
        return out.getvalue()

    return spoil


def _under_noise(decibels: float) -> Spoil:
    """White noise at this distance below the mean of the sound."""

    def spoil(media: bytes) -> bytes:
        samples = np.concatenate([np.zeros(160, np.float32), *(block for _, block in blocks(media, sniff(media)))])
        loud = float(np.sqrt(np.mean(samples**2)))
        noise = np.random.default_rng(7).normal(0, loud * 10 ** (-decibels / 20), len(samples))
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
            sound.writeframes((np.clip(samples + noise, -1, 1) * 32767).astype("<i2").tobytes())
        return out.getvalue()

    return spoil


def _image(media: bytes) -> Image.Image:
    return Image.open(io.BytesIO(media)).convert("RGB")


def _saved(image: Image.Image, quality: int = 80) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


SPOILED: dict[str, dict[str, Spoil]] = {
    "receipts": {
        "": _as_it_is,
        "turned": _turned,
        "darkened": _darkened,
        "shrunk": _shrunk,
        "noised": _noised,
        "blurred": _blurred,
    },
    "invoices": {"": _as_it_is, "scanned": _scanned(SCAN), "faxed": _scanned(FAX)},
    "speech": {"": _as_it_is, "noise": _under_noise(10), "more noise": _under_noise(5), "loud noise": _under_noise(0)},
}
