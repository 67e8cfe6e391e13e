"""Pictures: opened by the one decoder their bytes call for, checked, and turned into upright RGB pixels."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from extraction.media.complaints import decodes_cleanly
from extraction.media.decoding import decoding
from extraction.media.facts import MediaFacts
from extraction.media.refusals import MAX_IMAGE_PIXELS, MAX_PAGES, refused
from extraction.media.sniff import HEIC, JPEG, TIFF, Sniffed

if TYPE_CHECKING:
    import numpy as np

READ_PIXELS = 6_000_000  # more tells the engines nothing and costs memory
Image.MAX_IMAGE_PIXELS = None  # judged here instead, for every frame and with a reason the caller understands


def open_image(media: bytes, sniffed: Sniffed) -> Image.Image:
    if sniffed is HEIC:
        _allow_heif()
    with decoding():
        image = Image.open(io.BytesIO(media), formats=[sniffed.format])
    check_pixels(image.size)
    return image


def _allow_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def check_pixels(size: tuple[int, int]) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise refused("media_unreadable")
    if width * height > MAX_IMAGE_PIXELS:
        raise refused("image_too_many_pixels")


def probe_image(media: bytes, sniffed: Sniffed) -> MediaFacts:
    """Decodes the first frame for real: a header alone does not show that the rest is missing."""
    image = open_image(media, sniffed)
    width, height = _upright_size(image)
    pages = count_frames(image) if sniffed is TIFF else 1
    with decoding():
        if sniffed is JPEG:
            image.draft("RGB", (max(1, width // 8), max(1, height // 8)))
        _load(image)
    return MediaFacts("image", sniffed.media_type, len(media), pages=pages, width=width, height=height)


def _load(image: Image.Image) -> None:
    if image.info.get("compression") != "group4":
        image.load()
    elif not decodes_cleanly(image.load):
        raise refused("media_unreadable")


def count_frames(image: Image.Image) -> int:
    """Walks the frames' headers, checks each, and returns to the first."""
    with decoding():
        frames = getattr(image, "n_frames", 1)
        if frames > MAX_PAGES:
            raise refused("media_too_long")
        for frame in range(1, frames):
            image.seek(frame)
            check_pixels(image.size)
        image.seek(0)
    return frames


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if _orientation(image) in (5, 6, 7, 8) else (width, height)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation. A broken EXIF block is no reason to refuse a good picture."""
    try:
        return image.getexif().get(0x0112, 1)
    except Exception:  # the parser meets anything in a hostile file; the picture itself is judged elsewhere
        return 1


def upright_pixels(image: Image.Image) -> np.ndarray:
    """The current frame as an RGB array of bounded size, the way a person would hold it."""
    import numpy as np

    with decoding():
        orientation = _orientation(image)
        scale = min(1.0, math.sqrt(READ_PIXELS / (image.width * image.height)))
        target = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image.draft("RGB", target)
        _load(image)
        shown = _on_white(image)
        if shown.width > target[0]:
            shown = shown.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
        turned = _TURNS.get(orientation)
        return np.asarray(shown.transpose(turned) if turned is not None else shown)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _on_white(image: Image.Image) -> Image.Image:
    """RGB. Transparency becomes paper: black print on a transparent ground would else turn black on black."""
    if image.mode.startswith(("I", "F")):
        return ImageOps.autocontrast(_eight_bits(image)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scanners write 16 bits a pixel; Pillow's own conversion would clip them to white."""
    import numpy as np

    values = np.asarray(image, dtype=np.float32)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8))
