"""Where on a page there is text: PP-OCR's detector, and the pieces cut out for reading."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from extraction.engines.onnx import Model

if TYPE_CHECKING:
    import numpy as np

SHA256 = "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"
# Text is looked for in a picture of about this many pixels, whatever its shape: a limit on the longer side,
# as shipped, would make the print of a long till roll too small to be found.
PIXELS = 700_000
SIDE = 2400
STEP = 32  # the network halves a side five times
STRIP = 8.0  # wider than this many heights, or lower than LOW, a picture gets paper above and below
LOW = 30


@cache
def model() -> Model:
    return Model("rapidocr", "models/PP-OCRv6_det_small.onnx", SHA256)


@cache
def _outlines() -> Any:
    from rapidocr.ch_ppocr_det.utils import DBPostProcess

    return DBPostProcess(thresh=0.3, box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, use_dilation=True)


def find(pixels: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Corners (boxes by 4 by 2) in reading order, and the piece of the picture inside each."""
    from rapidocr.ch_ppocr_det.main import TextDetector
    from rapidocr.utils.process_img import apply_vertical_padding, get_rotate_crop_image

    height, width = pixels.shape[:2]
    padded, done = apply_vertical_padding(pixels, {}, STRIP, LOW)
    corners, _ = _outlines()(model().run(_prepared(padded)), padded.shape[:2])
    if not len(corners):
        return corners, []
    corners = TextDetector.sorted_boxes(corners)
    pieces = [get_rotate_crop_image(padded, box.copy()) for box in corners]
    corners[..., 1] -= done["padding_1"]["top"]
    return corners.clip(0, (width, height)), pieces


def _prepared(pixels: np.ndarray) -> np.ndarray:
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    scale = min(1.0, math.sqrt(PIXELS / (height * width)), SIDE / max(height, width))
    size = [max(STEP, round(side * scale / STEP) * STEP) for side in (width, height)]
    shown = cv2.resize(pixels, size)
    return np.multiply(shown.transpose(2, 0, 1)[None], 2 / 255, dtype=np.float32) - np.float32(1)
