"""EasyOCR: for the scripts that RapidOCR's small model lacks, and for those who choose it. Needs torch."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extraction.engines import limits, weights
from extraction.engines.quads import Quad
from extraction.media.refusals import refused

if TYPE_CHECKING:
    import numpy as np

CANVAS = 1280  # pixels on the longer side while looking for text; 2560 as shipped takes twice as long
GOOD_SCORE = 0.35  # it is modest: a page read well has 0.6
OWN_NAMES = {
    "zh": "ch_sim",
    "zh-tw": "ch_tra",
    "zh-hk": "ch_tra",
    "zh-hant": "ch_tra",
    "nb": "no",
    "sr": "rs_cyrillic",
}
SCRIPTS = {
    "latin": "af az bs cs cy da de en es et fr ga hr hu id is it ku la lt lv mi ms mt nl no oc pi pl pt ro rs_latin "
    "sk sl sq sv sw tl tr uz vi",
    "arabic": "ar fa ug ur",
    "bengali": "bn as mni",
    "cyrillic": "ru rs_cyrillic be bg uk mn abq ady kbd ava dar inh che lbe lez tab tjk",
    "devanagari": "hi mr ne bh mai ang bho mah sck new gom sa bgc",
    "others": "th ch_sim ch_tra ja ko ta te kn",
}
LANGUAGES = frozenset(" ".join(SCRIPTS.values()).split())


def reads(language: str) -> bool:
    """Its weights may still have to be fetched."""
    return _own_name(language) in LANGUAGES


def installed() -> bool:
    return importlib.util.find_spec("easyocr") is not None


def _own_name(language: str) -> str:
    return OWN_NAMES.get(language.lower()) or OWN_NAMES.get(language.partition("-")[0], language.partition("-")[0])


def load(languages: tuple[str, ...] = ()) -> None:
    _reader(_names(languages))


def _names(languages: tuple[str, ...]) -> tuple[str, ...]:
    """In a fixed order, for the cache. Without a wish: English."""
    return tuple(sorted({_own_name(language) for language in languages})) or ("en",)


@cache
def _reader(names: tuple[str, ...]) -> Any:
    if not installed():
        raise refused("engine_not_installed")
    try:
        return open_reader(names, weights.need("easyocr"), download=False)
    except FileNotFoundError:
        raise weights.Wanted("easyocr", *names) from None
    except ValueError:
        raise refused("language_not_available") from None


def open_reader(names: tuple[str, ...], place: Path, *, download: bool) -> Any:
    """Raises FileNotFoundError where weights are missing, ValueError where languages do not go together."""
    limits.allow_torch()
    declare_missing_operators()
    import easyocr

    return easyocr.Reader(
        list(names),
        gpu=False,
        model_storage_directory=str(place),
        user_network_directory=str(place),
        download_enabled=download,
        verbose=False,
    )


@cache
def declare_missing_operators() -> None:
    """Beside a torch without CUDA, torchvision may exist only in a build whose extension cannot be loaded.

    Its Python part then fails on two operators at import. EasyOCR uses neither: declaring them is enough.
    """
    import torch

    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        raise refused("engine_not_installed")
    for extension in Path(found.origin).parent.glob("_C*.so"):
        try:
            torch.ops.load_library(str(extension))
            return
        except OSError:
            continue
    for operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def read(pixels: np.ndarray, languages: tuple[str, ...]) -> list[Quad]:
    reader = _reader(_names(languages))
    found = reader.readtext(pixels, canvas_size=CANVAS, batch_size=4, width_ths=0.7)
    return [
        Quad(" ".join(text.split()), [[float(x), float(y)] for x, y in corners], float(score))
        for corners, text, score in found
        if text.strip()
    ]
