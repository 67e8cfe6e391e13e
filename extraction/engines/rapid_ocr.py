"""RapidOCR: PP-OCRv6 small on ONNX. Its weights are inside its wheel; it needs no torch and no download."""

from __future__ import annotations

import importlib.util
import math
from functools import cache
from typing import TYPE_CHECKING, Any

from extraction.engines.quads import Quad
from extraction.engines.spawning import threads
from extraction.media.refusals import refused

if TYPE_CHECKING:
    import numpy as np

# Where the text is, is looked for in a picture of about this many pixels, whatever its shape: a limit on the
# longer side, as shipped, would make the print of a long till roll too small to be found.
DETECT_PIXELS = 700_000
DETECT_SIDE = 2400
GOOD_SCORE = 0.8

# Scripts whose letters are all in the model's dictionary, by language. Not Vietnamese, Greek, Cyrillic,
# Korean, Arabic, Hebrew or the scripts of India and South-East Asia.
SCRIPTS = {
    "latin": "af az bs ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it la lb lt lv ms mt nl no nb nn oc "
    "pl pt rm ro sk sl so sq sv sw tl tr uz zu",
    "chinese": "zh",
    "japanese": "ja",
}
LANGUAGES = frozenset(" ".join(SCRIPTS.values()).split())


def reads(language: str) -> bool:
    return language.partition("-")[0] in LANGUAGES


def installed() -> bool:
    return importlib.util.find_spec("rapidocr") is not None


def load(languages: tuple[str, ...] = ()) -> None:
    _engine()


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError:
        raise refused("engine_not_installed") from None
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # pages upside down are turned as a whole, in extraction.engines.turning
            "Global.max_side_len": 100_000,  # bounded before, by area
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine._load_det_model()
    engine._load_rec_model()
    return engine


def read(pixels: np.ndarray, languages: tuple[str, ...]) -> list[Quad]:
    engine = _engine()
    height, width = pixels.shape[:2]
    scale = min(1.0, math.sqrt(DETECT_PIXELS / (height * width)))
    engine.text_det.limit_side_len = min(DETECT_SIDE, max(64, round(max(height, width) * scale)))
    found = engine(pixels[:, :, ::-1], return_word_box=True)
    if not found.txts:
        return []
    words = found.word_results or [()] * len(found.txts)
    return [
        Quad(
            text,
            corners.tolist(),
            float(score),
            tuple((part, float(sure), box) for part, sure, box in parts if box),
        )
        for text, corners, score, parts in zip(found.txts, found.boxes, found.scores, words, strict=True)
    ]
